"""Turns the path of a trace through the ink into heights: one for each column, with what is known of its doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray
    from reader.digitise.grid import Grid
    from reader.digitise.runs import Runs

__all__ = ["Extent", "Trace", "extents_of", "pen_width", "trace_of"]

_BRIDGED_MM: Final = 2.0
"""Longest way without ink that is bridged: 0.08 s at 25 mm/s. A longer one is lost."""
_FINE_PX_A_MM: Final = 16
"""Columns of 2.5 ms at 25 mm/s."""
_EDGE_PX: Final = 1.5
"""Around a run of ink, where its edges are blurred."""
_HALF: Final = 0.5
_LEVEL: Final = 2.0
"""Ink that is no higher than so many pens is a level part of the trace."""
_EVEN_PX2: Final = 0.1
"""Departures, squared pixels, below which both edges count alike."""
_SURE, _SHARED, _BRIDGED = 1.0, 0.5, 0.25
"""Confidence of what was seen alone, what two rows share, and what was bridged."""


@dataclass(slots=True, eq=False)
class Extent:
    """Ink of a row in each column: shape (columns,), pixels; NaN where there is none.

    Attributes:
        top, bottom: ends of the ink.
        is_shared: another row has the same ink.
    """

    top: FloatArray
    bottom: FloatArray
    is_shared: NDArray[np.bool_]

    def part(self, first: int, last: int) -> Extent:
        """The ink in some of the columns."""
        return Extent(self.top[first:last], self.bottom[first:last], self.is_shared[first:last])


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The middle of the pen.

    Attributes:
        columns: shape (n,), places in columns of the page, from the first of the lead on.
        height_px: shape (n,), pixel rows; NaN where the trace is lost.
        confidence: shape (n,), 0 to 1.
    """

    columns: FloatArray
    height_px: FloatArray
    confidence: FloatArray


def extents_of(runs: Runs, paths: Sequence[NDArray[np.int64]], baselines: Sequence[float]) -> list[Extent]:
    """The ink of each row, from top to bottom; what two share is given to the one whose spike reaches the other."""
    found = []
    for path in paths:
        there = path >= 0
        top, bottom = np.full(len(path), np.nan), np.full(len(path), np.nan)
        top[there], bottom[there] = runs.top[path[there]], runs.bottom[path[there]]
        found.append(Extent(top, bottom, np.zeros(len(path), dtype=bool)))
    for number in range(len(paths) - 1):
        upper, lower = paths[number], paths[number + 1]
        shared = (upper >= 0) & (upper == lower)
        if shared.any():
            _part(found[number], found[number + 1], shared, (baselines[number], baselines[number + 1]))
    return found


def _part(upper: Extent, lower: Extent, shared: NDArray[np.bool_], baselines: tuple[float, float]) -> None:
    """Share ink between two rows, stretch by stretch."""
    width = pen_width([upper, lower])
    edges = np.flatnonzero(np.diff(np.r_[0, shared.astype(int), 0]))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        beside = [column for column in (first - 1, last) if 0 <= column < len(shared)]
        down = _reach(upper.bottom[beside] - baselines[0])
        up = _reach(baselines[1] - lower.top[beside])
        part = slice(first, last)
        if up >= down:  # the lower row's spike goes up to the upper row
            level = np.nanmean(np.r_[upper.bottom[beside], baselines[0]][: len(beside) or 1]) + 0.5
            cut = np.clip(level, upper.top[part] + width, upper.bottom[part])
        else:
            level = np.nanmean(np.r_[lower.top[beside], baselines[1]][: len(beside) or 1]) - 0.5
            cut = np.clip(level, upper.top[part], upper.bottom[part] - width)
        lower.top[part] = cut
        upper.bottom[part] = cut
        upper.is_shared[part] = lower.is_shared[part] = True


def _reach(distances: FloatArray) -> float:
    finite = distances[np.isfinite(distances)]
    return float(finite.max()) if len(finite) else 0.0


def pen_width(extents: Sequence[Extent]) -> float:
    """Thickness of the trace where it is level, pixels."""
    thickness = np.concatenate([extent.bottom - extent.top for extent in extents])
    thickness = thickness[np.isfinite(thickness)]
    return float(np.median(thickness)) if len(thickness) else 1.0


