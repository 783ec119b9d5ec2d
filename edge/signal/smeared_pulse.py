"""A pacemaker's pulse and its tail behind a low-pass filter of the second order, as on boards with an AD8232.

The filter (Butterworth, 40 Hz) makes 10 to 20 ms of the pulse, and 30 ms of a short tail: as long as a narrow QRS
complex. But its response is known. To a pulse of the width `v`, and to a tail with the time constant `1 / c` that
begins at its end, it answers with multiples of

    s(t) - s(t - v)     where  s(t) = 1 - exp(-d t) (cos(d t) + sin(d t)),  d = 2 pi f / sqrt(2)
    g(t - v)            where  g(t) = exp(-c t) - exp(-d t) (cos(d t) + (d - c) / d sin(d t))

Both heights are fitted by least squares for a grid of moments, widths, time constants and corner frequencies `f`. What
is left decides: no QRS complex begins so steeply from a flat stretch, and then decays so. All those responses lie near
a space of six dimensions: what is far from it is explained by none of them, and need not be fitted.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["SmearedPulse"]

_CORNERS_HZ: Final = (37.0, 40.0, 43.0)  # parts of 5 % in a filter of 40 Hz
_WIDTHS_S: Final = (0.0002, 0.001, 0.002)  # of pulses
_TIMES_S: Final = tuple(0.003 * 1.2**n for n in range(21))  # of tails, 3 to 115 ms
_MOMENTS: Final = tuple(n / 6 for n in range(1, 16))  # samples before the first that is known to have risen
_WINDOW_S: Final = 0.1
_LENGTH_S: Final = 0.5  # of the longest response
_UNEXPLAINED: Final = 0.006  # share of the energy that may be left
_UNEXPLAINED_LATER: Final = 0.03  # of one that is expected: it began anywhere between two samples
_DIMENSIONS: Final = 6  # of the space that the responses lie near
_LEAST_PULSE: Final = 0.2  # height of the pulse, in those of a tail of the opposite sign
_LEAST_TAIL: Final = 0.25  # height up to which a tail may have the same sign, in those of the pulse
_SCALE: Final = 4096.0  # of the responses, which are whole numbers
_REST: Final = 8.0  # steps, 0.5 uV: where a response has ended


class SmearedPulse:
    """Fits smeared pulses at one sample rate; everything in quantisation steps.

    Attributes:
        window: samples that are fitted.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self.window = round(_WINDOW_S * rate_hz)

    def fit(
        self, behind: FloatArray, lost: NDArray[np.bool_], level: float, *, expected: bool = False
    ) -> FloatArray | None:
        """The response from a position on as long as it lasts, shape (n,); None where the signal is something else.

        Args:
            behind: from the first sample that has risen.
            lost: which of them are not known.
            level: of the signal before.
            expected: others came before; then more may be left unexplained.
        """
        count = min(self.window, len(behind))
        if count < self.window // 2:
            return None
        models = _models(self._rate_hz)
        known = ~lost[:count]
        above = np.rint(behind[:count] - level) * known
        energy = float(above @ above)
        unexplained = (_UNEXPLAINED_LATER if expected else _UNEXPLAINED) * energy
        pulses, tails, products = models.pulses[:, :count], models.tails[..., :count], models.products
        if count < self.window or not known.all():
            products = _Products.of(pulses * known, tails * known)
        elif models.outside(above, energy) > sqrt(unexplained) + models.farthest * sqrt(energy):
            return None
        py, ty = (pulses @ above)[:, np.newaxis], tails @ above
        a = (py * products.tt - ty * products.pt) / products.determinant
        b = (ty * products.pp - py * products.pt) / products.determinant
        explained = a * py + b * ty
        if explained.max() < energy - unexplained:
            return None
        pulse_height, tail_height = np.abs(a) * models.pulse_heights, np.abs(b) * models.tail_heights
        is_opposite = (a * b <= 0) & (pulse_height >= _LEAST_PULSE * tail_height)
        is_pulse = is_opposite | (tail_height <= _LEAST_TAIL * pulse_height)
        explained[~is_pulse] = 0.0
        best = divmod(int(explained.argmax()), len(_TIMES_S))
        if explained[best] < energy - unexplained:
            return None
        pulse, tails = _responses(self._rate_hz, round(_LENGTH_S * self._rate_hz), best[0])
        response: FloatArray = np.rint(a[best] * pulse + b[best] * tails[best[1]])
        lasting = np.flatnonzero(np.abs(response) > _REST)
        return response[: lasting[-1] + 1] if len(lasting) else None


