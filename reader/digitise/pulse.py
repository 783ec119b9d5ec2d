"""Reads the calibration pulses of 1 mV before the traces: their height and their foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.digitise.grid import Grid
    from reader.digitise.runs import Runs

__all__ = ["Pulse", "find_pulse", "gain_of"]

GAINS_MM_A_MV: Final = (2.5, 5.0, 10.0, 20.0)
"""Of recorders (IEC 60601-2-25); a pulse of 1 mV is so high."""
_OFF: Final = 0.1
_SEARCHED_MM: Final = 45.0
_LEAST_WIDTH_MM, _MOST_WIDTH_MM = 1.4, 12.0
_LEVEL_MM: Final = 0.45
_LOWEST_MM: Final = 2.0
_HIGHEST_MM: Final = 22.5
_THIN_MM: Final = 1.3


@dataclass(frozen=True, slots=True)
class Pulse:
    """A calibration pulse.

    Attributes:
        height_mm: from foot to top, middle of the lines.
        foot_px: row of the foot, where the trace has 0 mV.
        end: column behind its fall.
    """

    height_mm: float
    foot_px: float
    end: int


def find_pulse(runs: Runs, grid: Grid, baseline: float, left: int) -> Pulse | None:
    """The pulse at the beginning of a row: a rise, a level top, a fall.

    Args:
        runs: of the page.
        grid: its scale.
        baseline: of the row, pixels.
        left: first column with ink.
    """
    last = min(left + round(_SEARCHED_MM * grid.px_a_mm_x), len(runs.first) - 2)
    tops = np.full(last, np.nan)
    is_upright = np.zeros(last, dtype=bool)
    reach_px = 6 * grid.px_a_mm_y
    for column in range(left, last):
        here = slice(runs.first[column], runs.first[column + 1])
        top, bottom = runs.top[here], runs.bottom[here]
        near = np.abs(bottom - baseline) < reach_px
        tall = near & (bottom - top > _LOWEST_MM * grid.px_a_mm_y)
        if tall.any():
            is_upright[column] = True
            continue
        thin = (bottom - top < _THIN_MM * grid.px_a_mm_y) & (bottom < baseline + reach_px)
        thin &= top > baseline - _HIGHEST_MM * grid.px_a_mm_y - reach_px
        if thin.any():
            tops[column] = (top[thin].min() + bottom[thin][top[thin].argmin()]) / 2
    rises = np.flatnonzero(is_upright[1:] & ~is_upright[:-1]) + 1
    for number, rise in enumerate(rises):
        top_start = rise + int(np.argmin(is_upright[rise:])) if not is_upright[rise:].all() else last
        if number + 1 >= len(rises):
            break
        fall = int(rises[number + 1])
        width_mm = (fall - top_start) / grid.px_a_mm_x
        between = tops[top_start:fall]
        if not _LEAST_WIDTH_MM <= width_mm <= _MOST_WIDTH_MM or np.isnan(between).mean() > 0.2:
            continue
        level = float(np.nanmedian(between))
        if np.nanpercentile(np.abs(between - level), 90) > _LEVEL_MM * grid.px_a_mm_y:
            continue
        end = fall + int(np.argmin(is_upright[fall:])) if not is_upright[fall:].all() else last
        foot = _foot(tops, int(rise), end, grid)
        if foot is None:
            continue
        height_mm = (foot - level) / grid.px_a_mm_y
        if height_mm > _LOWEST_MM:
            return Pulse(height_mm, foot, end)
    return None


def _foot(tops: np.ndarray, rise: int, end: int, grid: Grid) -> float | None:
    """The level beside a pulse: of its own foot if there is one."""
    reach = max(2, round(1.5 * grid.px_a_mm_x))
    beside = np.r_[tops[max(rise - reach, 0) : rise], tops[end : end + reach]]
    return float(np.nanmedian(beside)) if np.isfinite(beside).any() else None


def gain_of(pulses: Sequence[Pulse | None]) -> tuple[float, bool]:
    """Millimetres a mV, and whether pulses tell them; without one they are 10.

    Raises:
        PageNotUnderstoodError: their height is that of no recorder.
    """
    heights = [pulse.height_mm for pulse in pulses if pulse is not None]
    if not heights:
        return 10.0, False
    height_mm = float(np.median(heights))
    gain = min(GAINS_MM_A_MV, key=lambda each: abs(np.log(each / height_mm)))
    if abs(height_mm / gain - 1) > _OFF:
        raise PageNotUnderstoodError(
            "calibration", f"the pulse is {height_mm:.1f} mm high, which is no standard height"
        )
    return gain, True
