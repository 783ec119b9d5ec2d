"""Writes a stream of blocks and annotations as segments of one hour; uses files, but no thread and no clock."""

from __future__ import annotations

import errno
from math import ceil
from typing import TYPE_CHECKING

from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON, QUALITY
from ecg.samples import SAMPLE_RATE_HZ, SampleBlock
from edge.storage.segment import Origin, Segment

if TYPE_CHECKING:
    from datetime import datetime

    from ecg.samples import FloatArray
    from edge.frontends.timebase import UtcLine
    from edge.storage.ring import Ring

__all__ = ["SegmentWriter"]

SEGMENT_S = 3600
"""Segments begin at full hours of the stream, not of UTC: the sample index is the truth, and the clock may be set."""

LONGEST_GAP_S = 60
"""A longer gap is not filled with invalid samples; a new segment begins after it."""

RECENTRE_S = 10
"""A signal that leaves the range of 16 bits gets a new segment with another centre, but not earlier than this. Before,
and while an electrode is off, it stays at the end of the range, as in a saturated amplifier."""

MAX_PENDING_S = 600
"""Most signal that waits in memory while the disk fails: 0.6 MB at 500 Hz."""

_STATES = {"+", QUALITY}
"""Symbols of annotations that hold until the next one."""


class SegmentWriter:
    """Writes the recording of one session.

    Args:
        ring: holds the segments.
        origin: origin of the samples.

    Attributes:
        lost: number of samples that were discarded because the disk failed.
    """

    def __init__(self, ring: Ring, origin: Origin) -> None:
        self.lost = 0
        self._ring = ring
        self._origin = origin
        self._end = 0
        self._open: list[Segment] = []  # the last one grows; the others wait for the disk or for late annotations
        self._electrode_off = False
        self._present: dict[str, Annotation] = {}  # the last annotation of rhythm and of quality, by symbol

    @property
    def pending_s(self) -> float:
        """Length of the signal that is not on the disk yet."""
        return float(sum(segment.pending for segment in self._open) / self._origin.rate_hz)

    def write(self, block: SampleBlock, line: UtcLine) -> None:
        """Add the next block; `line` is the present estimate of UTC. Nothing is written before `sync`."""
        first, end = max(block.first_index, self._end), block.first_index + len(block.samples_mv)
        while first < end:
            until = min(end, self._hour_start(self._hour(first) + 1))
            samples_mv = block.samples_mv[first - block.first_index : until - block.first_index]
            off = bool(block.electrode_off)
            segment = self._segment_for(first, samples_mv, off, line)
            if off != self._electrode_off or (off and segment.end == segment.first_index):
                self._electrode_off = off
                segment.annotate(Annotation(first, NOTE, ELECTRODE_OFF if off else ELECTRODE_ON))
            segment.append(first, samples_mv)
            self._end = first = until

    def annotate(self, annotation: Annotation) -> None:
        """Add an annotation, which comes some seconds after its sample. A repeated quality is dropped."""
        if annotation.symbol in _STATES:
            before = self._present.get(annotation.symbol)
            if annotation.symbol == QUALITY and before is not None and before.aux == annotation.aux:
                return
            self._present[annotation.symbol] = annotation
        for segment in reversed(self._open):
            if segment.first_index <= annotation.sample or segment is self._open[0]:
                segment.annotate(annotation)
                return

    def sync(self, line: UtcLine) -> None:
        """Write everything to the disk and keep the ring within its limits.

        Raises:
            OSError: the disk is full or fails; the unwritten signal waits for the next call, up to `MAX_PENDING_S`.
        """
        try:
            self._write_out(line)
        except OSError:
            if self.pending_s > MAX_PENDING_S:
                self._close_oldest(len(self._open))
            raise

    def _write_out(self, line: UtcLine) -> None:
        self._ring.trim(
            growing_bytes=sum(segment.size_bytes for segment in self._open),
            growing_s=sum(segment.duration_s for segment in self._open),
        )
        if self._ring.disk_full:
            raise OSError(errno.ENOSPC, "less room on the disk than is to be left free")
        for segment in self._open:
            segment.sync(line)
        self._close_oldest(len(self._open) - 2)  # one more stays open for late annotations

    def _hour(self, index: int) -> int:
        return int(index // (SEGMENT_S * self._origin.rate_hz))

    def _hour_start(self, hour: int) -> int:
        """First index of an hour, exact also for fractional rates."""
        return ceil(hour * SEGMENT_S * self._origin.rate_hz)

    def _utc(self, index: int, line: UtcLine) -> datetime:
        return line.utc(index * float(SAMPLE_RATE_HZ / self._origin.rate_hz))

    def _segment_for(self, first: int, samples_mv: FloatArray, off: bool, line: UtcLine) -> Segment:
        """The segment for samples from `first` on; a new one if they do not fit into the current one."""
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
        for state in self._present.values():  # each segment can be read alone, so it begins with the present state
            segment.annotate(state._replace(sample=first))
        return segment

    def _close_oldest(self, count: int) -> None:
        """Close the oldest open segments; their unwritten samples are lost."""
        for segment in self._open[: max(count, 0)]:
            self.lost += segment.discard_pending()
            if segment.synced:
                self._ring.add(segment)
        del self._open[: max(count, 0)]
