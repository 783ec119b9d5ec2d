"""Heart rate from the last RR intervals."""

from __future__ import annotations

from collections import deque

from ecg.summary.tally import AVERAGED_INTERVALS
from ecg.timing import bpm_of_rr, samples_of

__all__ = ["HeartRate"]

RECENT = samples_of(5.0)
"""Without an R peak for so long the last rate is no longer the present one."""
MEMORY = samples_of(20.0)
"""Intervals older than this say nothing about now (8 intervals at 24 bpm)."""


class HeartRate:
    """Mean rate of the last 8 RR intervals that were measured in whole signal."""

    __slots__ = ("_intervals", "_sum")

    def __init__(self) -> None:
        self._intervals: deque[tuple[int, int]] = deque()  # R index, RR interval that it ends
        self._sum = 0

    def add(self, index: int, rr: int) -> None:
        """Take an RR interval of `rr` samples that ended at the R peak `index`."""
        intervals = self._intervals
        intervals.append((index, rr))
        self._sum += rr
        while len(intervals) > AVERAGED_INTERVALS or intervals[0][0] < index - MEMORY:
            self._sum -= intervals.popleft()[1]

    def bpm(self, now: int) -> float | None:
        """Rate at `now` in bpm; None with fewer than two intervals or without a recent one."""
        intervals = self._intervals
        if not intervals or now - intervals[-1][0] > RECENT:
            return None
        while intervals and intervals[0][0] < now - MEMORY:
            self._sum -= intervals.popleft()[1]
        return bpm_of_rr(self._sum / len(intervals)) if len(intervals) > 1 else None
