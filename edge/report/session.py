"""Reads the recorded parts of one session: what its samples and annotations tell, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, NOTE
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON, GOOD, QUALITY, UNKNOWN
from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED, Beat, Gap, runs
from edge.rhythm.minutes import MinuteSummaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.summary.tally import MinuteSummary
    from edge.storage.excerpt import Part

__all__ = ["SIGNAL_GOOD", "SIGNAL_LOST", "SIGNAL_OFF", "SIGNAL_POOR", "SessionReader", "Stretch"]

SIGNAL_GOOD, SIGNAL_POOR, SIGNAL_OFF, SIGNAL_LOST = "good", "poor", "electrode off", "samples lost"
"""What is known of the signal. What is not known yet counts as poor."""

ATRIAL_FIBRILLATION: Final = "AFIB"

MOVED: Final = 5
"""The states at the beginning of a segment stand some samples later, as one sample holds one annotation."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time with a name."""

    start: datetime
    end: datetime
    name: str


class SessionReader:
    """Reads parts of a session in their order.

    Attributes:
        rhythms: stretches by their rhythm note.
        signal: stretches by what is known of the signal.
    """

    def __init__(self) -> None:
        self.rhythms: list[Stretch] = []
        self.signal: list[Stretch] = []
        self._minutes: list[MinuteSummary] = []
        self._summaries = MinuteSummaries()
        self._end: int | None = None  # 360 Hz index after the last part
        self._clock: list[tuple[int, datetime, float]] = []  # of each part: index, its UTC, s for each index
        self._beat: int | None = None  # the last one, where nothing has interrupted the signal since

    def utc(self, index: int) -> datetime:
        """UTC of a 360 Hz index of the session."""
        first, start, step_s = next((each for each in reversed(self._clock) if each[0] <= index), self._clock[0])
        return start + timedelta(seconds=(index - first) * step_s)

    def take(self, part: Part) -> None:
        """Read the next part.

        Raises:
            InputError: its samples are damaged, or were just deleted; nothing of it is counted.
        """
        lost = _lost(part)
        first, end = _index(part, part.first), _index(part, part.last)
        seconds = (part.segment.utc(part.last) - part.segment.utc(part.first)).total_seconds()
        self._clock.append((first, part.segment.utc(part.first), seconds / (end - first)))
        if self._end is None:
            self._summaries.begin(first)
        elif first > self._end:
            self._summaries.gap(Gap(self._end, first - self._end))
            self._beat = None
        annotations = part.segment.annotations()
        off, poor, doubtful = _states(annotations, part)
        self._count_beats(part, annotations, lost | off | poor)
        for start, stop in runs(lost):
            self._summaries.gap(Gap(_index(part, part.first + start), _samples(part, start, stop)))
        poor |= doubtful
        self._count_good(part, ~(lost | off | poor))
        self._note_rhythms(part, annotations)
        self._note_signal(part, lost, off, poor)
        self._minutes += self._summaries.close(end)
        self._end = end

    def finish(self) -> list[MinuteSummary]:
        """The minutes of all parts."""
        if self._end is not None:
            self._minutes += self._summaries.finish(self._end)
        return self._minutes

    def _count_good(self, part: Part, good: NDArray[np.bool_]) -> None:
        for start, stop in runs(good):
            index, end = _index(part, part.first + start), _index(part, part.first + stop)
            while index < end:
                until = min(end, self._summaries.next_minute(index))
                self._summaries.good(until, until - index)
                index = until

    def _count_beats(self, part: Part, annotations: Iterable[Annotation], bad: NDArray[np.bool_]) -> None:
        """Count beats; an interval counts where the signal between its beats is whole."""
        interruptions = np.concatenate(([0], np.cumsum(bad, dtype=np.int32)))
        seen = 0  # interruptions up to the last beat
        for each in _within(annotations, part):
            if each.symbol not in BEAT_SYMBOLS:
                continue
            index = _index(part, each.sample)
            now = int(interruptions[each.sample - part.first])
            rr = index - self._beat if self._beat is not None and now == seen else None
            label = UNCLASSIFIED if each.aux == UNCLASSIFIED else each.symbol
            beat = Beat(index=index, label=label, rr_ms=None, probability=None, quality=None, r_mv=None)
            self._summaries.beat(beat, rr)
            self._beat, seen = index, now
        if int(interruptions[-1]) != seen:
            self._beat = None

    def _note_rhythms(self, part: Part, annotations: list[Annotation]) -> None:
        changes = [each for each in annotations if each.symbol == "+"]
        for start, stop, name in _stretches(changes, part):
            rhythm = name.strip("\0").removeprefix("(")
            if rhythm == ATRIAL_FIBRILLATION:
                self._summaries.atrial_fibrillation(_index(part, start), _index(part, stop), was_told=True)
            if rhythm:
                self.rhythms.append(Stretch(part.segment.utc(start), part.segment.utc(stop), rhythm))

    def _note_signal(
        self, part: Part, lost: NDArray[np.bool_], off: NDArray[np.bool_], poor: NDArray[np.bool_]
    ) -> None:
        kinds = {SIGNAL_LOST: lost, SIGNAL_OFF: off & ~lost, SIGNAL_POOR: poor & ~off & ~lost}
        kinds[SIGNAL_GOOD] = ~(lost | off | poor)
        found = [
            Stretch(part.segment.utc(part.first + start), part.segment.utc(part.first + stop), name)
            for name, flags in kinds.items()
            for start, stop in runs(flags)
        ]
        self.signal += sorted(found, key=lambda stretch: stretch.start)


