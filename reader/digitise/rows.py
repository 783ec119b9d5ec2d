"""Finds the rows of traces on a page, the upright lines that part its leads, and where the traces begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reader.digitise.grid import Grid
    from reader.digitise.runs import Runs

__all__ = ["find_rows", "find_separators", "span_of"]

_SEPARATOR_MM: Final = 45.0
"""An upright line is longer than a QRS complex of 4 mV at 10 mm/mV."""
_THIN_MM: Final = 1.6
_NEAR_MM: Final = 2.0
"""Wander of a baseline that is still one row."""
_APART_MM: Final = 9.0
_LEAST_SHARE: Final = 0.22
"""Of the columns, in which a row's trace lies close to its baseline."""
_MOST_ROWS: Final = 16
_GAP_MM: Final = 4.0


def find_separators(is_ink: NDArray[np.bool_], grid: Grid) -> list[tuple[int, int]]:
    """Upright lines: first column, and the column behind the last."""
    from scipy.ndimage import binary_closing, label  # noqa: PLC0415

    length = round(_SEPARATOR_MM * grid.px_a_mm_y)
    closed = binary_closing(is_ink, structure=np.ones((3, 1), dtype=bool))
    ends = np.cumsum(np.pad(closed, ((1, 0), (0, 0))), axis=0, dtype=np.int32)
    full = (
        (ends[length:] - ends[:-length]) >= length - 2 if len(ends) > length else np.zeros((1, is_ink.shape[1]), bool)
    )
    groups, count = label(full.any(axis=0))
    found = []
    for number in range(1, count + 1):
        columns = np.flatnonzero(groups == number)
        if len(columns) <= 2 * grid.px_a_mm_x:
            found.append((int(columns[0]), int(columns[-1]) + 1))
    return found


def find_rows(runs: Runs, grid: Grid, height: int) -> list[float]:
    """The baseline of each row of traces, pixels, from top to bottom.

    Raises:
        PageNotUnderstoodError: there are too few or too many.
    """
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415
    from scipy.signal import find_peaks  # noqa: PLC0415

    thin = runs.bottom - runs.top < _THIN_MM * grid.px_a_mm_y
    middle = (runs.top[thin] + runs.bottom[thin]) / 2
    counts = np.bincount(np.clip(middle.round().astype(int), 0, height - 1), minlength=height).astype(float)
    near_px = _NEAR_MM * grid.px_a_mm_y
    smooth = gaussian_filter1d(counts, near_px / 2) * near_px * np.sqrt(np.pi / 2)
    columns = np.count_nonzero(np.diff(runs.first))
    peaks, _ = find_peaks(
        smooth, height=_LEAST_SHARE * columns, distance=_APART_MM * grid.px_a_mm_y, prominence=0.1 * columns
    )
    if not 1 <= len(peaks) <= _MOST_ROWS:
        reason = "no row of traces is found" if not len(peaks) else f"{len(peaks)} rows are no ECG of twelve leads"
        raise PageNotUnderstoodError("rows", reason)
    return [float(peak) for peak in peaks]


def span_of(runs: Runs, grid: Grid, baselines: list[float], behind: int) -> tuple[int, int]:
    """First column of the traces and the column behind the last, beyond a column such as that of the pulses' end.

    A column counts where half of the rows have ink near them; the longest stretch of such is taken.
    """
    column = runs.column
    width = len(runs.first) - 1
    reach = (min(np.diff(baselines), default=40 * grid.px_a_mm_y)) / 2 if len(baselines) > 1 else 20 * grid.px_a_mm_y
    rows = np.zeros(width)
    for baseline in baselines:
        near = (runs.bottom > baseline - reach) & (runs.top < baseline + reach)
        has_ink = np.zeros(width)
        has_ink[column[near]] = 1
        rows += has_ink
    inked = rows >= max(1, len(baselines) / 2)
    inked[:behind] = False
    at = np.flatnonzero(inked)
    if not len(at):
        raise PageNotUnderstoodError("rows", "no trace is found in them")
    breaks = np.flatnonzero(np.diff(at) > _GAP_MM * grid.px_a_mm_x)
    starts, ends = np.r_[at[0], at[breaks + 1]], np.r_[at[breaks], at[-1]]
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest]) + 1
