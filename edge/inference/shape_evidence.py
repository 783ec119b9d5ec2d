"""Whether a beat is ventricular is a matter of its shape: beats of one shape are judged together.

A premature atrial beat looks like the patient's normal beats, and a ventricular one like the others from the same
focus. So the model's evidence for V, uncertain beat by beat, is averaged over the beats of one shape
(`edge.signal.beat_morphology`). What else the label hangs on, N or S by the rhythm, stays a matter of the single beat.

Kin: the beat types of Hamilton's classifier (P. S. Hamilton, "Open source ECG analysis", Computers in Cardiology 2002),
which gives a type's label to its beats; here it is evidence that is shared, not a label, so that no beat has to wait.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ecg.samples import VENTRICULAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.signal.beat_morphology import BeatShape

__all__ = ["learn", "pool"]

_MOST_BEATS: Final = 128
"""Of so many beats a shape's evidence is the mean."""
_SMALLEST: Final = 1 / 512
"""Probability: half a step of the int8 model."""


def pool(probabilities: Mapping[str, float], shape: BeatShape | None) -> dict[str, float]:
    """The probabilities of a beat's labels with its shape's evidence for V; the others keep their proportions.

    Args:
        probabilities: of each label, by the model.
        shape: of the beat; None where it is the first of its shape.

    Returns:
        The probabilities, of sum 1; as they were where the model has no label V.
    """
    own = _ln_odds(probabilities)
    if own is None:
        return dict(probabilities)
    ln_odds = own if shape is None else shape.ln_odds + _share(shape) * (own - shape.ln_odds)
    pooled = 1 / (1 + math.exp(-ln_odds))
    rest = {label: probability for label, probability in probabilities.items() if label != VENTRICULAR}
    if not any(rest.values()):
        rest = dict.fromkeys(rest, 1.0)  # the model was so sure of V that nothing is known of the others
    scale = (1 - pooled) / sum(rest.values())
    return {label: pooled if label == VENTRICULAR else scale * rest[label] for label in probabilities}


def learn(shape: BeatShape, probabilities: Mapping[str, float]) -> None:
    """Let what the model says of a beat take part in the evidence of its shape."""
    own = _ln_odds(probabilities)
    if own is not None:
        shape.ln_odds += _share(shape) * (own - shape.ln_odds)
        shape.judged += 1


def _share(shape: BeatShape) -> float:
    """Of the next beat in its shape's evidence."""
    return 1 / min(shape.judged + 1, _MOST_BEATS)


def _ln_odds(probabilities: Mapping[str, float]) -> float | None:
    own = probabilities.get(VENTRICULAR)
    if own is None:
        return None
    own = min(max(own, _SMALLEST), 1 - _SMALLEST)
    return math.log(own / (1 - own))
