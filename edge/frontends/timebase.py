"""UTC of a sample index, from a regression of arrival times over indices.

Counting samples alone would drift: a front end's oscillator is off by up to 2 %. The arrival of a single block jitters:
it can only be late, never early. The regression line runs through the least late block of each second of the last
minutes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ

__all__ = ["TimeBase", "UtcLine"]

WINDOW_S = 600
"""Long enough to know the rate within 10 ppm at 10 ms of jitter, short enough to follow temperature drift."""

SETTLING_S = 20
"""Until then the nominal rate applies: jitter would affect the slope more than the oscillator does."""

RATE_TOLERANCE = 0.05
"""Oscillators are within 2 %; a larger error has another cause."""

JUMP_S = 1.0
JUMP_SECONDS = 5
"""When the arrivals of this many seconds in a row are this far from the line, the source has paused without reporting a
gap. The line restarts."""


@dataclass(slots=True)
class _Arrival:
    """The least late block of one second: its end (360 Hz index), arrival (monotonic clock) and lateness."""

    index: int
    arrival_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class UtcLine:
    """UTC as a straight line over indices.

    Attributes:
        index: 360 Hz index of a point on the line.
        utc_s: time of that point, seconds since 1970 UTC.
        step_s: seconds per index.
    """

    index: float
    utc_s: float
    step_s: float

    def utc(self, index: float) -> datetime:
        """The time of a 360 Hz index."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self.utc_s + (index - self.index) * self.step_s)


class TimeBase:
    """The time of each 360 Hz index of a live stream.

    Args:
        speed: multiple of real time at which the stream arrives; 1 except for recordings played faster or slower.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        self._nominal_s = 1 / (SAMPLE_RATE_HZ * speed)
        self._arrivals: deque[_Arrival] = deque()
        self._wall_minus_monotonic_s = 0.0
        self._slope_s = self._nominal_s
        self._origin: tuple[float, float] = (0.0, 0.0)  # a point of the line: index, monotonic seconds

    @property
    def rate_ratio(self) -> float | None:
        """True rate of the stream divided by its nominal rate; None until it is known."""
        if not self._arrivals or self._arrivals[-1].arrival_s - self._arrivals[0].arrival_s < SETTLING_S:
            return None
        return self._nominal_s / self._slope_s

    def arrived(self, index: int, *, monotonic_s: float, wall_s: float) -> None:
        """Note that the samples before `index` have arrived.

        Args:
            index: 360 Hz index of the end of a block.
            monotonic_s: arrival time on a clock that never jumps.
            wall_s: the same time on the wall clock, seconds since 1970 UTC. When it jumps because the clock is set,
                the new setting applies to all indices.
        """
        self._wall_minus_monotonic_s = wall_s - monotonic_s
        late_s = monotonic_s - index * self._nominal_s
        last = self._arrivals[-1] if self._arrivals else None
        if last is not None and int(monotonic_s) == int(last.arrival_s):
            if late_s >= last.late_s:
                return
            self._arrivals.pop()
        self._arrivals.append(_Arrival(index, monotonic_s, late_s))
        while self._arrivals[0].arrival_s < monotonic_s - WINDOW_S:
            self._arrivals.popleft()
        self._forget_before_jump()
        self._fit()

    @property
    def line(self) -> UtcLine:
        """The current line; before the first arrival it starts in 1970."""
        index, monotonic_s = self._origin
        return UtcLine(index, monotonic_s + self._wall_minus_monotonic_s, self._slope_s)

    def utc(self, index: int) -> datetime:
        """The time of a 360 Hz index; in 1970 before the first arrival."""
        return self.line.utc(index)

    def _forget_before_jump(self) -> None:
        recent = list(self._arrivals)[-JUMP_SECONDS:]
        if len(self._arrivals) <= JUMP_SECONDS:
            return
        origin_index, origin_s = self._origin
        off_s = [seen.arrival_s - origin_s - (seen.index - origin_index) * self._slope_s for seen in recent]
        if min(off_s) > JUMP_S or max(off_s) < -JUMP_S:
            self._arrivals = deque(recent)

    def _fit(self) -> None:
        first, last = self._arrivals[0], self._arrivals[-1]
        if last.arrival_s - first.arrival_s < SETTLING_S:
            least_late = min(self._arrivals, key=lambda seen: seen.late_s)
            self._slope_s = self._nominal_s
            self._origin = (least_late.index, least_late.arrival_s)
            return
        index = np.array([seen.index for seen in self._arrivals], dtype=np.float64)
        arrival_s = np.array([seen.arrival_s for seen in self._arrivals])
        centre, centre_s = float(index.mean()), float(arrival_s.mean())
        from_centre = index - centre
        slope_s = float(from_centre @ (arrival_s - centre_s) / (from_centre @ from_centre))
        self._slope_s = min(
            max(slope_s, self._nominal_s * (1 - RATE_TOLERANCE)), self._nominal_s * (1 + RATE_TOLERANCE)
        )
        self._origin = (centre, centre_s)
