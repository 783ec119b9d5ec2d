"""Reads a source on its own thread, so that nothing downstream delays the sampling."""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.samples import SampleBlock

__all__ = ["Arrival", "SourceThread"]

QUEUE_BLOCKS = 600
"""One minute of 100 ms blocks: how long the pipeline or the disk may stall before samples are lost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A block and the time at which it left the front end, on the monotonic and on the wall clock, in s."""

    block: SampleBlock
    monotonic_s: float
    wall_s: float

    @classmethod
    def of(cls, block: SampleBlock) -> Arrival:
        """A block that arrives now, or at its own end time where the front end gives one."""
        now_s, wall_s = time.monotonic(), time.time()
        if block.end_s is None:
            return cls(block, now_s, wall_s)
        return cls(block, block.end_s, wall_s - (now_s - block.end_s))


class SourceThread:
    """Reads blocks on a thread and passes them on through a bounded queue.

    Args:
        blocks: what the source delivers.
        live: a live source cannot wait: when the queue is full its blocks are dropped, and the pipeline sees a gap. A
            recording that is read as fast as possible waits.
        stop: ends the reading.

    Attributes:
        error: why the source failed; None while it runs and after a normal end.
    """

    def __init__(self, blocks: Iterable[SampleBlock], *, live: bool, stop: threading.Event) -> None:
        self.error: Exception | None = None
        self._blocks = blocks
        self._live = live
        self._stop = stop
        self._queue: queue.Queue[Arrival | None] = queue.Queue(QUEUE_BLOCKS)
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._ended = False
        self._dropping = False

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the source has ended and `next` has returned all of its blocks."""
        return self._ended

    def next(self, timeout_s: float) -> Arrival | None:
        """The next block; None if none came in time or the source has `ended`."""
        try:
            arrival = self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self._ended = arrival is None
        return arrival

    def _run(self) -> None:
        try:
            for block in self._blocks:
                if not self._pass_on(Arrival.of(block)):
                    break
        except Exception as error:  # noqa: BLE001 - the main thread reports it, after the last detections are out
            self.error = error
        self._put_when_free(None)

    def _pass_on(self, arrival: Arrival) -> bool:
        """Queue a block; returns whether to continue reading."""
        if not self._live:
            return self._put_when_free(arrival)
        try:
            self._queue.put_nowait(arrival)
        except queue.Full:
            if not self._dropping:
                _log.error("The pipeline does not keep up: samples are being lost.")
            self._dropping = True
        else:
            self._dropping = False
        return not self._stop.is_set()

    def _put_when_free(self, item: Arrival | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False
