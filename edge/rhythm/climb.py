"""Whether a fast rhythm came as the sinus node makes one: little by little, and regular.

A sinus node under exertion takes many beats to become fast (Jose and Collison, Cardiovasc Res 4:160, 1970, give its
limit too: 118 - 0.57 a year of age at rest without nerves, about 220 - age under exertion). A tachycardia by re-entry,
atrial flutter or a ventricular focus begins from one beat to the next.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from ecg.timing import rr_of_bpm

__all__ = ["Climb"]

_BEATS: Final = 8
"""Intervals whose median is compared with that of as many before."""
_JUMP: Final = 0.8
"""Of those before: exertion that drives a heart from 70 to 165 within half a minute stays above."""
_IRREGULAR: Final = 0.08
"""Mean difference of successive intervals over their mean; atrial fibrillation has 0.15 and more."""
_FASTEST_RR: Final = rr_of_bpm(180.0)
"""The sinus node of a person of 40 is no faster."""


class Climb:
    """Follows consecutive RR intervals.

    Args:
        slow_rr: samples at 360 Hz; a longer interval is of no tachycardia.
    """

    def __init__(self, slow_rr: float) -> None:
        self._slow_rr = slow_rr
        self._rr: deque[int] = deque(maxlen=2 * _BEATS)
        self._may_have_jumped = True  # how the rhythm at the start began is not known

    def add(self, rr: int) -> None:
        """Take the next interval, in samples at 360 Hz."""
        self._rr.append(rr)
        if len(self._rr) < 2 * _BEATS:
            return
        before, last = list(self._rr)[:_BEATS], list(self._rr)[_BEATS:]
        present = median(last)
        if present > self._slow_rr:
            self._may_have_jumped = False
        elif present < _JUMP * median(before):
            self._may_have_jumped = True

    def interrupt(self) -> None:
        """What follows is not consecutive to what came before; it may have begun meanwhile."""
        self._rr.clear()
        self._may_have_jumped = True

    @property
    def is_one(self) -> bool:
        """Whether the present fast rhythm may be the sinus node's, under exertion or in fever."""
        if self._may_have_jumped or len(self._rr) < 2 * _BEATS:
            return False
        rr = list(self._rr)
        variation = fmean(abs(after - before) for before, after in pairwise(rr)) / fmean(rr)
        return variation < _IRREGULAR and median(rr[_BEATS:]) > _FASTEST_RR
