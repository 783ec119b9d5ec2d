"""Strips: the ECG around an event, cut from the last minutes in memory, or from the recording where one is asked for.

Memory serves every new event, so a strip comes also while the disk is full or recording is off.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from ecg.errors import InputError
from ecg.notices import Strip
from ecg.recording import read_whole
from ecg.samples import SAMPLE_RATE_HZ, SampleBlock
from edge.storage.excerpt import around_event, end_of, excerpt
from edge.storage.recorder import recording_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from ecg.alarms.kinds import AlarmEvent
    from edge.config import StorageSettings

__all__ = ["StripCutter", "requested_strip"]

MEMORY_S = 300
"""Fibrillation is told of half a minute after it began, a sustained rate a quarter; 1.2 MB at 500 Hz."""

LONGEST_S = 300
"""A longer stretch is no message but a file: 0.4 MB at 500 Hz."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Samples `first` to `end`, at the source's rate."""

    uuid: str
    first: int
    end: int


class StripCutter:
    """Remembers the last minutes of a stream and cuts strips when their end has come.

    Args:
        rate_hz: of the source.
        before_s: ECG before an event's onset.
        after_s: ECG after it.
        utc_of_index: moment of a 360 Hz index.
    """

    def __init__(
        self, *, rate_hz: Fraction, before_s: float, after_s: float, utc_of_index: Callable[[int], datetime]
    ) -> None:
        self._rate_hz = rate_hz
        self._before, self._after = round(before_s * rate_hz), round(after_s * rate_hz)
        self._memory = round(MEMORY_S * rate_hz)
        self._utc_of_index = utc_of_index
        self._blocks: deque[SampleBlock] = deque()
        self._first = self._end = 0
        self._wanted: list[_Wanted] = []

    def push(self, block: SampleBlock) -> None:
        """Take the next block."""
        if not self._blocks:
            self._first = block.first_index
        self._blocks.append(block)
        self._end = block.first_index + len(block.samples_mv)
        while self._end - self._blocks[0].first_index - len(self._blocks[0].samples_mv) > self._memory:
            self._blocks.popleft()
            self._first = self._blocks[0].first_index

    def want(self, uuid: str, event: AlarmEvent) -> None:
        """Ask for the strip around an event: its onset, or its decision where the onset is too long ago."""
        ratio = self._rate_hz / SAMPLE_RATE_HZ
        centre = round(event.onset_index * ratio)
        if centre - self._before < self._end - self._memory:
            centre = round(event.index * ratio)
        first = max(centre - self._before, self._first)
        self._wanted.append(_Wanted(uuid, first, centre + self._after))

    def due(self) -> Iterator[Strip]:
        """The strips whose last sample has come."""
        waiting, self._wanted = self._wanted, []
        for wanted in waiting:
            if wanted.end <= self._end:
                yield self._cut(wanted)
            else:
                self._wanted.append(wanted)

    def finish(self) -> Iterator[Strip]:
        """The stream ends: what there is of the others."""
        for wanted in self._wanted:
            if wanted.first < self._end:
                yield self._cut(_Wanted(wanted.uuid, wanted.first, self._end))
        self._wanted = []

    def _cut(self, wanted: _Wanted) -> Strip:
        samples_mv = np.full(wanted.end - wanted.first, np.nan)
        for block in self._blocks:
            first = max(block.first_index, wanted.first)
            end = min(block.first_index + len(block.samples_mv), wanted.end)
            if first < end:
                part = block.samples_mv[first - block.first_index : end - block.first_index]
                samples_mv[first - wanted.first : end - wanted.first] = part
        index = round(wanted.first * SAMPLE_RATE_HZ / self._rate_hz)
        return Strip(wanted.uuid, self._utc_of_index(index), float(self._rate_hz), samples_mv, index)


def requested_strip(
    settings: StorageSettings,
    *,
    event: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    last_s: float | None = None,
) -> Strip:
    """Cut what somebody asks for out of the recording; its last seconds may not be on the disk yet.

    Args:
        settings: folder of the recording, length of a strip around an event.
        event: UUID of an event, which names the strip too.
        start: with `end`: a stretch of UTC.
        end: see there.
        last_s: so many seconds up to the end of the recording.

    Raises:
        InputError: not exactly one of the three ways, too long a stretch, or nothing recorded there.
    """
    folder = recording_folder(settings)
    if [event is not None, start is not None and end is not None, last_s is not None].count(True) != 1:
        raise InputError("a strip is asked for by event, by from and to, or by its last seconds; give one of them")
    if event is not None:
        start, end = around_event(folder, event, before_s=settings.strip_before_s, after_s=settings.strip_after_s)
    elif last_s is not None:
        end = end_of(folder)
        start = end - timedelta(seconds=min(last_s, LONGEST_S + 1))
    assert start is not None
    assert end is not None
    if not timedelta(0) < end - start <= timedelta(seconds=LONGEST_S):
        raise InputError(
            f"a strip of {(end - start).total_seconds():g} s; ask for up to {LONGEST_S} s, or use ecg-edge export"
        )
    found = excerpt(folder, start, end)
    assert found.start_utc is not None
    return Strip(event or str(uuid4()), found.start_utc, float(found.rate_hz), read_whole(found).samples_mv[0])
