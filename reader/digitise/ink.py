"""Tells the ink of traces and letters from the grid, by darkness after the paper's own shade is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import Float32Array

__all__ = ["Ink", "separate", "without_specks"]

_BLOCK: Final = 16
"""Pixels: a block has paper in it, whatever is printed."""
_PAPER_PERCENTILE: Final = 80
_INK_PERCENTILE: Final = 99.7
"""A page of twelve leads has ink on 1 to 5 % of it."""
_INK_SHARE: Final = 0.5
_LEAST_INK: Final = 0.25
"""Darkness of the darkest ink, below which there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What is printed on a page.

    Attributes:
        darkness: shape (height, width), of ink of any grey, 0 paper to 1 as dark as the pen.
        is_ink: darker than half the pen.
        grid: shape as before, how much darker than paper in the colour in which it is darkest; 0 under ink.
    """

    darkness: Float32Array
    is_ink: NDArray[np.bool_]
    grid: Float32Array


def separate(rgb: NDArray[np.uint8]) -> Ink:
    """Separate ink from grid.

    A coloured grid is bright in one of its colours, ink is dark in all of them: of the three the brightest counts. A
    grey grid is told by its darkness alone.
    """
    from scipy.ndimage import binary_dilation  # noqa: PLC0415 - for pages only

    brightest, darkest = rgb.max(axis=2), rgb.min(axis=2)
    darkness = _darker_than_paper(brightest)
    pen = max(float(np.percentile(darkness, _INK_PERCENTILE)), _LEAST_INK)
    darkness = np.clip(darkness / pen, 0, 1)
    is_ink = darkness > _INK_SHARE
    grid = _darker_than_paper(darkest)
    grid[binary_dilation(is_ink, iterations=2)] = 0
    return Ink(darkness, is_ink, np.clip(grid, 0, 0.6))


def _darker_than_paper(grey: NDArray[np.uint8]) -> Float32Array:
    """Darkness against the paper around, 0 to 1."""
    from scipy.ndimage import map_coordinates, median_filter  # noqa: PLC0415

    height, width = grey.shape
    rows, columns = -(-height // _BLOCK), -(-width // _BLOCK)
    padded = np.pad(grey, ((0, rows * _BLOCK - height), (0, columns * _BLOCK - width)), mode="edge")
    blocks = padded.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2).reshape(rows, columns, -1)
    paper = median_filter(np.percentile(blocks, _PAPER_PERCENTILE, axis=2).astype(np.float32), 5, mode="nearest")
    at_rows = (np.arange(height, dtype=np.float32) + 0.5) / _BLOCK - 0.5
    at_columns = (np.arange(width, dtype=np.float32) + 0.5) / _BLOCK - 0.5
    along = map_coordinates(paper, np.meshgrid(at_rows, np.arange(columns), indexing="ij"), order=1, mode="nearest")
    left = np.clip(np.floor(at_columns).astype(int), 0, columns - 1)
    right = np.minimum(left + 1, columns - 1)
    share = np.clip(at_columns - left, 0, 1).astype(np.float32)
    smooth = along[:, left] * (1 - share) + along[:, right] * share
    return np.asarray(1 - grey / np.maximum(smooth, 40), dtype=np.float32)


def without_specks(ink: Ink, least_px: float) -> Ink:
    """The same page without spots of ink that are smaller than `least_px` in both directions, such as a dotted grid."""
    from scipy.ndimage import find_objects, label  # noqa: PLC0415

    labels, _ = label(ink.is_ink, structure=np.ones((3, 3)))
    kept = [False] + [
        max(rows.stop - rows.start, columns.stop - columns.start) >= least_px for rows, columns in find_objects(labels)
    ]
    return Ink(ink.darkness, np.array(kept)[labels], ink.grid)
