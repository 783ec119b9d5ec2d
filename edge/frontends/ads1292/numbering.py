"""Which sample a DRDY edge belongs to: edges may be missed, and each one missed must become a gap, never a shift.

Two witnesses: the kernel's number of the edge, and its time. The number does not count an edge that the interrupt
controller never saw; the time may be late when interrupts were held up. So a line is kept through the times, and an
edge that is off the line waits for the next one on it: if the numbers then agree with the times nothing was missed; if
not, what waited is lost.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from edge.frontends.bus import Edge

__all__ = ["Numbering"]

ON_THE_LINE = 0.25
"""Of a period: nearer to the line than this, the time alone says which sample it is."""

MOST_WAITING = 50
"""So many edges in a row off the line: the line is wrong, it begins anew at the newest."""

PULL = 0.25
"""How far each edge pulls the line its way: follows a clock 2 % off within 0.08 periods, calms single late edges."""

SETTLE = 50
"""Samples before the period is measured rather than assumed: 1 ms of lateness is then 1 % of it."""

WINDOW_S = 600
"""The true rate is a regression over so much, with one point a second: the window of `edge.timebase`."""

NUMBERS = 2**32
"""The kernel's numbers are 32 bits wide: they wrap after 99 days at 500 a second."""

Value = TypeVar("Value")


class Numbering(Generic[Value]):
    """Gives each value the index of its edge.

    Args:
        rate_hz: nominal rate of the edges.

    Attributes:
        interval_hz: what the typical distance of the last second's edges amounts to, whatever was missed; known after
            a fifth of a second, None before.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._period_ns = 1e9 / rate_hz
        self._line_ns = 0.0  # where the line has the edge of `_index`
        self._index = -1
        self._number = 0
        self._waiting: list[tuple[int, Edge, Value]] = []
        self._points: deque[tuple[int, int]] = deque(maxlen=WINDOW_S)
        self._before: Edge | None = None
        self._intervals: list[float] = []
        self.interval_hz: float | None = None

    @property
    def rate_hz(self) -> float:
        """True rate: the slope of a regression of times over indices; the nominal one until there is a second."""
        count = len(self._points)
        if count < 2:
            return self._rate_hz
        index_0, ns_0 = self._points[0]
        mean_index = sum(index - index_0 for index, _ in self._points) / count
        mean_ns = sum(ns - ns_0 for _, ns in self._points) / count
        over = under = 0.0
        for index, ns in self._points:
            from_mean = index - index_0 - mean_index
            over += from_mean * (ns - ns_0 - mean_ns)
            under += from_mean * from_mean
        return 1e9 * under / over

    def add(self, edge: Edge, value: Value) -> list[tuple[int, Edge, Value]]:
        """Take an edge and what was read at it; returns what is now certain, in order, with its index."""
        self._measure_interval(edge)
        if self._index < 0:
            self._begin(edge)
            return [(0, edge, value)]
        periods = (edge.ns - self._line_ns) / self._period_ns
        steps = round(periods)
        if abs(periods - steps) > ON_THE_LINE:
            self._waiting.append((edge.number, edge, value))
            if len(self._waiting) > MOST_WAITING:
                self._waiting.clear()
                self._index += max(steps, 1)
                self._line_ns = edge.ns
                self._number = edge.number
            return []
        if steps <= 0:  # a second edge at the same sample: noise on the line
            return []
        certain = []
        if steps == (edge.number - self._number) % NUMBERS:
            certain = [
                (self._index + (number - self._number) % NUMBERS, waited, held)
                for number, waited, held in self._waiting
            ]
        self._waiting.clear()
        self._index += steps
        self._number = edge.number
        self._follow(edge, steps)
        certain.append((self._index, edge, value))
        return certain

    def _begin(self, edge: Edge) -> None:
        self._index, self._line_ns, self._number = 0, edge.ns, edge.number
        self._points.append((0, edge.ns))

    def _follow(self, edge: Edge, steps: int) -> None:
        on_line_ns = self._line_ns + steps * self._period_ns
        self._line_ns = on_line_ns + PULL * (edge.ns - on_line_ns)
        first_index, first_ns = self._points[0]
        if self._index - first_index >= SETTLE:
            self._period_ns = (edge.ns - first_ns) / (self._index - first_index)
        if self._index - self._points[-1][0] >= self._rate_hz:
            self._points.append((self._index, edge.ns))

    def _measure_interval(self, edge: Edge) -> None:
        before, self._before = self._before, edge
        if before is None:
            return
        self._intervals.append((edge.ns - before.ns) / max((edge.number - before.number) % NUMBERS, 1))
        if len(self._intervals) >= self._rate_hz // (5 if self.interval_hz is None else 1):
            self.interval_hz = 1e9 / max(statistics.median(self._intervals), 1)
            self._intervals.clear()