def _index(part: Part, sample: int) -> int:
    """The 360 Hz index of a sample of the part's segment."""
    info = part.segment.info
    return round((info.first_index + sample) * SAMPLE_RATE_HZ / info.exact_rate_hz)


def _samples(part: Part, start: int, stop: int) -> int:
    return _index(part, part.first + stop) - _index(part, part.first + start)


def _lost(part: Part) -> NDArray[np.bool_]:
    """Which samples of a part are lost."""
    lost = np.ones(part.last - part.first, dtype=bool)
    for block in part.blocks():
        first = block.first_index - part.first
        lost[first : first + block.samples_mv.shape[1]] = np.isnan(block.samples_mv[0])
    return lost


def _states(
    annotations: list[Annotation], part: Part
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Where an electrode is off, where the quality is poor, and where it is not known."""
    notes = [each for each in annotations if each.symbol == NOTE and each.aux in {ELECTRODE_OFF, ELECTRODE_ON}]
    off = np.zeros(part.last - part.first, dtype=bool)
    for start, stop, name in _stretches(notes, part):
        off[start - part.first : stop - part.first] = name == ELECTRODE_OFF
    poor, doubtful = np.zeros_like(off), np.zeros_like(off)
    for start, stop, name in _stretches([each for each in annotations if each.symbol == QUALITY], part):
        poor[start - part.first : stop - part.first] = name not in {GOOD, "", UNKNOWN}
        doubtful[start - part.first : stop - part.first] = name in {"", UNKNOWN}
    return off, poor, doubtful


def _stretches(changes: Iterable[Annotation], part: Part) -> Iterator[tuple[int, int, str]]:
    """First sample, sample after the last, and text of each stretch of a part; without a change before, it is empty."""
    start, name = part.first, ""
    for each in changes:
        own = 0 if each.sample <= MOVED else each.sample
        sample = min(max(own, part.first), part.last)
        if sample > start:
            yield start, sample, name
        start, name = sample, each.aux
    if part.last > start:
        yield start, part.last, name


def _within(annotations: Iterable[Annotation], part: Part) -> Iterator[Annotation]:
    return (each for each in annotations if part.first <= each.sample < part.last)
