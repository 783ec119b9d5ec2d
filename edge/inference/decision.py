"""From the probabilities of a beat's labels to the one that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.samples import NORMAL, SUPRAVENTRICULAR, VENTRICULAR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["decide"]

VENTRICULAR_WEIGHT: Final = 2.5
"""Chosen on `svdb`, in fifths. V is told where so many times its probability is more than that of each other label."""

_PACED: Final = "Q"
"""Paced beats, and such as nobody can classify (ANSI/AAMI EC57)."""


def decide(
    probabilities: Mapping[str, float],
    *,
    in_atrial_fibrillation: bool,
    in_wide_tachycardia: bool = False,
    may_be_ventricular: bool = False,
) -> tuple[str, float]:
    """The label of a beat and its probability.

    It is the likeliest, V sooner than its probability says: a model that learned what noise makes of normal beats is
    sparing with it. The probability stays what it is. What other weights do stands in `benchmarks/CHOICES.md`.

    In atrial fibrillation no beat is called a supraventricular premature one: each comes from the atria at no expected
    time, and early ones are what irregular means. It is N, as likely as both were.

    A beat that is wider than the patient's own and came fast alone is none of a pacemaker, which paces at the rate of
    the rhythm: where it may be ventricular, the label for paced beats is out of the question.

    Args:
        probabilities: of each label.
        in_atrial_fibrillation: whether the rhythm is atrial fibrillation, or often was of late.
        in_wide_tachycardia: see `edge.inference.wide_tachycardia`; the beat is V, however likely.
        may_be_ventricular: see `edge.signal.beat_morphology.BeatMorphology.may_be_ventricular`.
    """
    likely = dict(probabilities)
    if in_wide_tachycardia and VENTRICULAR in likely:
        return VENTRICULAR, likely[VENTRICULAR]
    if may_be_ventricular and len(likely) > 1:
        likely.pop(_PACED, None)
    if in_atrial_fibrillation:
        likely[NORMAL] += sum(likely.pop(label, 0.0) for label in SUPRAVENTRICULAR)
    best = max(likely, key=lambda label: likely[label] * (VENTRICULAR_WEIGHT if label == VENTRICULAR else 1.0))
    return best, likely[best]
