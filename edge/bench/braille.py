"""Draws the ECG with braille characters, each two dots wide and four high."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["draw", "vertical_range_mv"]

BLANK = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each dot, by row from the top and by column (Unicode standard, block Braille Patterns)."""

SMALLEST_SPAN_MV = 1.0
"""Keeps the noise of a flat line from looking like an ECG."""


def vertical_range_mv(samples_mv: FloatArray) -> tuple[float, float] | None:
    """Voltages at the lower and the upper edge of the drawing; None without samples."""
    if not np.isfinite(samples_mv).any():
        return None
    low_mv, high_mv = float(np.nanmin(samples_mv)), float(np.nanmax(samples_mv))
    middle_mv = (low_mv + high_mv) / 2
    span_mv = max(high_mv - low_mv, SMALLEST_SPAN_MV)
    return middle_mv - span_mv / 2, middle_mv + span_mv / 2


def draw(samples_mv: FloatArray, *, columns: int, rows: int) -> list[str]:
    """Draw samples from left to right.

    Args:
        samples_mv: shape (n,), mV; NaN stays blank.
        columns: width in characters.
        rows: height in characters.

    Returns:
        `rows` lines of `columns` characters.
    """
    width, height = 2 * columns, 4 * rows
    cells = np.zeros((rows, columns), dtype=np.int64)
    vertical_range = vertical_range_mv(samples_mv)
    if vertical_range is None:
        return _lines(cells)
    bottom_mv, top_mv = vertical_range
    edges = np.linspace(0, len(samples_mv), width + 1).astype(np.int64)
    before: int | None = None
    for x in range(width):
        piece_mv = samples_mv[edges[x] : max(edges[x + 1], edges[x] + 1)]
        piece_mv = piece_mv[np.isfinite(piece_mv)]
        if not len(piece_mv):
            before = None
            continue
        # All dots between the extremes of this column and the end of the previous one: R peaks keep their height.
        levels = np.rint((top_mv - piece_mv) / (top_mv - bottom_mv) * (height - 1)).astype(int)
        dots = [int(levels.min()), int(levels.max())]
        if before is not None:
            dots = [min(dots[0], before), max(dots[1], before)]
        before = int(levels[-1])
        for y in range(dots[0], dots[1] + 1):
            cells[y // 4, x // 2] |= DOTS[y % 4][x % 2]
    return _lines(cells)


def _lines(cells: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> list[str]:
    return ["".join(chr(BLANK + int(cell)) for cell in row) for row in cells]
