"""Stands in for the module `spidev`: the same calls, a simulated chip behind them, in real time."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

from simulated.front_end import front_end

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN_NS = 10_000


class SpiDev:
    def __init__(self) -> None:
        self.max_speed_hz = 125_000
        self.mode = 0

    def open(self, bus: int, device: int) -> None:
        number = front_end().spi_errno or ((bus, device) != (0, 0) and errno.ENOENT)
        if number:
            raise OSError(number, os.strerror(number))

    def xfer2(self, values: Sequence[int], speed_hz: int = 0, delay_usec: int = 0, bits_per_word: int = 8) -> list[int]:
        assert bits_per_word == 8
        hz = speed_hz or self.max_speed_hz
        began_s = time.monotonic()
        front = front_end()
        front.look()
        duration_ns = len(values) * 8e9 / hz + delay_usec * 1000
        next_ns = front.next_edge_ns()
        now_ns = front.time_ns(None if next_ns is None else next_ns - duration_ns - MARGIN_NS)
        answer = front.chip.transfer(now_ns, bytes(values), hz=hz, mode=self.mode, hold_ns=delay_usec * 1000)
        time.sleep(max(0.0, began_s + duration_ns / 1e9 - time.monotonic()))  # as the kernel does: waits for the bus
        return list(answer)

    def close(self) -> None:
        pass