def trace_of(darkness: Float32Array, extent: Extent, grid: Grid, width: float) -> Trace:
    """The middle of the pen that left the ink.

    A steep stroke is told by its left and right edges, so the columns are first made finer. The upper edge of the ink
    is the trace dilated by the pen; eroded again it has slopes and upward peaks where they were, and fills narrow
    valleys. The lower edge is the same the other way round. Where they differ, the one counts that departs more from
    the level between the places where the ink is no thicker than the pen.

    Args:
        darkness: of the page, the columns of the extent.
        extent: of one lead or rhythm strip.
        grid: scale of the page.
        width: of the pen, pixels.
    """
    finer = max(1, round(_FINE_PX_A_MM / grid.px_a_mm_x))
    columns = (np.arange(len(extent.top) * finer) + 0.5) / finer - 0.5
    top, bottom = _finer_edges(darkness, extent, finer, columns)
    is_seen = np.isfinite(top)
    if np.count_nonzero(is_seen) < 2:
        return Trace(columns, np.full(len(columns), np.nan), np.zeros(len(columns)))
    height = np.full(len(columns), np.nan)
    radius_x = width / 2 * finer * grid.px_a_mm_x / grid.px_a_mm_y
    edges = np.flatnonzero(np.diff(np.r_[0, is_seen.astype(int), 0]))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        height[first:last] = _line(top[first:last], bottom[first:last], width / 2, radius_x)
    height = _bridged(height, round(_BRIDGED_MM * grid.px_a_mm_x * finer))
    shared = np.repeat(extent.is_shared, finer)
    confidence = np.where(is_seen, np.where(shared, _SHARED, _SURE), _BRIDGED)
    return Trace(columns, height, np.where(np.isnan(height), 0.0, confidence))


def _finer_edges(
    darkness: Float32Array, extent: Extent, finer: int, columns: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Upper and lower edge of a row's ink in finer columns, between which the darkness is interpolated (cubic)."""
    from scipy.ndimage import binary_dilation, zoom  # noqa: PLC0415 - for pages only

    seen = np.isfinite(extent.top) & np.isfinite(extent.bottom)
    if not seen.any():
        empty = np.full(len(columns), np.nan)
        return empty, empty
    first = max(int(extent.top[seen].min()) - 3, 0)
    rows = np.arange(first, min(int(extent.bottom[seen].max()) + 4, len(darkness)))
    with np.errstate(invalid="ignore"):
        own = (rows[:, None] >= extent.top - _EDGE_PX) & (rows[:, None] <= extent.bottom + _EDGE_PX)
    # The blurred edge of a steep stroke lies beside it.
    ink = np.where(binary_dilation(own, np.ones((1, 5), dtype=bool)), darkness[rows], 0).astype(np.float32)
    if finer > 1:
        ink = zoom(ink, (1, finer), order=3, mode="nearest", grid_mode=True)
    is_ink = ink > _HALF
    there = is_ink.any(axis=0) & np.repeat(seen, finer)
    top, bottom = is_ink.argmax(axis=0), len(rows) - 1 - is_ink[::-1].argmax(axis=0)
    at = np.arange(ink.shape[1])
    padded = np.pad(ink, ((1, 1), (0, 0)))
    top_px = first + top - _share(padded[top, at], ink[top, at])
    bottom_px = first + bottom + _share(padded[bottom + 2, at], ink[bottom, at])
    return np.where(there, top_px, np.nan), np.where(there, bottom_px, np.nan)


def _share(outside: Float32Array, inside: Float32Array) -> FloatArray:
    """How far an edge lies outside the last pixel that is ink, 0 to 1."""
    return np.asarray(np.clip((inside - _HALF) / np.maximum(inside - outside, 1e-3), 0, 1), dtype=np.float64)


def _line(top: FloatArray, bottom: FloatArray, radius: float, radius_x: float) -> FloatArray:
    """The height in each column of a stretch without gaps."""
    upper, lower = _eroded(top, radius, radius_x), -_eroded(-bottom, radius, radius_x)
    middle = (upper + lower) / 2
    columns = np.arange(len(middle))
    is_level = bottom - top <= _LEVEL * 2 * radius
    level = np.interp(columns, columns[is_level], middle[is_level]) if is_level.any() else middle
    above, below = np.maximum(level - upper, 0) ** 2, np.maximum(lower - level, 0) ** 2
    share = (above + _EVEN_PX2) / (above + below + 2 * _EVEN_PX2)
    return np.asarray(share * upper + (1 - share) * lower)


def _bridged(height: FloatArray, longest: int) -> FloatArray:
    """The heights with lines over gaps of so many columns, level before the first and behind the last height."""
    columns = np.arange(len(height))
    known = np.flatnonzero(np.isfinite(height))
    at = np.searchsorted(known, columns)
    left, right = known[np.clip(at - 1, 0, len(known) - 1)], known[np.clip(at, 0, len(known) - 1)]
    is_outside = (columns < known[0]) | (columns > known[-1])
    is_short = np.where(is_outside, np.abs(columns - left), right - left - 1) <= longest
    return np.where(np.isfinite(height) | is_short, np.interp(columns, known, height[known]), np.nan)


def _eroded(edge: FloatArray, radius: float, radius_x: float) -> FloatArray:
    """The middle of a round pen whose upper edge this is: `radius` rows high, `radius_x` columns wide."""
    result = edge + radius
    for shift in range(1, int(radius_x) + 1):
        padded = np.pad(edge, shift, mode="edge")
        beside = np.maximum(padded[: -2 * shift], padded[2 * shift :])
        result = np.maximum(result, beside + radius * float(np.sqrt(1 - (shift / radius_x) ** 2)))
    return result
