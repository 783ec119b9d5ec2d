"""The full-disclosure recorder: the raw ECG and its annotations, written on a thread of their own.

Whoever records never waits for the disk: blocks pass through a bounded queue, and what does not fit is dropped, counted
and left as a gap. A disk that is full or fails is a `Fault`, told while it lasts; watching goes on, and recording
goes on by itself when there is room again.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from edge.storage.ring import Ring
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.samples import SampleBlock
    from edge.config import StorageSettings
    from edge.frontends.timebase import UtcLine
    from edge.storage.segment import Origin

__all__ = ["Fault", "FaultKind", "Recorder", "recording_folder"]

LIVE_ITEMS = 3000
"""Five minutes of blocks of 100 ms: so long the disk may stand still before samples are dropped."""

FAST_ITEMS = 16
"""A recording that is replayed as fast as possible comes in blocks of 10 s, and waits a while for a slow disk."""

FLUSH_S = 300
"""A replayed recording is written at least each so many seconds of its own time."""

SILENT_S = 10.0
"""A disk that takes longer than this does not answer, and what is held would be lost in a power cut."""

_log = logging.getLogger(__name__)


class FaultKind(StrEnum):
    """What can be wrong; `recording_stopped` is told by the technical alarm `storage_failed`."""

    STORAGE_NEARLY_FULL = "storage_nearly_full"
    RECORDING_STOPPED = "recording_stopped"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong with the recording.

    Attributes:
        kind: `storage_nearly_full`: it goes on, at the cost of its oldest part; `recording_stopped`: it does not.
        text: the cause, a sentence without its full stop.
    """

    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    block: SampleBlock
    line: UtcLine


def recording_folder(settings: StorageSettings) -> Path:
    """Where the recording lies."""
    return Path(settings.directory) / "recording"


class Recorder:
    """Writes what it is given, from a thread of its own.

    Args:
        settings: folder and limits.
        origin: where the samples come from.
        live: a live source cannot wait: what the disk does not take in time is dropped at once. Another one waits,
            but not for ever.

    Attributes:
        dropped: samples that did not fit into the queue; in the files they are a gap.
        held_bytes: size of the recording on the disk; None before it is known.
    """

    def __init__(self, settings: StorageSettings, origin: Origin, *, live: bool) -> None:
        self.dropped = 0
        self.held_bytes: int | None = None
        self._settings = settings
        self._origin = origin
        self._live = live
        self._queue: queue.Queue[_Piece | list[Annotation]] = queue.Queue(LIVE_ITEMS if live else FAST_ITEMS)
        self._fault: Fault | None = None
        self._dropping = False
        self._synced_s = time.monotonic()
        self._line: UtcLine | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def fault(self) -> Fault | None:
        """What is wrong now; None while all is well. May be read from any thread, at any time."""
        late_s = time.monotonic() - self._synced_s - self._settings.recording_sync_s
        if self._live and self._thread.is_alive() and late_s > SILENT_S:
            return Fault(FaultKind.RECORDING_STOPPED, f"the disk has not answered for {late_s:.0f} s")
        return self._fault

    def start(self) -> None:
        """Begin to write."""
        self._synced_s = time.monotonic()
        self._thread.start()

    def record(self, block: SampleBlock, line: UtcLine) -> None:
        """Take the next block, with UTC as it is known by now."""
        if not self._put(_Piece(block, line)):
            self.dropped += len(block.samples_mv)

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Take annotations in the samples given so far."""
        if annotations:
            self._put(list(annotations))

    def finish(self) -> None:
        """Say that nothing more comes; what is left is written, and `wait` tells when."""
        self._stopping.set()
        with suppress(queue.Full):  # a full queue wakes the thread as well
            self._queue.put_nowait([])

    def wait(self, timeout_s: float) -> None:
        """Wait until everything is on the disk, but no longer than `timeout_s`."""
        self._thread.join(timeout_s)
        fault = self.fault
        if self._thread.is_alive() or (fault is not None and fault.kind is FaultKind.RECORDING_STOPPED):
            _log.error("The last part of this session is not in the recording: the disk did not take it.")

    def _put(self, item: _Piece | list[Annotation]) -> bool:
        try:
            self._queue.put(item, block=not self._live and not self._dropping, timeout=SILENT_S)
        except queue.Full:
            if not self._dropping:
                _log.error("The disk does not keep up: the recording has a gap from here on.")
            self._dropping = True
            return False
        if self._dropping and self._queue.qsize() < self._queue.maxsize / 2:
            self._dropping = False
            _log.warning("The disk keeps up again; so far %d samples are not in the recording.", self.dropped)
        return True

    def _run(self) -> None:
        ring = self._open_ring()
        if ring is None:
            return
        writer = SegmentWriter(ring, self._origin)
        due_s = time.monotonic()
        ended = False
        while not ended:
            try:
                item = self._queue.get(timeout=max(0.0, due_s - time.monotonic()))
            except queue.Empty:
                item = []
            ended = self._stopping.is_set() and self._queue.empty()
            try:
                self._take(item, writer)
                # A full disk is not asked at each block.
                flush = writer.pending_s > FLUSH_S and self._fault is None
                if flush or ended or time.monotonic() >= due_s:
                    due_s = time.monotonic() + self._settings.recording_sync_s
                    self._sync(ring, writer)
            except Exception as error:  # noqa: BLE001 - whatever happens here, the recording begins anew
                self._fail(f"an unexpected error: {error!r}")
                writer = SegmentWriter(ring, self._origin)

    def _open_ring(self) -> Ring | None:
        """Make or find the folder, however long it takes; None if the recorder is stopped before that."""
        settings = self._settings
        while True:
            try:
                return Ring(
                    recording_folder(settings),
                    max_bytes=round(settings.recording_max_mb * 1e6),
                    max_age=timedelta(days=settings.recording_max_days),
                    leave_free_bytes=round(settings.recording_leave_free_mb * 1e6),
                )
            except OSError as error:
                self._fail(error.strerror or str(error))
            self._synced_s = time.monotonic()
            if self._stopping.wait(settings.recording_sync_s):
                return None

    def _take(self, item: _Piece | list[Annotation], writer: SegmentWriter) -> None:
        if isinstance(item, _Piece):
            self._line = item.line
            writer.write(item.block, item.line)
        else:
            for annotation in item:
                writer.annotate(annotation)

    def _sync(self, ring: Ring, writer: SegmentWriter) -> None:
        try:
            if self._line is not None:
                writer.sync(self._line)
        except OSError as error:
            self._fail(error.strerror or str(error))
        else:
            if self._fault is not None and self._fault.kind is FaultKind.RECORDING_STOPPED:
                lost_s = float(writer.lost / self._origin.rate_hz)
                _log.warning("Recording goes on; %.0f s of this session are not on the disk.", lost_s)
            self._fault = None
            self.held_bytes = ring.held_bytes
            if ring.crowded:
                self._fault = Fault(FaultKind.STORAGE_NEARLY_FULL, "the disk has no room for the whole recording")
        self._synced_s = time.monotonic()

    def _fail(self, cause: str) -> None:
        if self._fault is None or self._fault.kind is not FaultKind.RECORDING_STOPPED:
            _log.error(
                "Recording stands still (%s) in %s; watching and alarms go on.",
                cause,
                recording_folder(self._settings),
            )
        self._fault = Fault(FaultKind.RECORDING_STOPPED, cause)
