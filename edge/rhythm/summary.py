"""Minute summaries: beats by class, heart rate, heart rate variability, quality.

A minute is closed 5 s of stream time after its end: a beat gets its label up to about 3 s after its R peak. A beat that
is labelled later still is counted in the first minute that is open then, so none is lost.
"""

from __future__ import annotations

from collections import deque
from math import sqrt
from typing import Final

from edge.rhythm.heart_rate import AVERAGED_INTERVALS
from edge.rhythm.timing import NEVER, samples_of, seconds_of
from edge.samples import Beat, Gap, MinuteSummary

__all__ = ["Summaries"]

MINUTE: Final = samples_of(60.0)
LABEL_LATENCY: Final = samples_of(5.0)
NORMAL: Final = frozenset("NLR")
"""Beats of sinus rhythm, bundle branch block included: intervals between two of them are normal-to-normal."""


class _Minute:
    """What is gathered of one minute."""

    def __init__(self) -> None:
        self.beats: dict[str, int] = {}
        self.intervals: list[float] = []  # ms
        self.normal_count = self.normal_steps = 0
        self.normal_sum = self.normal_sum_sq = self.steps_sq = 0.0
        self.good = 0


class Summaries:
    """Gathers beats and quality, and gives a summary for each minute of stream time.

    Heart rate minimum and maximum are those of the mean over 8 successive intervals, as in the vitals, so that a single
    premature beat is no heart rate of 150; with fewer intervals all three are their mean. SDNN and RMSSD follow Task
    Force of the ESC and NASPE, Circulation 93:1043-1065, 1996, over one minute: SDNN depends on the length of the
    stretch and must not be compared with the 5 minute or 24 hour figure.

    Attributes:
        deadline: 360 Hz index at which `close` has something to do.
    """

    def __init__(self) -> None:
        self.deadline = NEVER
        self._start: int | None = None  # of the first minute not yet given; not before the stream's start
        self._minutes: dict[int, _Minute] = {}
        self._gaps: deque[Gap] = deque()
        self._before_is_normal = False
        self._nn_ms: float | None = None  # the normal-to-normal interval that ended at the last beat

    def begin(self, index: int) -> None:
        """Take the start of the stream, 360 Hz index `index`."""
        self._start = index
        self.deadline = self.next_minute(index) + LABEL_LATENCY

    def beat(self, beat: Beat, rr_ms: float | None) -> None:
        """Take a labelled beat; `rr_ms` is None where the interval before it was not measured in whole signal."""
        minute = self._minute(beat.index)
        minute.beats[beat.label] = minute.beats.get(beat.label, 0) + 1
        is_normal = beat.label in NORMAL
        nn_ms = None
        if rr_ms is not None:
            minute.intervals.append(rr_ms)
            if is_normal and self._before_is_normal:
                nn_ms = rr_ms
                minute.normal_count += 1
                minute.normal_sum += rr_ms
                minute.normal_sum_sq += rr_ms * rr_ms
                if self._nn_ms is not None:
                    minute.normal_steps += 1
                    minute.steps_sq += (rr_ms - self._nn_ms) ** 2
        self._before_is_normal = is_normal
        self._nn_ms = nn_ms

    def gap(self, gap: Gap) -> None:
        """Take a stretch of lost samples."""
        self._gaps.append(gap)

    def good(self, index: int, samples: int) -> None:
        """Take `samples` samples of good signal that ended at `index`, all of one minute."""
        self._minute(index - 1).good += samples

    def close(self, now: int) -> list[MinuteSummary]:
        """Give the minutes whose labels have all come by `now`."""
        summaries = []
        while now >= self.deadline:
            assert self._start is not None
            summaries.append(self._summary(self._start, self.next_minute(self._start)))
        return summaries

    def finish(self, end: int) -> list[MinuteSummary]:
        """Give what is left; the stream ended at 360 Hz index `end`."""
        summaries = []
        while self._start is not None and self._start < end:
            summaries.append(self._summary(self._start, min(end, self.next_minute(self._start))))
        return summaries

    @staticmethod
    def next_minute(index: int) -> int:
        """End of the minute in which 360 Hz index `index` lies."""
        return (index // MINUTE + 1) * MINUTE

    def _minute(self, index: int) -> _Minute:
        number = max(index, self._start or 0) // MINUTE
        minute = self._minutes.get(number)
        if minute is None:
            minute = self._minutes[number] = _Minute()
        return minute

    def _summary(self, start: int, end: int) -> MinuteSummary:
        minute = self._minutes.pop(start // MINUTE, None) or _Minute()
        self._start = end
        self.deadline = self.next_minute(end) + LABEL_LATENCY
        lost = sum(max(0, min(gap.index + gap.length, end) - max(gap.index, start)) for gap in self._gaps)
        while self._gaps and self._gaps[0].index + self._gaps[0].length <= end:
            self._gaps.popleft()
        slowest, mean, fastest = _rates_bpm(minute.intervals)
        n = minute.normal_count
        variance = (minute.normal_sum_sq - minute.normal_sum**2 / n) / (n - 1) if n > 1 else 0.0
        steps = minute.normal_steps
        return MinuteSummary(
            index=start,
            duration_s=seconds_of(end - start),
            beats=minute.beats,
            heart_rate_min_bpm=slowest,
            heart_rate_mean_bpm=mean,
            heart_rate_max_bpm=fastest,
            sdnn_ms=round(sqrt(max(0.0, variance)), 1) if n > 1 else None,
            rmssd_ms=round(sqrt(minute.steps_sq / steps), 1) if steps else None,
            longest_rr_ms=round(max(minute.intervals), 1) if minute.intervals else None,
            good_signal_s=seconds_of(min(minute.good, end - start)),
            lost_s=seconds_of(lost),
        )


def _rates_bpm(intervals_ms: list[float]) -> tuple[float | None, float | None, float | None]:
    """Lowest, mean and highest heart rate of successive intervals."""
    if not intervals_ms:
        return None, None, None
    width = min(AVERAGED_INTERVALS, len(intervals_ms))
    total = sum(intervals_ms[:width])
    longest = shortest = total
    for new, old in zip(intervals_ms[width:], intervals_ms, strict=False):
        total += new - old
        longest, shortest = max(longest, total), min(shortest, total)
    mean = sum(intervals_ms) / len(intervals_ms)
    return round(60_000 * width / longest, 1), round(60_000 / mean, 1), round(60_000 * width / shortest, 1)
