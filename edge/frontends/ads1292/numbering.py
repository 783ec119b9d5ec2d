"""Which sample a DRDY edge belongs to: edges may be missed, and each one missed must become a gap, never a shift.

Two witnesses: the kernel's number of the edge, and its time. The number does not count an edge that the interrupt
controller never saw; the time may be late when interrupts were held up. So a line is kept through the times. Where both
agree the index is certain. Where they do not, the edge waits: if the next ones agree with the number it was only late;
if they all are off by the same count, so many edges were not numbered.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from edge.frontends.bus import Edge

__all__ = ["Numbering"]

ON_THE_LINE = 0.25
"""Of a period: nearer to the line than this, the time says which sample it is."""

CONFIRMED = 5
"""So many edges in a row that are off by the same count: that many were not numbered. Lateness does not last so."""

EARLY = 0.02
"""Of a period: no edge is early. If the first of these is by more than this, against those that follow, then it was
late by most of a period, and the missed edge came after it: it is lost."""

MOST_WAITING = 50
"""So many edges in a row that fit nothing: the line is wrong, it begins anew at the newest."""

PULL = 0.25
"""How far each edge pulls the line its way: follows a clock 2 % off within 0.08 periods, calms single late edges."""

SETTLE = 50
"""Samples before the period is measured over all of them: 1 ms of lateness is then 1 % of it."""

FIRST_INTERVALS = 5
"""Before that, the median distance of so many edges or more is the period: late and missed edges hardly move it."""

OSCILLATOR = 0.05
"""Oscillators are within 2 %: a median further off than this is not the period."""

WINDOW_S = 600
"""The true rate is a regression over so much, with one point a second: the window of `edge.frontends.timebase`."""

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
        self._waiting: list[tuple[Edge, Value]] = []
        self._off_by = 0  # steps that the newest of them are beyond their numbers ...
        self._streak: list[float] = []  # ... and how late each of those is against the line, in periods
        self._points: deque[tuple[int, int]] = deque(maxlen=WINDOW_S)
        self._before: Edge | None = None
        self._intervals: list[float] = []
        self.interval_hz: float | None = None

    @property
    def rate_hz(self) -> float | None:
        """True rate: the slope of a regression of times over indices; None in the first second."""
        count = len(self._points)
        if count < 2:
            return None
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
        numbered = (edge.number - self._number) % NUMBERS
        self._waiting.append((edge, value))
        if abs(periods - steps) > ON_THE_LINE:
            self._streak = []
        elif steps == numbered:
            return self._settle(0, self._waiting)
        elif self._streak and steps - numbered == self._off_by:
            self._streak.append(periods - steps)
            if len(self._streak) == CONFIRMED:
                first, *others = self._streak
                certain = CONFIRMED - (first < min(others) - EARLY)
                return self._settle(self._off_by, self._waiting[-certain:])
        else:
            self._off_by, self._streak = steps - numbered, [periods - steps]
        if len(self._waiting) > MOST_WAITING:
            self._index += max(steps, 1)
            self._line_ns, self._number = edge.ns, edge.number
            self._forget_waiting()
        return []

    def _settle(self, off_by: int, settled: list[tuple[Edge, Value]]) -> list[tuple[int, Edge, Value]]:
        """Give edges that waited the indices of their numbers and `off_by`; the others that waited are lost."""
        before = self._index
        placed = [(before + (edge.number - self._number) % NUMBERS + off_by, edge, value) for edge, value in settled]
        index, newest, _ = placed[-1]
        self._index, self._number = index, newest.number
        self._follow(newest, index - before)
        self._forget_waiting()
        return [each for each in placed if each[0] > before]  # a second edge at one sample is noise on the line

    def _forget_waiting(self) -> None:
        self._waiting = []
        self._streak = []

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
        if self._index < SETTLE and len(self._intervals) >= FIRST_INTERVALS:
            median_ns = statistics.median(self._intervals)
            if abs(median_ns * self._rate_hz / 1e9 - 1) < OSCILLATOR:
                self._period_ns = median_ns
        if len(self._intervals) >= self._rate_hz // (5 if self.interval_hz is None else 1):
            self.interval_hz = 1e9 / max(statistics.median(self._intervals), 1)
            self._intervals.clear()
