"""Minute summaries: beats by class, heart rate, heart rate variability, quality.

A minute is closed 5 s of stream time after its end: a beat gets its label up to about 3 s after its R peak. A beat that
is labelled later still is counted in the first minute that is open then, so none is lost.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.summary.tally import AVERAGED_INTERVALS, NORMAL, MinuteSummary, Tally
from ecg.timing import NEVER, samples_of

if TYPE_CHECKING:
    from ecg.samples import Beat, Gap

__all__ = ["MinuteSummaries"]

MINUTE: Final = samples_of(60.0)
LABEL_LATENCY: Final = samples_of(5.0)


class MinuteSummaries:
    """Gathers beats and quality, and gives a summary for each minute of stream time.

    Attributes:
        deadline: 360 Hz index at which `close` has something to do.
    """

    def __init__(self) -> None:
        self.deadline = NEVER
        self._start: int | None = None  # of the first minute not yet given; not before the stream's start
        self._minutes: dict[int, Tally] = {}
        self._gaps: deque[Gap] = deque()
        self._averaged: deque[int] = deque(maxlen=AVERAGED_INTERVALS)  # the last successive intervals
        self._before_is_normal = False
        self._normal_before: int | None = None  # the normal-to-normal interval that ended at the last beat
        self._atrial_fibrillation_before = 0
        self._good_samples = 0  # up to `_good_end`, not counted yet
        self._good_end = 0
        self._good_minute_end = 0

    def begin(self, index: int) -> None:
        """Take the start of the stream, 360 Hz index `index`."""
        self._start = index
        self.deadline = self.next_minute(index) + LABEL_LATENCY

    def beat(self, beat: Beat, rr: int | None) -> None:
        """Take a labelled beat; `rr`, in samples, is None where the interval before it was not in whole signal."""
        tally = self._minute(beat.index)
        tally.beats[beat.label] = tally.beats.get(beat.label, 0) + 1
        is_normal = beat.label in NORMAL
        normal = None
        if rr is None:
            self._averaged.clear()
        else:
            tally.interval(rr, beat.index)
            self._averaged.append(rr)
            if len(self._averaged) == AVERAGED_INTERVALS:
                tally.averaged(sum(self._averaged), beat.index)
            if is_normal and self._before_is_normal:
                normal = rr
                tally.normal_interval(rr, self._normal_before)
        self._before_is_normal = is_normal
        self._normal_before = normal

    def gap(self, gap: Gap) -> None:
        """Take a stretch of lost samples."""
        self._gaps.append(gap)

    def good(self, index: int, samples: int) -> None:
        """Take `samples` samples of good signal that ended at `index`, all of one minute."""
        if index > self._good_minute_end:
            self._count_good()
            self._good_minute_end = self.next_minute(index - 1)
        self._good_samples += samples
        self._good_end = index

    def atrial_fibrillation(self, start: int, end: int, *, was_told: bool) -> None:
        """Count a stretch as atrial fibrillation or, where that turns out to have been wrong, no longer."""
        while start < end:
            stop = min(end, self.next_minute(start))
            samples = stop - start if was_told else start - stop
            if self._start is not None and start >= self._start // MINUTE * MINUTE:
                self._minute(start).fibrillation += samples
            else:
                self._atrial_fibrillation_before += samples
            start = stop

    def close(self, now: int) -> list[MinuteSummary]:
        """Give the minutes whose labels have all come by `now`."""
        self._count_good()
        summaries = []
        while now >= self.deadline:
            assert self._start is not None
            summaries.append(self._summary(self._start, self.next_minute(self._start)))
        return summaries

    def finish(self, end: int) -> list[MinuteSummary]:
        """Give what is left; the stream ended at 360 Hz index `end`."""
        self._count_good()
        summaries = []
        while self._start is not None and self._start < end:
            summaries.append(self._summary(self._start, min(end, self.next_minute(self._start))))
        return summaries

    @staticmethod
    def next_minute(index: int) -> int:
        """End of the minute in which 360 Hz index `index` lies."""
        return (index // MINUTE + 1) * MINUTE

    def _count_good(self) -> None:
        if self._good_samples:
            self._minute(self._good_end - 1).good += self._good_samples
            self._good_samples = 0

    def _minute(self, index: int) -> Tally:
        return self._minutes.setdefault(max(index, self._start or 0) // MINUTE, Tally())

    def _summary(self, start: int, end: int) -> MinuteSummary:
        tally = self._minutes.pop(start // MINUTE, None) or Tally()
        self._start = end
        self.deadline = self.next_minute(end) + LABEL_LATENCY
        tally.duration = end - start
        tally.lost = sum(max(0, min(gap.index + gap.length, end) - max(gap.index, start)) for gap in self._gaps)
        while self._gaps and self._gaps[0].index + self._gaps[0].length <= end:
            self._gaps.popleft()
        before, self._atrial_fibrillation_before = self._atrial_fibrillation_before, 0
        return MinuteSummary(start, tally, before)
