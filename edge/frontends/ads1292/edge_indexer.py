"""Finds the sample index of each DRDY edge. A missed edge must become a gap, never a shift.

An edge has the kernel's number and a time. The number misses an edge that the interrupt controller never saw; the time
is late when interrupts were delayed. The indexer therefore fits a line to the times. Where number and line agree, the
index is certain. Where they disagree, the edge waits for the next ones. If those agree with their numbers, it was only
late. If all are off by the same count, that many edges were not numbered.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from edge.frontends.bus import Edge

__all__ = ["EdgeIndexer"]

MAX_DEVIATION = 0.25
"""In periods: an edge closer to the line than this belongs to the nearest sample."""

CONFIRMING_EDGES = 5
"""When this many edges in a row are off by the same count, that many edges were not numbered. Late edges are never so
consistent."""

MAX_EARLY = 0.02
"""In periods. Edges are never early. If the first confirming edge is earlier than the others by more than this, it was
really late by most of a period and precedes the missed edge; it is dropped."""

MAX_WAITING = 50
"""When this many edges in a row fit nothing, the line is wrong and restarts at the latest edge."""

LINE_GAIN = 0.25
"""Share of an edge's deviation by which the line moves: it follows a clock 2 % off within 0.08 periods and smooths
single late edges."""

MIN_PERIOD_SAMPLES = 50
"""From then on the period is the mean over all samples: a delay of 1 ms is then 1 % of it."""

FIRST_INTERVALS = 5
"""Until then the period is the median interval of at least this many edges; late and missed ones hardly change it."""

OSCILLATOR_TOLERANCE = 0.05
"""Oscillators are within 2 %: a median with a larger error is not the period."""

WINDOW_S = 600
"""Length of the regression for the true rate, with one point per second; as in `edge.frontends.timebase`."""

EDGE_NUMBERS = 2**32
"""The kernel's numbers are 32 bits wide: they wrap after 99 days at 500 per second."""

Value = TypeVar("Value")


class EdgeIndexer(Generic[Value]):
    """Assigns each value the sample index of its edge.

    Args:
        rate_hz: nominal rate of the edges.

    Attributes:
        interval_hz: rate by the median interval of the last second's edges, independent of missed edges; None in the
            first 0.2 s.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._period_ns = 1e9 / rate_hz
        self._line_ns = 0.0  # time of `_index` on the line
        self._index = -1
        self._number = 0
        self._waiting: list[tuple[Edge, Value]] = []
        self._off_by = 0  # difference between steps on the line and numbers of the latest waiting edges
        self._streak: list[float] = []  # deviation of each of those edges from the line, in periods
        self._points: deque[tuple[int, int]] = deque(maxlen=WINDOW_S)
        self._previous: Edge | None = None
        self._intervals: list[float] = []
        self.interval_hz: float | None = None

    @property
    def rate_hz(self) -> float | None:
        """True rate by a regression of times over indices; None in the first second."""
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
        """Take an edge and the value read at it; returns the edges whose index is now certain, in order."""
        self._measure_interval(edge)
        if self._index < 0:
            self._start(edge)
            return [(0, edge, value)]
        periods = (edge.ns - self._line_ns) / self._period_ns
        steps = round(periods)
        numbered = (edge.number - self._number) % EDGE_NUMBERS
        self._waiting.append((edge, value))
        if abs(periods - steps) > MAX_DEVIATION:
            self._streak = []
        elif steps == numbered:
            return self._assign(0, self._waiting)
        elif self._streak and steps - numbered == self._off_by:
            self._streak.append(periods - steps)
            if len(self._streak) == CONFIRMING_EDGES:
                first, *others = self._streak
                certain = CONFIRMING_EDGES - (first < min(others) - MAX_EARLY)
                return self._assign(self._off_by, self._waiting[-certain:])
        else:
            self._off_by, self._streak = steps - numbered, [periods - steps]
        if len(self._waiting) > MAX_WAITING:
            self._index += max(steps, 1)
            self._line_ns, self._number = edge.ns, edge.number
            self._clear_waiting()
        return []

    def _assign(self, off_by: int, certain: list[tuple[Edge, Value]]) -> list[tuple[int, Edge, Value]]:
        """Index waiting edges by their numbers plus `off_by`; the other waiting edges are lost."""
        start, number = self._index, self._number
        indexed = [(start + (edge.number - number) % EDGE_NUMBERS + off_by, edge, value) for edge, value in certain]
        index, latest, _ = indexed[-1]
        self._index, self._number = index, latest.number
        self._move_line(latest, index - start)
        self._clear_waiting()
        return [each for each in indexed if each[0] > start]  # a second edge at one sample is noise on the line

    def _clear_waiting(self) -> None:
        self._waiting = []
        self._streak = []

    def _start(self, edge: Edge) -> None:
        self._index, self._line_ns, self._number = 0, edge.ns, edge.number
        self._points.append((0, edge.ns))

    def _move_line(self, edge: Edge, steps: int) -> None:
        on_line_ns = self._line_ns + steps * self._period_ns
        self._line_ns = on_line_ns + LINE_GAIN * (edge.ns - on_line_ns)
        first_index, first_ns = self._points[0]
        if self._index - first_index >= MIN_PERIOD_SAMPLES:
            self._period_ns = (edge.ns - first_ns) / (self._index - first_index)
        if self._index - self._points[-1][0] >= self._rate_hz:
            self._points.append((self._index, edge.ns))

    def _measure_interval(self, edge: Edge) -> None:
        previous, self._previous = self._previous, edge
        if previous is None:
            return
        self._intervals.append((edge.ns - previous.ns) / max((edge.number - previous.number) % EDGE_NUMBERS, 1))
        if self._index < MIN_PERIOD_SAMPLES and len(self._intervals) >= FIRST_INTERVALS:
            median_ns = statistics.median(self._intervals)
            if abs(median_ns * self._rate_hz / 1e9 - 1) < OSCILLATOR_TOLERANCE:
                self._period_ns = median_ns
        if len(self._intervals) >= self._rate_hz // (5 if self.interval_hz is None else 1):
            self.interval_hz = 1e9 / max(statistics.median(self._intervals), 1)
            self._intervals.clear()
