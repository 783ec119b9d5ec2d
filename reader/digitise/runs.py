"""The ink of a page as vertical runs, column by column: what a trace can pass through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray

__all__ = ["Runs", "find_runs"]

_EDGE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """All vertical runs of ink, sorted by column and then from top to bottom.

    Attributes:
        first: shape (width + 1,), number of the first run of each column.
        top, bottom: of each run, pixels, in parts of a pixel; a pixel's middle is its number.
    """

    first: NDArray[np.int64]
    top: FloatArray
    bottom: FloatArray

    @property
    def column(self) -> NDArray[np.int64]:
        """Column of each run."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def find_runs(darkness: Float32Array, is_ink: NDArray[np.bool_]) -> Runs:
    """Find the runs; their ends lie where the darkness passes one half."""
    padded = np.zeros((is_ink.shape[1], is_ink.shape[0] + 2), dtype=np.int8)
    padded[:, 1:-1] = is_ink.T
    change = np.diff(padded, axis=1)
    column, top = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    first = np.searchsorted(column, np.arange(is_ink.shape[1] + 1))
    columns = np.pad(darkness.T, ((0, 0), (1, 1)))
    return Runs(
        first,
        top - _share(columns[column, top], columns[column, top + 1]),
        end - 1 + _share(columns[column, end + 1], columns[column, end]),
    )


def _share(outside: Float32Array, inside: Float32Array) -> FloatArray:
    """How far the edge lies outside the last pixel that is ink, 0 to 1."""
    step = np.maximum(inside - outside, 1e-3)
    return np.asarray(np.clip((inside - _EDGE) / step, 0, 1), dtype=np.float64)
