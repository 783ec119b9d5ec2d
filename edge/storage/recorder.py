"""The full-disclosure recorder: a thread that writes the raw ECG and its annotations.

The caller never waits for the disk. Blocks pass through a bounded queue; a block that does not fit is dropped, counted,
and becomes a gap. A full or failing disk is a `Fault` as long as it lasts. Monitoring continues, and the recording
continues when the disk works again.
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
from typing import TYPE_CHECKING

from edge.storage.ring import Ring
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.samples import SampleBlock
    from edge.config import StorageSettings
    from edge.frontends.timebase import UtcLine
    from edge.storage.segment import Origin

__all__ = ["Fault", "FaultKind", "Recorder", "recording_folder"]

LIVE_QUEUE_LENGTH = 3000
"""Five minutes of 100 ms blocks: the longest that the disk may be blocked before samples are dropped."""

REPLAY_QUEUE_LENGTH = 16
"""For a recording that is replayed as fast as possible, in blocks of 10 s; it waits a while for a slow disk."""

FLUSH_S = 300
"""A replayed recording is written at least once in this many seconds of its own time."""

UNRESPONSIVE_S = 10.0
"""A disk that needs longer than this does not answer; a power cut would lose the data in memory."""

_log = logging.getLogger(__name__)


class FaultKind(StrEnum):
    """Kinds of faults. `RECORDING_STOPPED` raises the technical alarm `storage_failed`."""

    STORAGE_NEARLY_FULL = "storage_nearly_full"
    RECORDING_STOPPED = "recording_stopped"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the recording.

    Attributes:
        kind: `STORAGE_NEARLY_FULL`: recording continues and deletes its oldest part; `RECORDING_STOPPED`: it does not.
        text: the cause, a sentence without its full stop.
    """

    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class _TimedBlock:
    block: SampleBlock
    line: UtcLine


def recording_folder(settings: StorageSettings) -> Path:
    """Folder of the recording."""
    return settings.folder / "recording"


class Recorder:
    """Writes blocks and annotations from its own thread.

    Args:
        settings: folder and limits.
        origin: where the samples come from.
        live: True: the source cannot wait, so a block that does not fit into the queue is dropped at once. False: the
            source waits for the disk, but not for ever.

    Attributes:
        dropped: samples that did not fit into the queue; they are a gap in the files.
        stored_bytes: size of the recording on the disk; None before it is known.
    """

    def __init__(self, settings: StorageSettings, origin: Origin, *, live: bool) -> None:
        self.dropped = 0
        self.stored_bytes: int | None = None
        self._settings = settings
        self._origin = origin
        self._live = live
        self._queue: queue.Queue[_TimedBlock | list[Annotation]] = queue.Queue(
            LIVE_QUEUE_LENGTH if live else REPLAY_QUEUE_LENGTH
        )
        self._fault: Fault | None = None
        self._dropping = False
        self._synced_s = time.monotonic()
        self._line: UtcLine | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def fault(self) -> Fault | None:
        """The present fault; None without one. May be read from any thread, at any time."""
        late_s = time.monotonic() - self._synced_s - self._settings.recording_sync_s
        if self._live and self._thread.is_alive() and late_s > UNRESPONSIVE_S:
            return Fault(FaultKind.RECORDING_STOPPED, f"the disk has not answered for {late_s:.0f} s")
        return self._fault

    def start(self) -> None:
        """Start the thread."""
        self._synced_s = time.monotonic()
        self._thread.start()

    def record(self, block: SampleBlock, line: UtcLine) -> None:
        """Record the next block; `line` is the present estimate of UTC."""
        if not self._put(_TimedBlock(block, line)):
            self.dropped += len(block.samples_mv)

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Record annotations of the samples so far."""
        if annotations:
            self._put(list(annotations))

    def finish(self) -> None:
        """End the recording: the thread writes the rest; use `wait` to wait for it."""
        self._stopping.set()
        with suppress(queue.Full):  # a full queue wakes the thread too
            self._queue.put_nowait([])

    def wait(self, timeout_s: float) -> None:
        """Wait until everything is on the disk, at most `timeout_s`."""
        self._thread.join(timeout_s)
        fault = self.fault
        if self._thread.is_alive() or (fault is not None and fault.kind is FaultKind.RECORDING_STOPPED):
            _log.error("The last part of this session is not in the recording: it could not be written to the disk.")

    def _put(self, item: _TimedBlock | list[Annotation]) -> bool:
        try:
            self._queue.put(item, block=not self._live and not self._dropping, timeout=UNRESPONSIVE_S)
        except queue.Full:
            if not self._dropping:
                _log.error("The disk is too slow: the recording has a gap from here on.")
            self._dropping = True
            return False
        if self._dropping and self._queue.qsize() < self._queue.maxsize / 2:
            self._dropping = False
            _log.warning("The disk is fast enough again; so far %d samples are not in the recording.", self.dropped)
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
                # A full disk is not tried at each block.
                flush = writer.pending_s > FLUSH_S and self._fault is None
                if flush or ended or time.monotonic() >= due_s:
                    due_s = time.monotonic() + self._settings.recording_sync_s
                    self._sync(ring, writer)
            except FileNotFoundError:
                self._fail("the folder of the recording was deleted")
                ring = self._open_ring() or ring
                writer = SegmentWriter(ring, self._origin)
            except Exception as error:  # noqa: BLE001 - the thread must survive any error; it starts a new segment
                self._fail(f"an unexpected error: {error!r}")
                writer = SegmentWriter(ring, self._origin)

    def _open_ring(self) -> Ring | None:
        """Open the folder, however long it takes; None if the recorder is stopped before that."""
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

    def _take(self, item: _TimedBlock | list[Annotation], writer: SegmentWriter) -> None:
        if isinstance(item, _TimedBlock):
            self._line = item.line
            writer.write(item.block, item.line)
        else:
            for annotation in item:
                writer.annotate(annotation)

    def _sync(self, ring: Ring, writer: SegmentWriter) -> None:
        """Bring everything onto the disk.

        Raises:
            FileNotFoundError: the folder, or a file in it, was deleted.
        """
        try:
            if self._line is not None:
                writer.sync(self._line)
        except FileNotFoundError:
            raise
        except OSError as error:
            self._fail(error.strerror or str(error))
        else:
            if self._fault is not None and self._fault.kind is FaultKind.RECORDING_STOPPED:
                lost_s = float(writer.lost / self._origin.rate_hz)
                _log.warning("Recording continues; %.0f s of this session are not on the disk.", lost_s)
            self._fault = None
            self.stored_bytes = ring.stored_bytes
            if ring.short_of_space:
                self._fault = Fault(FaultKind.STORAGE_NEARLY_FULL, "the disk has no room for the whole recording")
        self._synced_s = time.monotonic()

    def _fail(self, cause: str) -> None:
        if self._fault is None or self._fault.kind is not FaultKind.RECORDING_STOPPED:
            _log.error(
                "Recording stopped (%s) in %s; monitoring and alarms continue.",
                cause,
                recording_folder(self._settings),
            )
        self._fault = Fault(FaultKind.RECORDING_STOPPED, cause)
