"""From the probabilities of a beat's labels to the one that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.samples import NORMAL, SUPRAVENTRICULAR, VENTRICULAR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["USUAL", "decide"]

USUAL: Final = 0.95
"""From this likeness on, a QRS complex has the patient's usual shape ..."""
_USUAL_VENTRICULAR: Final = 0.25
"""... and is ventricular only if that is four times as likely as any other label: alarms hang on it. Chosen by leaving
a third of the records of DS1 and svdb in turn out of training: V +P 89.5 % instead of 85.1 %, Se 87.9 % instead of
90.6 %, F1 0.887 instead of 0.878 (there by the correlation with the template, a likeness of the same kind). With
today's model, on svdb in fifths, it is +P 92.8 % instead of 91.7 %, Se 83.6 % instead of 85.3 %."""


def decide(probabilities: Mapping[str, float], *, has_usual_shape: bool, is_fibrillating: bool) -> tuple[str, float]:
    """The label of a beat and its probability.

    It is the likeliest, with two exceptions. A beat of the usual shape is not called ventricular easily. In atrial
    fibrillation no beat is called a supraventricular premature one: each comes from the atria at no expected time, and
    early ones are what irregular means. It is N, as likely as both were.

    To call an S sooner than its probability says was no better: at two thirds of the likeliest label's, F1 of S went
    from 0.792 to 0.796 on svdb and, by the rhythm features alone, from 0.808 to 0.793 on DS1, in fifths both.

    Args:
        probabilities: of each label.
        has_usual_shape: whether the QRS complex looks like those before (`USUAL`).
        is_fibrillating: whether the rhythm is atrial fibrillation.
    """
    likely = dict(probabilities)
    if is_fibrillating:
        likely[NORMAL] += sum(likely.pop(label, 0.0) for label in SUPRAVENTRICULAR)
    best = max(
        likely,
        key=lambda label: likely[label] * (_USUAL_VENTRICULAR if has_usual_shape and label == VENTRICULAR else 1.0),
    )
    return best, likely[best]
