"""Stands in for libgpiod's module `gpiod`: the same calls, a simulated chip behind them, in real time.

Its one chip bears the label of a Pi 5's header; the lines are wired as the board says.
"""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from simulated.front_end import BUTTON, front_end

from gpiod import line
from gpiod.line import Bias, Direction, Edge, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/dev/gpiochip4"
MARGIN_NS = 10_000


def is_gpiochip_device(path: str) -> bool:
    return path == PATH


@dataclass(frozen=True)
class LineSettings:
    direction: Direction = Direction.AS_IS
    edge_detection: Edge = Edge.NONE
    bias: Bias = Bias.AS_IS
    output_value: Value = Value.INACTIVE


@dataclass(frozen=True)
class ChipInfo:
    label: str = "pinctrl-rp1"


@dataclass(frozen=True)
class LineInfo:
    offset: int
    used: bool
    consumer: str


@dataclass(frozen=True)
class EdgeEvent:
    timestamp_ns: int
    line_seqno: int


class Chip:
    def __init__(self, path: str) -> None:
        assert path == PATH

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get_info(self) -> ChipInfo:
        return ChipInfo()

    def get_line_info(self, line: int) -> LineInfo:
        user = front_end().busy.get(line)
        return LineInfo(line, user is not None, user or "")

    def request_lines(self, config: Mapping[int, LineSettings], consumer: str) -> LineRequest:
        assert consumer
        if config.keys() & front_end().busy:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        request = ButtonRequest() if BUTTON in config else LineRequest()
        for offset, settings in config.items():
            if settings.direction is Direction.OUTPUT:
                request.set_value(offset, settings.output_value)
        return request


class LineRequest:
    def __init__(self) -> None:
        self._events: list[EdgeEvent] = []

    def set_value(self, offset: int, value: Value) -> None:
        front_end().set_line(offset, high=value is Value.ACTIVE)

    def get_value(self, offset: int) -> Value:
        return Value.ACTIVE if front_end().line_is_high(offset) else Value.INACTIVE

    def wait_edge_events(self, timeout: float) -> bool:
        front = front_end()
        front.look()
        deadline_s = time.monotonic() + timeout
        while True:
            next_ns = front.next_edge_ns()
            # Who only asks whether something came in the meantime is late: a chip that waits has done nothing since.
            limit_ns = front.last_ns if timeout == 0 else None if next_ns is None else next_ns + MARGIN_NS
            now_ns = front.time_ns(limit_ns)
            self._events += [EdgeEvent(ns, number) for number, ns in front.take_edges(now_ns)]
            left_s = deadline_s - time.monotonic()
            if self._events or left_s <= 0:
                return bool(self._events)
            next_ns = front.next_edge_ns()
            time.sleep(max(0.0, left_s if next_ns is None else min(left_s, (next_ns - now_ns) / 1e9)))

    def read_edge_events(self) -> list[EdgeEvent]:
        events, self._events = self._events, []
        return events

    def release(self) -> None:
        pass


class ButtonRequest(LineRequest):
    def wait_edge_events(self, timeout: float) -> bool:
        front = front_end()
        deadline_s = time.monotonic() + timeout
        while True:
            front.look()
            self._events += [EdgeEvent(ns, number) for number, ns in front.button.take_edges(time.monotonic_ns())]
            left_s = deadline_s - time.monotonic()
            if self._events or left_s <= 0:
                return bool(self._events)
            time.sleep(min(left_s, 0.005))


__all__ = ["Chip", "LineRequest", "LineSettings", "is_gpiochip_device", "line"]
