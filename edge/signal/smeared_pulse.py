"""A pacemaker's pulse and its tail behind a low-pass filter of the second order, as on boards with an AD8232.

The filter (Butterworth, 40 Hz) makes 10 to 20 ms of the pulse, and 30 ms of a short tail: as long as a narrow QRS
complex. But its response is known. To a pulse of the width `v`, and to a tail with the time constant `1 / c` that
begins at its end, it answers with multiples of

    s(t) - s(t - v)     where  s(t) = 1 - exp(-d t) (cos(d t) + sin(d t)),  d = 2 pi f / sqrt(2)
    g(t - v)            where  g(t) = exp(-c t) - exp(-d t) (cos(d t) + (d - c) / d sin(d t))

Both heights are fitted by least squares for a grid of moments, widths, time constants and corner frequencies `f`. What
is left decides: no QRS complex begins so steeply from a flat stretch, and then decays so.
"""

from __future__ import annotations

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
        self.window = round(_WINDOW_S * rate_hz)
        length = round(_LENGTH_S * rate_hz)
        rows = [
            (_pulse(corner_hz, width_s, times_s), _tail(corner_hz, time_s, times_s - width_s))
            for corner_hz in _CORNERS_HZ
            for moment in _MOMENTS
            for width_s in _WIDTHS_S
            for time_s in _TIMES_S
            for times_s in [(np.arange(length) + moment) / rate_hz]
        ]
        self._responses = np.rint(_SCALE * np.array([[each / np.abs(each).max() for each in row] for row in rows]))
        self._whole = _Products.of(self._responses[:, :, : self.window])

    def fit(self, behind: FloatArray, lost: NDArray[np.bool_], level: float) -> FloatArray | None:
        """The response from a position on as long as it lasts, shape (n,); None where the signal is something else.

        Args:
            behind: from the first sample that has risen.
            lost: which of them are not known.
            level: of the signal before.
        """
        count = min(self.window, len(behind))
        if count < self.window // 2:
            return None
        known = ~lost[:count]
        above = np.rint(behind[:count] - level) * known
        responses = self._responses[:, :, :count]
        products = self._whole if known.all() and count == self.window else _Products.of(responses * known)
        projected = responses @ above
        py, ty = projected[:, 0], projected[:, 1]
        a = (py * products.tt - ty * products.pt) / products.determinant
        b = (ty * products.pp - py * products.pt) / products.determinant
        is_pulse = ((a * b <= 0) & (np.abs(a) >= _LEAST_PULSE * np.abs(b))) | (np.abs(b) <= _LEAST_TAIL * np.abs(a))
        explained = np.where(is_pulse, a * py + b * ty, 0.0)
        energy = float(above @ above)
        best = int(explained.argmax())
        if energy - explained[best] > _UNEXPLAINED * energy:
            return None
        pulse, tail = self._responses[best]
        response: FloatArray = np.rint(a[best] * pulse + b[best] * tail)
        lasting = np.flatnonzero(np.abs(response) > _REST)
        return response[: lasting[-1] + 1] if len(lasting) else None


class _Products(NamedTuple):
    """Sums over the products of each pair of responses, shape (n,)."""

    pp: FloatArray
    pt: FloatArray
    tt: FloatArray
    determinant: FloatArray

    @classmethod
    def of(cls, responses: FloatArray) -> _Products:
        pulses, tails = responses[:, 0], responses[:, 1]
        pp, pt, tt = (np.einsum("ij,ij->i", x, y) for x, y in ((pulses, pulses), (pulses, tails), (tails, tails)))
        return cls(pp, pt, tt, np.maximum(pp * tt - pt * pt, 1.0))


def _pulse(corner_hz: float, width_s: float, times_s: FloatArray) -> FloatArray:
    """Of a pulse: the difference of two steps."""
    response: FloatArray = _step(corner_hz, times_s) - _step(corner_hz, times_s - width_s)
    return response


def _step(corner_hz: float, times_s: FloatArray) -> FloatArray:
    d = 2 * pi * corner_hz / sqrt(2)
    times_s = np.maximum(times_s, 0.0)
    response: FloatArray = 1 - np.exp(-d * times_s) * (np.cos(d * times_s) + np.sin(d * times_s))
    return response


def _tail(corner_hz: float, time_s: float, times_s: FloatArray) -> FloatArray:
    d, c = 2 * pi * corner_hz / sqrt(2), 1 / time_s
    times_s = np.maximum(times_s, 0.0)
    wave = np.cos(d * times_s) + (d - c) / d * np.sin(d * times_s)
    response: FloatArray = np.exp(-c * times_s) - np.exp(-d * times_s) * wave
    return response
