"""Strips: the ECG around an event, cut from the last minutes in memory, or on request from the recording.

Strips of new events come from memory, so they are complete even while the disk is full or the recording is off.
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
from edge.storage.excerpt import event_span, excerpt, recording_end
from edge.storage.recorder import recording_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from ecg.alarms.kinds import AlarmEvent
    from edge.config import StorageSettings

__all__ = ["StripCutter", "requested_strip"]

MEMORY_S = 300
"""Enough for the onset of every alarm: atrial fibrillation opens 30 s after its onset, a sustained rate 15 s. 1.2 MB at
500 Hz."""

MAX_STRIP_S = 300
"""Longest strip in a message, 0.4 MB at 500 Hz; export a longer stretch to a file."""


@dataclass(frozen=True, slots=True)
class _PendingStrip:
    """A strip whose end has not come: samples `first` to `end`, at the source's rate."""

    uuid: str
    first: int
    end: int


class StripCutter:
    """Keeps the last minutes of a stream in memory and cuts strips when their end has come.

    Args:
        rate_hz: rate of the source.
        before_s: length of the strip before the onset of an event.
        after_s: length after the onset.
        utc_of_index: gives the UTC of a 360 Hz index.
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
        self._pending: list[_PendingStrip] = []

    def push(self, block: SampleBlock) -> None:
        """Add the next block."""
        if not self._blocks:
            self._first = block.first_index
        self._blocks.append(block)
        self._end = block.first_index + len(block.samples_mv)
        while self._end - self._blocks[0].first_index - len(self._blocks[0].samples_mv) > self._memory:
            self._blocks.popleft()
            self._first = self._blocks[0].first_index

    def request(self, uuid: str, event: AlarmEvent) -> None:
        """Request the strip around an event's onset, or around its decision if the onset is no longer in memory."""
        ratio = self._rate_hz / SAMPLE_RATE_HZ
        centre = round(event.onset_index * ratio)
        if centre - self._before < self._end - self._memory:
            centre = round(event.index * ratio)
        first = max(centre - self._before, self._first)
        self._pending.append(_PendingStrip(uuid, first, centre + self._after))

    def due(self) -> Iterator[Strip]:
        """The requested strips whose last sample has come."""
        waiting, self._pending = self._pending, []
        for strip in waiting:
            if strip.end <= self._end:
                yield self._cut(strip)
            else:
                self._pending.append(strip)

    def finish(self) -> Iterator[Strip]:
        """End the stream: the remaining requested strips, as far as they go."""
        for strip in self._pending:
            if strip.first < self._end:
                yield self._cut(_PendingStrip(strip.uuid, strip.first, self._end))
        self._pending = []

    def _cut(self, strip: _PendingStrip) -> Strip:
        samples_mv = np.full(strip.end - strip.first, np.nan)
        for block in self._blocks:
            first = max(block.first_index, strip.first)
            end = min(block.first_index + len(block.samples_mv), strip.end)
            if first < end:
                part = block.samples_mv[first - block.first_index : end - block.first_index]
                samples_mv[first - strip.first : end - strip.first] = part
        index = round(strip.first * SAMPLE_RATE_HZ / self._rate_hz)
        return Strip(strip.uuid, self._utc_of_index(index), float(self._rate_hz), samples_mv, index)


def requested_strip(
    settings: StorageSettings,
    *,
    event: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    last_s: float | None = None,
) -> Strip:
    """Cut a requested strip from the recording; its last seconds may not be on the disk yet.

    Args:
        settings: folder of the recording, length of a strip around an event.
        event: UUID of an event; it becomes the strip's UUID.
        start: with `end`: a stretch of UTC.
        end: see `start`.
        last_s: the last seconds of the recording.

    Raises:
        InputError: not exactly one of the three is given, the stretch is too long, or nothing is recorded there.
    """
    folder = recording_folder(settings)
    if [event is not None, start is not None and end is not None, last_s is not None].count(True) != 1:
        raise InputError("request a strip by event, by from and to, or by last seconds; give one of them")
    if event is not None:
        start, end = event_span(folder, event, before_s=settings.strip_before_s, after_s=settings.strip_after_s)
    elif last_s is not None:
        end = recording_end(folder)
        start = end - timedelta(seconds=min(last_s, MAX_STRIP_S + 1))
    assert start is not None
    assert end is not None
    if not timedelta(0) < end - start <= timedelta(seconds=MAX_STRIP_S):
        raise InputError(
            f"a strip of {(end - start).total_seconds():g} s cannot be sent; request more than 0 and up to "
            f"{MAX_STRIP_S} s, or use ecg-edge export"
        )
    found = excerpt(folder, start, end)
    assert found.start_utc is not None
    assert found.length is not None
    if found.length > 2 * MAX_STRIP_S * found.rate_hz:  # of several sessions, with clocks that do not agree
        raise InputError("a clock was set there, and the strip would be too long; use ecg-edge export")
    return Strip(event or str(uuid4()), found.start_utc, float(found.rate_hz), read_whole(found).samples_mv[0])
