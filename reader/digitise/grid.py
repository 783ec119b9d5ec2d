"""Finds the grid of the paper in its Fourier spectrum: how it is turned, and how many pixels a millimetre has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.samples import Float32Array, FloatArray

__all__ = ["Grid", "find_grid", "turn_deg"]

LEAST_PX_A_MM: Final = 2.2
MOST_PX_A_MM: Final = 40.0
NARROWEST_MM, WIDEST_MM = 90, 700
"""Long side of a page, which holds 2.5 s of a lead at least."""
LARGEST_TURN_DEG: Final = 12.0
_BOLD_MM: Final = 5
"""Every fifth line of ECG paper is drawn stronger (IEC 60601-2-25, 1 mm and 5 mm)."""
_TEETH: Final = 10
"""Multiples of the frequency of the bold lines that are looked at: two of the fine lines."""
_FINER: Final = 8
"""Bins of the spectrum for each of its own resolution."""
_SLOW: Final = 121
"""Pixels: slower changes are the paper's."""
_STANDS_OUT: Final = 6.0
"""Height of the grid's peak over the median of the spectrum around it."""
_LEAST_RATIO, _MOST_RATIO = 0.85, 1.18
"""Pixels a mm across to pixels a mm down."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The scale of a page.

    Attributes:
        px_a_mm_x, px_a_mm_y: pixels for each millimetre of the paper, across and down.
        clearness: of the weaker of the two directions, times the median of its spectrum.
    """

    px_a_mm_x: float
    px_a_mm_y: float
    clearness: float


def turn_deg(grid: Float32Array) -> float:
    """How far a picture has to be turned anticlockwise to bring its grid upright, degrees.

    Raises:
        PageNotUnderstoodError: nothing changes anywhere in the picture.
    """
    height, width = grid.shape
    window = np.hanning(height)[:, None] * np.hanning(width)[None, :]
    spectrum = np.abs(np.fft.rfft2((grid - grid.mean()) * window))
    spectrum = np.fft.fftshift(spectrum, axes=0)
    down = np.fft.fftshift(np.fft.fftfreq(height))[:, None]
    across = np.fft.rfftfreq(width)[None, :]
    radius = np.hypot(down, across)
    in_band = (radius > 1 / (_BOLD_MM * MOST_PX_A_MM)) & (radius < 1 / LEAST_PX_A_MM)
    slope = np.tan(np.radians(LARGEST_TURN_DEG))
    angles, weights = [], []
    for is_near, is_across in (
        (in_band & (np.abs(down) < slope * across), True),
        (in_band & (across < slope * np.abs(down)), False),
    ):
        found = np.where(is_near, spectrum, 0)
        if not found.any():
            raise PageNotUnderstoodError("grid", "the picture is plain")
        row, column = np.unravel_index(int(found.argmax()), found.shape)
        at_y, at_x = _centre(found, int(row), int(column))
        y, x = (at_y - height // 2) / height, at_x / width
        angles.append(np.degrees(np.arctan2(y, x) if is_across else np.arctan2(-x * np.sign(y), abs(y))))
        weights.append(float(found[row, column]))
    return float(np.average(angles, weights=weights))


def _centre(spectrum: FloatArray, row: int, column: int) -> tuple[float, float]:
    """The place of a peak, in parts of a bin."""
    rows = slice(max(row - 1, 0), row + 2)
    columns = slice(max(column - 1, 0), column + 2)
    part = spectrum[rows, columns] ** 2
    at = np.mgrid[rows.start : rows.start + part.shape[0], columns.start : columns.start + part.shape[1]]
    return float((at[0] * part).sum() / part.sum()), float((at[1] * part).sum() / part.sum())


def find_grid(grid: Float32Array) -> Grid:
    """Pixels a millimetre, across and down, of a page whose lines are upright.

    Raises:
        PageNotUnderstoodError: there is no grid, or it is not square.
    """
    longest = max(grid.shape)
    band_px = (max(LEAST_PX_A_MM, longest / WIDEST_MM), min(MOST_PX_A_MM, longest / NARROWEST_MM))
    across, down = (_Profile(grid.mean(axis=axis, dtype=np.float64), band_px) for axis in (0, 1))
    clearness = min(across.clearness, down.clearness)
    if clearness < _STANDS_OUT:
        raise PageNotUnderstoodError("grid", "no grid of millimetres stands out from the paper")
    pairs = [
        (score_x + score_y, px_x, px_y)
        for px_x, score_x in across.candidates
        for px_y, score_y in down.candidates
        if _LEAST_RATIO < px_x / px_y < _MOST_RATIO
    ]
    if not pairs:
        raise PageNotUnderstoodError("grid", "its squares are not square; scan the page flat")
    _, px_x, px_y = max(pairs)
    return Grid(across.refined(px_x), down.refined(px_y), clearness)


class _Profile:
    """The spectrum of the mean darkness along one direction.

    Attributes:
        clearness: of its highest peak, over the median.
        candidates: periods that may be a millimetre, pixels, and how well each explains the peaks.
    """

    def __init__(self, profile: FloatArray, band_px: tuple[float, float]) -> None:
        count = len(profile)
        smooth = np.convolve(np.pad(profile, _SLOW // 2, mode="reflect"), np.ones(_SLOW) / _SLOW, mode="valid")
        self._size = _FINER * count
        self._spectrum = np.abs(np.fft.rfft((profile - smooth) * np.hanning(count), self._size))
        low, high = int(self._size / (_BOLD_MM * MOST_PX_A_MM)), int(self._size / LEAST_PX_A_MM)
        peak = low + int(self._spectrum[low:high].argmax())
        self.clearness = float(self._spectrum[peak] / max(float(np.median(self._spectrum[low:high])), 1e-12))
        # The highest peak is the fine lines' or a multiple of the bold lines' frequency.
        periods = [self._size / peak * share for share in (1, 2, 1 / 5, 2 / 5, 3 / 5, 4 / 5)]
        self.candidates = [(px, self._comb(px)) for px in periods if band_px[0] <= px <= band_px[1]]

    def _comb(self, px_a_mm: float) -> float:
        """How well bold lines each 5 mm and fine lines each 1 mm explain the spectrum."""
        total = 0.0
        for number, middle in self._teeth(px_a_mm):
            around = self._spectrum[max(middle - 12 * _FINER, 1) : middle + 12 * _FINER]
            tooth = self._spectrum[middle - _FINER // 2 : middle + _FINER // 2 + 1].max()
            height = float(tooth) / max(float(np.median(around)), 1e-12)
            total += float(np.log(max(height, 1e-3))) * (3.0 if number % _BOLD_MM == 0 else 1.0)
        return total

    def refined(self, px_a_mm: float) -> float:
        """The period from its strongest tooth, in parts of a bin."""
        best, found = 0.0, px_a_mm
        for number, middle in self._teeth(px_a_mm):
            peak = middle - _FINER + int(self._spectrum[middle - _FINER : middle + _FINER + 1].argmax())
            if number * self._spectrum[peak] > best:
                left, top, right = self._spectrum[peak - 1 : peak + 2]
                bend = left - 2 * top + right
                shift = 0.5 * (left - right) / bend if bend else 0.0
                best = number * float(self._spectrum[peak])
                found = float(self._size * number / (_BOLD_MM * (peak + shift)))
        return found

    def _teeth(self, px_a_mm: float) -> Iterator[tuple[int, int]]:
        for number in range(1, _TEETH + 1):
            middle = round(self._size / (_BOLD_MM * px_a_mm) * number)
            if 2 * _FINER < middle < len(self._spectrum) - 2 * _FINER:
                yield number, middle
