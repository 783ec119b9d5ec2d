"""GPIO lines through the module `RPi.GPIO`: rpi-lgpio on any Pi, or the original on older boards.

The fallback where `gpiod` is missing. This process timestamps and counts the edges, so an edge that the kernel or the
module missed shows only in the timestamps.
"""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

from RPi import GPIO

from ecg.errors import HardwareError
from edge.frontends.bus import Edge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RpiGpio"]


class RpiGpio:
    """Lines of the 40-pin header.

    Raises:
        HardwareError: a line is forbidden or busy.
    """

    def __init__(self, *, edge_line: int | None, outputs: Mapping[int, bool], inputs: Sequence[int]) -> None:
        self._lines = [*outputs, *inputs, *([] if edge_line is None else [edge_line])]
        self._edges: queue.SimpleQueue[Edge] = queue.SimpleQueue()
        self._count = 0
        try:
            GPIO.setwarnings(False)
            GPIO.setmode(GPIO.BCM)
            for line, high in outputs.items():
                GPIO.setup(line, GPIO.OUT, initial=GPIO.HIGH if high else GPIO.LOW)
            for line in inputs:
                GPIO.setup(line, GPIO.IN)
            if edge_line is not None:
                GPIO.setup(edge_line, GPIO.IN, pull_up_down=GPIO.PUD_UP)
                GPIO.add_event_detect(edge_line, GPIO.FALLING, callback=self._on_edge)
        except Exception as error:  # noqa: BLE001 - each of the two modules raises its own exceptions
            raise HardwareError(
                f"RPi.GPIO refuses the lines {', '.join(map(str, self._lines))} ({error}); "
                "stop the program that uses them, add the user to the group gpio, or install gpiod"
            ) from None

    def edges(self, timeout_s: float) -> list[Edge]:
        """The falling edges since the last call; waits for one until the timeout."""
        try:
            edges = [self._edges.get(timeout=timeout_s) if timeout_s else self._edges.get_nowait()]
        except queue.Empty:
            return []
        while not self._edges.empty():
            edges.append(self._edges.get_nowait())
        return edges

    def set(self, line: int, *, high: bool) -> None:
        """Set an output."""
        GPIO.output(line, GPIO.HIGH if high else GPIO.LOW)

    def read(self, line: int) -> bool:
        """Whether an input is high."""
        return bool(GPIO.input(line))

    def close(self) -> None:
        """Release the lines."""
        GPIO.cleanup(self._lines)

    def _on_edge(self, _line: int) -> None:
        self._count += 1
        self._edges.put(Edge(self._count, time.monotonic_ns()))
