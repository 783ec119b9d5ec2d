"""The source on a thread of its own, so that nothing downstream ever holds up the sampling."""

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

__all__ = ["Arrival", "Feed"]

QUEUE_BLOCKS = 600
"""A minute of blocks of 100 ms: as long as the pipeline or the disk may stand still before samples are lost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A block with the moment at which it came out of the front end, on the monotonic and on the wall clock, in s."""

    block: SampleBlock
    monotonic_s: float
    wall_s: float

    @classmethod
    def of(cls, block: SampleBlock) -> Arrival:
        """A block that arrives now; where the front end knows the moment of its end, that counts."""
        now_s, wall_s = time.monotonic(), time.time()
        if block.end_s is None:
            return cls(block, now_s, wall_s)
        return cls(block, block.end_s, wall_s - (now_s - block.end_s))


class Feed:
    """Reads blocks on a thread and hands them over through a bounded queue.

    Args:
        blocks: what the source delivers.
        live: a live source cannot wait: when the queue is full its blocks are dropped, and the pipeline sees a gap. A
            recording that is read as fast as possible waits.
        stop: ends the reading.

    Attributes:
        error: why the source ended before its time; None while it runs and after a proper end.
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
        """Begin to read."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the source has ended and everything from it was handed over."""
        return self._ended

    def next(self, timeout_s: float) -> Arrival | None:
        """Give the next block; None if none came in time or the source has `ended`."""
        try:
            arrival = self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self._ended = arrival is None
        return arrival

    def _run(self) -> None:
        try:
            for block in self._blocks:
                if not self._hand_over(Arrival.of(block)):
                    break
        except Exception as error:  # noqa: BLE001 - told by the main thread, after what was detected is out
            self.error = error
        self._wait_for_room(None)

    def _hand_over(self, arrival: Arrival) -> bool:
        """Pass a block on; give whether to go on reading."""
        if not self._live:
            return self._wait_for_room(arrival)
        try:
            self._queue.put_nowait(arrival)
        except queue.Full:
            if not self._dropping:
                _log.error("The pipeline does not keep up: samples are being lost.")
            self._dropping = True
        else:
            self._dropping = False
        return not self._stop.is_set()

    def _wait_for_room(self, item: Arrival | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False
