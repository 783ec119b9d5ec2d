"""An anti-aliased line through samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ecg.samples import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["coverage"]

FINER: Final = 4
"""Columns into which a pixel is divided; up and down the cover is exact."""


def coverage(x: FloatArray, y: FloatArray, *, width: int, height: int, pen: float) -> NDArray[np.float32]:
    """The share of each pixel that a line covers.

    Args:
        x: of its points, in pixels from the left edge, not falling; shape (n,).
        y: of its points, in pixels from the top edge; the line breaks where it is NaN.
        width: of the picture, in pixels.
        height: the same.
        pen: thickness of the line, in pixels.

    Returns:
        Shape (height, width), 0 to 1.
    """
    columns = width * FINER
    top, bottom = np.full(columns, np.inf), np.full(columns, -np.inf)
    for first, last in runs(np.isfinite(y)):
        _extend(top, bottom, x[first:last] * FINER, y[first:last])
    # The pen: as far to the sides as up and down.
    reach = round(pen / 2 * FINER)
    top = sliding_window_view(np.pad(top, reach, constant_values=np.inf), 2 * reach + 1).min(axis=1) - pen / 2
    bottom = sliding_window_view(np.pad(bottom, reach, constant_values=-np.inf), 2 * reach + 1).max(axis=1) + pen / 2
    rows = np.arange(height, dtype=np.float32)[:, None]
    share = np.zeros((height, width), dtype=np.float32)
    for column in range(FINER):
        upper = top[column::FINER].astype(np.float32)
        lower = bottom[column::FINER].astype(np.float32)
        share += np.clip(np.minimum(rows + 1, lower) - np.maximum(rows, upper), 0, 1)
    share /= FINER
    return share


def _extend(top: FloatArray, bottom: FloatArray, x: FloatArray, y: FloatArray) -> None:
    """Let each column reach over all that the line does in it: at its points and at the columns' borders."""
    first, last = max(int(np.ceil(x[0])), 0), min(int(np.floor(x[-1])), len(top))
    borders = np.arange(first, last + 1, dtype=np.float64)
    heights = np.interp(borders, x, y)
    for column, height in ((np.floor(x), y), (borders, heights), (borders - 1, heights)):
        inside = (column >= 0) & (column < len(top))
        index = column[inside].astype(np.int64)
        np.minimum.at(top, index, height[inside])
        np.maximum.at(bottom, index, height[inside])
