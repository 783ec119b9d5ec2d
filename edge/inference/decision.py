"""From the probabilities of a beat's labels to the one that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.samples import NORMAL, SUPRAVENTRICULAR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["decide"]


def decide(probabilities: Mapping[str, float], *, fibrillates: bool) -> tuple[str, float]:
    """The label of a beat and its probability.

    It is the likeliest. In atrial fibrillation no beat is called a supraventricular premature one: each comes from the
    atria at no expected time, and early ones are what irregular means. It is N, as likely as both were.

    To call an S sooner than its probability says is no better: at 0.78 of the likeliest label's, F1 of S stays at 0.793
    on `svdb` and, by the rhythm features alone, goes from 0.803 to 0.789 on DS1, in fifths both.

    Args:
        probabilities: of each label.
        fibrillates: whether the rhythm is atrial fibrillation, or often was of late.
    """
    likely = dict(probabilities)
    if fibrillates:
        likely[NORMAL] += sum(likely.pop(label, 0.0) for label in SUPRAVENTRICULAR)
    best = max(likely, key=lambda label: likely[label])
    return best, likely[best]
