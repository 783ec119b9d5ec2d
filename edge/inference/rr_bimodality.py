"""Whether a patient's RR intervals are of two lengths, which two, and how abruptly one gives way to the other.

A running average, and the sinus interval that is followed from beat to beat, both give in where most beats are ectopic:
in atrial runs with a sinus beat now and then, the interval of the runs is taken for the patient's own. Both lengths
together stay visible in the spread of the intervals, whichever is the more frequent. The sinus node, too, has slow and
fast times, but goes from one to the other in several beats, where an ectopic run begins and ends at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RrBimodality", "rr_bimodality"]

_LONGEST_RR_S: Final = 4.0  # longer is a stretch without R peaks
_FEWEST: Final = 8  # intervals; of fewer no division is told
_USUAL_CERTAINTY: Final = 0.7  # about that of intervals of a single length, for they divide in two as well
_USUAL_ABRUPTNESS: Final = 0.5
_MOST_ABRUPT: Final = 2.0
_NO_DIFFERENCE: Final = 1e-3  # of the two lengths, in ln


@dataclass(frozen=True, slots=True)
class RrBimodality:
    """The intervals divided into slow and fast ones.

    Attributes:
        ln_slow: mean natural logarithm of the slow intervals in s.
        ln_slow_to_fast: that mean above the one of the fast intervals; 0 where too few are known.
        slow_share: slow ones among all intervals, 0 to 1.
        certainty: variance between the two groups over the variance of all, 0 to 1: 0.64 of a normal distribution, 1 of
            two lengths without any spread.
        speeding_up: mean change from a slow interval to a fast one right after it, over `ln_slow_to_fast`, 0 to 2: how
            abruptly the heart becomes faster; 0.5 where it never did.
        slowing_down: likewise from a fast interval to a slow one.
        fast_runs: how often it became faster.
        ln_entry: how much it became faster at once at the beginning of the fast run that goes on with the next
            interval, or begins with it; 0 where that is a slow one.
    """

    ln_slow: float
    ln_slow_to_fast: float = 0.0
    slow_share: float = 0.5
    certainty: float = _USUAL_CERTAINTY
    speeding_up: float = _USUAL_ABRUPTNESS
    slowing_down: float = _USUAL_ABRUPTNESS
    fast_runs: int = 0
    ln_entry: float = 0.0


def rr_bimodality(intervals_s: Sequence[float], next_s: float, local_s: float) -> RrBimodality:
    """Divide intervals where the variance between the groups, of their logarithms, is largest.

    After N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. Syst. Man Cybern. 9, 1979,
    without a histogram: every division of the ordered intervals is tried.

    Args:
        intervals_s: known RR intervals, above 0, in their order; those of 4 s and more are left out.
        next_s: the interval that follows them, which is not divided with them.
        local_s: stands for the slow interval where fewer than 8 are known.
    """
    ln_rr = np.log([rr_s for rr_s in intervals_s if rr_s < _LONGEST_RR_S])
    count = len(ln_rr)
    if count < _FEWEST:
        return RrBimodality(ln_slow=math.log(local_s))
    ordered = ln_rr.copy()
    ordered.sort()
    fast = np.arange(1, count)  # how many of the shortest are fast
    sums = ordered.cumsum()
    fast_mean = sums[:-1] / fast
    slow_mean = (sums[-1] - sums[:-1]) / (count - fast)
    between = fast * (count - fast) / count**2 * (slow_mean - fast_mean) ** 2
    best = int(between.argmax())
    ln_slow, ln_fast = float(slow_mean[best]), float(fast_mean[best])
    difference = ln_slow - ln_fast
    if difference < _NO_DIFFERENCE:
        return RrBimodality(ln_slow=ln_slow)
    border = (ln_slow + ln_fast) / 2
    is_fast = ln_rr < border
    step = ln_rr[1:] - ln_rr[:-1]
    entries = (is_fast[:-1] < is_fast[1:]).nonzero()[0]
    exits = (is_fast[:-1] > is_fast[1:]).nonzero()[0]
    deviation = ordered - ordered.sum() / count
    variance = float((deviation * deviation).sum()) / count
    ln_next = math.log(next_s)
    ln_entry = 0.0
    if ln_next < border:
        if not is_fast[-1]:
            ln_entry = float(ln_rr[-1]) - ln_next
        elif len(entries):
            ln_entry = -float(step[entries[-1]])
    return RrBimodality(
        ln_slow=ln_slow,
        ln_slow_to_fast=difference,
        slow_share=float(1 - fast[best] / count),
        certainty=min(float(between[best]) / variance, 1.0),
        speeding_up=_abruptness(-step[entries], difference),
        slowing_down=_abruptness(step[exits], difference),
        fast_runs=len(entries),
        ln_entry=ln_entry,
    )


def _abruptness(changes: np.ndarray, difference: float) -> float:
    return min(float(changes.sum()) / len(changes) / difference, _MOST_ABRUPT) if len(changes) else _USUAL_ABRUPTNESS
