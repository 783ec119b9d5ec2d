"""The regular steps behind the printed times of a table, and what the times tell about lost samples."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.formats.csv.times import DAY_S
from ecg.formats.options import HIGHEST_RATE_HZ, LOWEST_RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["Clock", "TimeGrid", "learn_grid"]

_HIGHEST_DENOMINATOR: Final = 1000
"""A rate that is no whole number of Hz is rounded to a fraction with at most this denominator."""

_LONGEST_GAP_S: Final = 7 * DAY_S
"""A longer leap is a damaged cell, not a pause in a recording: one record holds a week at most, and who reads it goes
through every lost sample."""

_DOUBTFUL_GAP_S: Final = 3600.0
"""A longer leap is one too, once the times have stepped back without a reason."""

_FEWEST_STAMPS: Final = 3
_CHANGE_OF_CLOCKS_S: Final = 3600.0
_SOON_S: Final = 60.0
"""What is found to be no step back but a clock that started again goes on within this time."""


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """The regular steps behind printed times.

    Attributes:
        rate_hz: sampling rate.
        step_s: 1 / rate.
        longest_step_s: a longer one is a gap; shorter ones are steps blurred by the rounding of the times.
        rows_a_stamp: rows that share a time; 1 where each has its own.
    """

    rate_hz: Fraction
    step_s: float
    longest_step_s: float
    rows_a_stamp: float = 1.0


def learn_grid(times_s: FloatArray, rate_hz: Fraction | None) -> TimeGrid | None:
    """Find the sampling rate in the first times of a file.

    The mean of the ordinary steps is taken, not their median: times are often rounded (360 Hz in ms steps by 2, 3, 3),
    and the mean over many rows undoes that. Where rows share a time (the packets of a radio link, whole seconds), rows
    are counted from one new time to the next, without those of the first time, which may have begun before the file.
    Within its uncertainty the rate is taken to be a whole number of Hz.

    Args:
        times_s: shape (n,), in s.
        rate_hz: where it is known otherwise; then only the steps' blur is learned.

    Returns:
        None where too few steps go forward, or where the rate is none that a recorder has.
    """
    steps_s = np.diff(times_s)
    if np.count_nonzero(steps_s > 0) < 2:
        return None
    starts = np.flatnonzero(steps_s != 0) + 1
    if len(times_s) >= 1.5 * (len(starts) + 1):
        return _learn_stamps(times_s[starts], starts, rate_hz)
    low_s, high_s = (float(value) for value in np.percentile(steps_s[steps_s >= 0], (5, 95)))
    ordinary_s = steps_s[(steps_s >= 0) & (steps_s <= 1.5 * high_s)]
    blur_s = high_s - low_s
    total_s = float(ordinary_s.sum())
    if rate_hz is None:
        rate_hz = _round(len(ordinary_s) / total_s, 2 * blur_s / total_s)
    if rate_hz is None:
        return None
    step_s = float(1 / rate_hz)
    return TimeGrid(rate_hz, step_s, max(1.5 * step_s, 1.25 * step_s + blur_s))


def _learn_stamps(times_s: FloatArray, starts: NDArray[np.int64], rate_hz: Fraction | None) -> TimeGrid | None:
    """The grid of rows of which several share a time, from the row at which each new time begins."""
    steps_s, rows = np.diff(times_s), np.diff(starts)
    forward = steps_s > 0
    steps_s, rows = steps_s[forward], rows[forward]
    if len(steps_s) < _FEWEST_STAMPS:
        return None
    usual = float(np.median(rows / steps_s))
    ordinary = np.abs(rows / steps_s / usual - 1) < 0.5
    total_s = float(steps_s[ordinary].sum())
    rate = float(rows[ordinary].sum()) / total_s
    late_s = steps_s[ordinary] - rows[ordinary] / rate
    blur_s = float(np.subtract(*np.percentile(late_s, (95, 5))))
    if rate_hz is None:
        rate_hz = _round(rate, (2 * blur_s + 1 / rate) / total_s)
    if rate_hz is None:
        return None
    stamp_s = float(np.median(steps_s[ordinary]))
    return TimeGrid(rate_hz, float(1 / rate_hz), max(0.25 * stamp_s, 2 * blur_s), float(np.median(rows[ordinary])))


def _round(rate: float, uncertainty: float) -> Fraction | None:
    """The whole number of Hz within a relative uncertainty, else a fraction; None for no possible rate."""
    if not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        return None
    whole = round(rate)
    if whole and abs(whole - rate) <= max(1e-6, uncertainty) * rate:
        return Fraction(whole)
    return max(Fraction(rate).limit_denominator(_HIGHEST_DENOMINATOR), LOWEST_RATE_HZ)


class Clock:
    """Follows the times of a table from row to row.

    A clock without a date starts again at midnight, at noon or at the full hour; a local one is set by an hour twice a
    year; a counter of 8, 16 or 32 bits begins anew. Any other step back, a leap of over a week, and after
    a step back one of over an hour, is no gap: the samples go on, and `remarks` says so.

    Args:
        grid: the regular steps.
        counts: units of the times that are numbers, in s, for counters that begin anew; 0 for clock times.
        wraps: the times are clock times without a date.
        is_local: the times are dates with a clock time and no zone.
    """

    def __init__(self, grid: TimeGrid, *, counts: float = 0.0, wraps: bool = False, is_local: bool = False) -> None:
        self._grid = grid
        self._last_s: float | None = None
        self._stamp_s: float | None = None
        self._rows_since = 0
        self._is_local = is_local
        self._shifts_s = [counts * (1 << bits) for bits in (8, 16, 32)] if counts else []
        if wraps:
            self._shifts_s += [DAY_S, DAY_S / 2, 3600.0]
        if is_local:
            self._shifts_s.append(_CHANGE_OF_CLOCKS_S)
        self._steps_back: list[int] = []
        self._changes: list[int] = []

    @property
    def remarks(self) -> list[str]:
        """What was odd about the times, one sentence each."""
        remarks = []
        if self._changes:
            remarks.append(f"line {self._changes[0]}: the clock is set by an hour; read on without a gap")
        if self._steps_back:
            places = "1 place" if len(self._steps_back) == 1 else f"{len(self._steps_back)} places"
            remarks.append(
                f"line {self._steps_back[0]}: time steps back or leaps too far (in {places}); read on without a gap"
            )
        return remarks

    def lost_before(self, times_s: FloatArray, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many samples were lost before each row.

        Args:
            times_s: of the next rows, shape (n,); NaN where a row has none.
            numbers: of the lines of the rows, for remarks.

        Returns:
            Shape (n,).
        """
        step_s = self._grid.step_s
        stamps = self._grid.rows_a_stamp > 1
        times_s = self._filled(times_s, 0.0 if stamps else step_s)
        before = times_s[0] - (0.0 if stamps else step_s) if self._last_s is None else self._last_s
        steps_s = np.diff(times_s, prepend=before)
        odd = (steps_s < 0) | (steps_s > _DOUBTFUL_GAP_S)
        if self._is_local:
            odd |= np.abs(steps_s - step_s - _CHANGE_OF_CLOCKS_S) < 1.5 * step_s
        for row in np.flatnonzero(odd).tolist():
            steps_s[row] = self._explained(float(steps_s[row]), int(numbers[row]))
        self._last_s = float(times_s[-1])
        if stamps:
            return self._lost_between_stamps(steps_s)
        lost = np.zeros(len(times_s), dtype=np.int64)
        jumps = steps_s > self._grid.longest_step_s
        lost[jumps] = np.round(steps_s[jumps] / step_s).astype(np.int64) - 1
        return lost

    def _filled(self, times_s: FloatArray, step_s: float) -> FloatArray:
        """The times with a likely one where a cell has none, or one that neither neighbour agrees with."""
        times_s = times_s.copy()
        alone = np.flatnonzero(np.abs(np.diff(times_s)) > _SOON_S) + 1
        for row in alone[alone < len(times_s) - 1].tolist():
            around_s = times_s[row + 1] - times_s[row - 1]
            if 0 <= around_s <= _SOON_S and not times_s[row - 1] <= times_s[row] <= times_s[row + 1]:
                times_s[row] = np.nan
        if np.isnan(times_s[0]):
            times_s[0] = 0.0 if self._last_s is None else self._last_s + step_s
        for unknown in np.flatnonzero(np.isnan(times_s)):
            times_s[unknown] = times_s[unknown - 1] + step_s
        return times_s

    def _explained(self, step_s: float, number: int) -> float:
        """The true length of an odd step."""
        if step_s < 0:
            if -step_s <= self._grid.longest_step_s and not self._grid.rows_a_stamp > 1:
                return 0.0  # neighbours that were stamped in the wrong order
            found = [step_s + shift_s for shift_s in self._shifts_s if 0 <= step_s + shift_s <= _SOON_S]
            if not found and DAY_S in self._shifts_s and step_s + DAY_S <= DAY_S / 2:
                return step_s + DAY_S
            if found:
                if self._is_local:
                    self._changes.append(number)
                return min(found)
        elif self._is_local and abs(step_s - self._grid.step_s - _CHANGE_OF_CLOCKS_S) < 1.5 * self._grid.step_s:
            self._changes.append(number)
            return step_s - _CHANGE_OF_CLOCKS_S
        elif step_s <= (_DOUBTFUL_GAP_S if self._steps_back else _LONGEST_GAP_S):
            return step_s
        self._steps_back.append(number)
        return self._grid.step_s

    def _lost_between_stamps(self, steps_s: FloatArray) -> NDArray[np.int64]:
        """Where several rows share a time, a gap is a step that is longer than the rows before it account for."""
        lost = np.zeros(len(steps_s), dtype=np.int64)
        rows = self._rows_since
        last = 0
        for row in np.flatnonzero(steps_s > 0).tolist():
            rows += row - last
            last = row
            if self._stamp_s is None:
                self._stamp_s = 0.0  # the first time may have begun before the file
            else:
                late_s = float(steps_s[row]) - rows * self._grid.step_s
                if late_s > self._grid.longest_step_s:
                    lost[row] = round(late_s / self._grid.step_s)
            rows = 0
        self._rows_since = rows + len(steps_s) - last
        return lost
