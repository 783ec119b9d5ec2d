"""Writes a stream of blocks and annotations as segments of one hour; knows files, and neither thread nor clock."""

from __future__ import annotations

import errno
from math import ceil
from typing import TYPE_CHECKING

from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.samples import SAMPLE_RATE_HZ, SampleBlock
from edge.storage.segment import Origin, Segment

if TYPE_CHECKING:
    from datetime import datetime

    from ecg.samples import FloatArray
    from edge.frontends.timebase import UtcLine
    from edge.storage.ring import Ring

__all__ = ["ELECTRODE_OFF", "ELECTRODE_ON", "SegmentWriter"]

SEGMENT_S = 3600
"""Segments begin at full hours of the stream: the sample index is the truth, and UTC may be set on the way."""

LONGEST_GAP_S = 60
"""A longer gap is not filled with invalid samples: a new segment begins after it."""

RECENTRE_S = 10
"""A signal that has left the range of 16 bits gets a new segment with another middle, but not more often than this;
until then it stays at the end of the range, as in an amplifier that saturates. So it does with an electrode off."""

GIVE_UP_S = 600
"""So much is held in memory while the disk does not take it: 0.6 MB at 500 Hz."""

ELECTRODE_OFF, ELECTRODE_ON = "electrode off", "electrode on"


class SegmentWriter:
    """The recording of one session.

    Args:
        ring: where the segments are kept.
        origin: where the samples come from.

    Attributes:
        lost: samples that were given up because the disk did not take them.
    """

    def __init__(self, ring: Ring, origin: Origin) -> None:
        self.lost = 0
        self._ring = ring
        self._origin = origin
        self._end = 0
        self._open: list[Segment] = []  # the last is written to; those before wait for the disk or for late annotations
        self._electrode_off = False
        self._rhythm: Annotation | None = None

    @property
    def pending_s(self) -> float:
        """Signal that is not on the disk yet."""
        return float(sum(segment.pending for segment in self._open) / self._origin.rate_hz)

    def write(self, block: SampleBlock, line: UtcLine) -> None:
        """Take the next block, with UTC as it is known by now. Nothing is written before `sync`."""
        first, end = max(block.first_index, self._end), block.first_index + len(block.samples_mv)
        while first < end:
            until = min(end, self._hour_begins(self._hour(first) + 1))
            samples_mv = block.samples_mv[first - block.first_index : until - block.first_index]
            off = bool(block.electrode_off)
            segment = self._segment_for(first, samples_mv, off, line)
            if off != self._electrode_off or (off and segment.end == segment.first_index):
                self._electrode_off = off
                segment.annotate(Annotation(first, NOTE, ELECTRODE_OFF if off else ELECTRODE_ON))
            segment.append(first, samples_mv)
            self._end = first = until

    def annotate(self, annotation: Annotation) -> None:
        """Take an annotation; it comes some seconds after its sample."""
        if annotation.symbol == "+":
            self._rhythm = annotation
        for segment in reversed(self._open):
            if segment.first_index <= annotation.sample or segment is self._open[0]:
                segment.annotate(annotation)
                return

    def sync(self, line: UtcLine) -> None:
        """Bring everything onto the disk, and keep the ring within its limits.

        Raises:
            OSError: the disk is full or fails; what was not written is held for the next try, as long as memory allows.
        """
        try:
            self._write_out(line)
        except OSError:
            if self.pending_s > GIVE_UP_S:
                self._retire(len(self._open), line)
            raise

    def _write_out(self, line: UtcLine) -> None:
        self._ring.trim(now=self._utc(self._end, line), growing_bytes=sum(segment.size_bytes for segment in self._open))
        if self._ring.disk_full:
            raise OSError(errno.ENOSPC, "less room on the disk than is to be left free")
        for segment in self._open:
            segment.sync(line)
        self._retire(len(self._open) - 2, line)  # one more is kept, for annotations that come late

    def _hour(self, index: int) -> int:
        return int(index // (SEGMENT_S * self._origin.rate_hz))

    def _hour_begins(self, hour: int) -> int:
        """First index of an hour, exact for rates that are no whole numbers too."""
        return ceil(hour * SEGMENT_S * self._origin.rate_hz)

    def _utc(self, index: int, line: UtcLine) -> datetime:
        return line.utc(index * float(SAMPLE_RATE_HZ / self._origin.rate_hz))

    def _segment_for(self, first: int, samples_mv: FloatArray, off: bool, line: UtcLine) -> Segment:
        """The segment that samples from `first` on belong to; a new one where they need it."""
        rate_hz = self._origin.rate_hz
        if self._open:
            current = self._open[-1]
            connected = first - current.end <= LONGEST_GAP_S * rate_hz
            fits = off or first - current.first_index < RECENTRE_S * rate_hz or current.fits(samples_mv)
            if self._hour(first) == self._hour(current.first_index) and connected and fits:
                return current
        path = self._ring.next_path(self._utc(first, line))
        segment = Segment(path, self._origin, first_index=first)
        self._open.append(segment)
        if self._rhythm is not None:  # each segment can be read on its own: what holds at its beginning stands there
            segment.annotate(self._rhythm._replace(sample=first))
        return segment

    def _retire(self, count: int, line: UtcLine) -> None:
        """Let go of the oldest open segments; what the disk has not taken by now is lost."""
        for segment in self._open[: max(count, 0)]:
            self.lost += segment.give_up()
            if segment.synced:
                self._ring.add(segment, self._utc(segment.end, line))
        del self._open[: max(count, 0)]