class _Products(NamedTuple):
    """Sums over the products of responses, `p` to a pulse and `t` to a tail: shape (pulses, 1) or (pulses, tails)."""

    pp: FloatArray
    pt: FloatArray
    tt: FloatArray
    determinant: FloatArray

    @classmethod
    def of(cls, pulses: FloatArray, tails: FloatArray) -> _Products:
        pp = np.einsum("ik,ik->i", pulses, pulses)[:, np.newaxis]
        pt, tt = np.einsum("ik,ijk->ij", pulses, tails), np.einsum("ijk,ijk->ij", tails, tails)
        return cls(pp, pt, tt, np.maximum(pp * tt - pt * pt, 1.0))


class _Models(NamedTuple):
    """The responses within the window to pulses and to the tails behind each, their products, and their heights.

    `basis`: of the space that they lie near; `farthest`: how far from it a pulse with its tail may be, over its size.
    """

    pulses: FloatArray
    tails: FloatArray
    products: _Products
    pulse_heights: FloatArray
    tail_heights: FloatArray
    basis: FloatArray
    farthest: float

    def outside(self, above: FloatArray, energy: float) -> float:
        """How far something of this energy is from the space."""
        inside = self.basis @ above
        return sqrt(max(energy - float(inside @ inside), 0.0))


@lru_cache(maxsize=2)
def _models(rate_hz: float) -> _Models:
    window, number = round(_WINDOW_S * rate_hz), len(_CORNERS_HZ) * len(_MOMENTS) * len(_WIDTHS_S)
    pulses, tails = np.empty((number, window)), np.empty((number, len(_TIMES_S), window))
    for which in range(number):  # one by one: all at once would take ten times the memory
        pulses[which], tails[which] = _responses(rate_hz, window, which)
    heights = np.abs(pulses).max(axis=1, keepdims=True), np.abs(tails).max(axis=2)
    products = _Products.of(pulses, tails)
    basis = _basis(pulses, tails, products)
    inside = _Products.of(pulses @ basis.T, tails @ basis.T)
    pp, pt, tt = (whole - part for whole, part in zip(products[:3], inside[:3], strict=True))
    # The largest eigenvalue of the products of what is outside, relative to those of the whole.
    half = (products.tt * pp - 2 * products.pt * pt + products.pp * tt) / products.determinant / 2
    farthest = half + np.sqrt(np.maximum(half * half - (pp * tt - pt * pt) / products.determinant, 0.0))
    return _Models(pulses, tails, products, *heights, basis, sqrt(farthest.max()))


def _basis(pulses: FloatArray, tails: FloatArray, products: _Products) -> FloatArray:
    """Orthonormal, of the space that the directions of the responses lie nearest to; shape (6, window)."""
    of_pulses = np.einsum("pi,p,pj->ij", pulses, len(_TIMES_S) / products.pp[:, 0], pulses)
    of_tails = np.einsum("pti,pt,ptj->ij", tails, 1 / products.tt, tails)
    return np.ascontiguousarray(np.linalg.eigh(of_pulses + of_tails)[1][:, -_DIMENSIONS:].T)


def _responses(rate_hz: float, length: int, which: int) -> tuple[FloatArray, FloatArray]:
    """To one pulse of the grid, shape (length,), and to the tails behind it, shape (tails, length): whole numbers."""
    grid = np.unravel_index(which, (len(_CORNERS_HZ), len(_MOMENTS), len(_WIDTHS_S)))
    corner_hz, moment, width_s = (
        values[at] for values, at in zip((_CORNERS_HZ, _MOMENTS, _WIDTHS_S), grid, strict=True)
    )
    times_s: FloatArray = (np.arange(length, dtype=np.float64) + moment) / rate_hz
    late_s: FloatArray = np.maximum(times_s - width_s, 0.0)
    d, c = 2 * pi * corner_hz / sqrt(2), 1 / np.array(_TIMES_S)[:, np.newaxis]
    wave = np.cos(d * late_s) + (d - c) / d * np.sin(d * late_s)
    tails = np.exp(-c * late_s) - np.exp(-d * late_s) * wave
    pulse = (_step(d, times_s) - _step(d, late_s)) / (d * width_s)
    return np.rint(_SCALE * pulse), np.rint(_SCALE * tails)


def _step(d: float, times_s: FloatArray) -> FloatArray:
    response: FloatArray = 1 - np.exp(-d * times_s) * (np.cos(d * times_s) + np.sin(d * times_s))
    return response
