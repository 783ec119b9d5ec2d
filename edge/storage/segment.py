"""One segment of the recording: a WFDB record that grows and can be read at any moment.

`NAME.dat` only grows. At each sync, `NAME.edge` (annotations) and then `NAME.hea` are replaced as whole files. The
header holds the number of valid samples, so a reader always sees the state of the last sync. After a kill or a power
cut nothing needs repair.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ecg.files import replace_file, sync_folder, write_at
from ecg.formats.wfdb.annotations import ANNOTATOR, Annotation, encode_annotations, in_order
from ecg.formats.wfdb.encoder import SignalEncoder
from ecg.formats.wfdb.header import Header, render_header
from ecg.samples import SAMPLE_RATE_HZ
from ecg.scale import Scale
from edge.storage.segment_info import SegmentInfo, render_info

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from ecg.samples import FloatArray
    from edge.frontends.timebase import UtcLine

__all__ = ["LEAD", "Origin", "Segment"]

MODE = 0o640
"""Of the files of a recording: a person's ECG is not for every user of the machine."""

LEAD = "ECG"
"""Name of the one lead that a segment holds."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of the samples of a session.

    Attributes:
        device: pseudonym of the device.
        source: name of the front end.
        session: id of this run of the monitor.
        rate_hz: nominal rate of the front end.
    """

    device: str
    source: str
    session: str
    rate_hz: Fraction


class Segment:
    """A growing WFDB record of one signal.

    Args:
        path: path of the record, without suffix.
        origin: origin of its samples.
        first_index: index of its first sample, counted from the start of the session.
        scale: scale of its numbers; None: 16 bits around its first samples.
    """

    def __init__(self, path: Path, origin: Origin, *, first_index: int, scale: Scale | None = None) -> None:
        self.path = path
        self.first_index = first_index
        self.synced = 0  # samples on the disk
        self._origin = origin
        self._encoder = SignalEncoder([scale or Scale()])
        self._is_scaled = scale is not None  # without a scale the first samples decide
        self._pending: list[bytes] = []
        self._pending_samples = 0
        self._annotations: list[Annotation] = []
        self._annotations_pending = True  # an empty annotation file must be written too

    @property
    def end(self) -> int:
        """Index after the last sample, counted from the start of the session."""
        return self.first_index + self.synced + self._pending_samples

    @property
    def pending(self) -> int:
        """Number of samples that are not on the disk yet."""
        return self._pending_samples

    @property
    def duration_s(self) -> float:
        """Length of the samples on the disk."""
        return float(self.synced / self._origin.rate_hz)

    @property
    def size_bytes(self) -> int:
        """Size of the samples on the disk."""
        return self.synced * self._encoder.bytes_a_sample

    def append(self, first_index: int, samples_mv: FloatArray) -> None:
        """Add samples, shape (n,), mV; samples lost before them, and NaN, become WFDB's invalid value."""
        for lost in self._encoder.encode_lost(first_index - self.end):
            self._queue(lost)
        if not self._is_scaled and np.isfinite(samples_mv).any():
            self._encoder.scales, self._is_scaled = (Scale.around(samples_mv),), True
        self._queue(self._encoder.encode(samples_mv[np.newaxis]))

    def fits(self, samples_mv: FloatArray) -> bool:
        """Whether samples are within the range of this segment's numbers."""
        return not self._is_scaled or self._encoder.scales[0].fits(samples_mv)

    def annotate(self, annotation: Annotation) -> None:
        """Add an annotation, whose index counts from the start of the session; an earlier one moves to sample 0."""
        sample = max(annotation.sample - self.first_index, 0)
        self._annotations.append(annotation._replace(sample=sample))
        self._annotations_pending = True

    def sync(self, line: UtcLine) -> None:
        """Write everything to the disk.

        Raises:
            FileNotFoundError: the folder or the file was deleted.
            OSError: the disk failed; the state of the last sync can still be read, and the next call tries again.
        """
        if not (self._pending or (self._annotations_pending and self.synced)):
            return
        if self._pending:
            self._write_samples()
        if self._annotations_pending:
            replace_file(
                self.path.with_suffix(f".{ANNOTATOR}"), encode_annotations(in_order(self._annotations)), mode=MODE
            )
            self._annotations_pending = False
        if self._pending:
            header = self._header(line)
            replace_file(header.path, render_header(header).encode(), mode=MODE)
            self.synced += self._pending_samples
            self._clear_pending()
        sync_folder(self.path.parent)

    def discard_pending(self) -> int:
        """Discard the samples that are not synced, also from the file; their number."""
        discarded = self._pending_samples
        self._clear_pending()
        with suppress(OSError):
            if self.synced:
                os.truncate(self.path.with_suffix(".dat"), self.size_bytes)
            else:
                for suffix in (f".{ANNOTATOR}", ".dat"):
                    self.path.with_suffix(suffix).unlink(missing_ok=True)
        return discarded

    def _clear_pending(self) -> None:
        self._pending.clear()
        self._pending_samples = 0

    def _queue(self, content: bytes) -> None:
        if content:
            self._pending.append(content)
            self._pending_samples += len(content) // self._encoder.bytes_a_sample

    def _write_samples(self) -> None:
        # A file that was deleted is not made anew: its beginning would be a hole, which reads as a flat line.
        create = 0 if self.synced else os.O_CREAT
        descriptor = os.open(self.path.with_suffix(".dat"), os.O_WRONLY | create, MODE)
        try:
            write_at(descriptor, b"".join(self._pending), self.size_bytes)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _header(self, line: UtcLine) -> Header:
        """The header, with the pending samples counted as written."""
        rate_hz = self._origin.rate_hz
        ratio = float(SAMPLE_RATE_HZ / rate_hz)  # 360 Hz indices per sample
        start = line.utc(self.first_index * ratio)
        info = SegmentInfo(
            device=self._origin.device,
            source=self._origin.source,
            session=self._origin.session,
            first_index=self.first_index,
            rate_hz=str(rate_hz),
            true_rate_hz=1 / (line.step_s * ratio),
            start=start,
            end=line.utc(self.end * ratio),
        )
        return Header(
            path=self.path.with_suffix(".hea"),
            name=self.path.name,
            rate_hz=rate_hz,
            length=self.synced + self._pending_samples,
            start_utc=start,
            signals=self._encoder.signals(self.path.with_suffix(".dat"), [LEAD]),
            comments=(render_info(info),),
        )
