"""What the simulated electrodes carry: a recording as a continuous voltage."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

OVERSAMPLING = 8
REACH = 32
PADDING = 1000  # samples, so that the filter's circular convolution does not join end and beginning


class Recording:
    """A voltage at any time, from samples many times as dense as the chip takes them; begins again at its end.

    Args:
        samples_mv: dense samples.
        rate_hz: their rate.
        start_s: when the recording begins; before, its first sample is held.
    """

    def __init__(self, samples_mv: array[float], rate_hz: float, start_s: float = 0.0) -> None:
        self._padded_mv = samples_mv[:1] + samples_mv + samples_mv[-1:]
        self._rate_hz = rate_hz
        self._start_s = start_s
        self._last = len(samples_mv) - 1

    @classmethod
    def of(
        cls, samples_mv: NDArray[np.float64], rate_hz: float, start_s: float = 0.0, *, decimated_hz: float = 0.0
    ) -> Recording:
        """Band-limited interpolation of a recording (windowed sinc), `OVERSAMPLING` times as dense.

        With `decimated_hz` as the decimation filter of an ADS1292 leaves it at that data rate; the chip adds its delay.
        """
        if decimated_hz:
            samples_mv = decimation_filter(samples_mv, rate_hz, decimated_hz)
        return cls(array("d", dense(samples_mv)), rate_hz * OVERSAMPLING, start_s)

    @classmethod
    def load(cls, path: Path, rate_hz: float) -> Recording:
        """Dense samples from a file of doubles."""
        samples_mv = array("d")
        samples_mv.frombytes(path.read_bytes())
        return cls(samples_mv, rate_hz)

    def __call__(self, time_s: float) -> tuple[float, float]:
        position = max(0.0, (time_s - self._start_s) * self._rate_hz) % self._last
        index = int(position)
        return 0.0, cubic(self._padded_mv[index : index + 4], position - index)


def cubic(around: array[float], part: float) -> float:
    """The polynomial through four samples, `part` of a step behind the second: between dense samples, exact to nV."""
    a, b, c, d = around
    return b + part * ((c - a / 3 - b / 2 - d / 6) + part * ((a + c) / 2 - b + part * ((d - a) / 6 + (b - c) / 2)))


def decimation_filter(samples_mv: NDArray[np.float64], rate_hz: float, data_hz: float) -> NDArray[np.float64]:
    """Third-order sinc, -3 dB at 0.262 of the data rate (SBAS502, "Digital Decimation Filter"), without its delay."""
    padded = np.pad(samples_mv, PADDING, mode="edge")
    response = np.sinc(np.fft.rfftfreq(len(padded), 1 / rate_hz) / data_hz) ** 3
    return np.fft.irfft(np.fft.rfft(padded) * response, len(padded))[PADDING:-PADDING]


def dense(samples_mv: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.pad(samples_mv, REACH, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH)[: len(samples_mv)]
    offsets = np.arange(2 * REACH) - REACH
    phases = np.arange(OVERSAMPLING) / OVERSAMPLING
    distance = offsets[:, None] - phases[None, :]
    taps = np.sinc(distance) * np.i0(8 * np.sqrt(np.clip(1 - (distance / REACH) ** 2, 0, None)))
    taps /= taps.sum(axis=0)
    result: NDArray[np.float64] = (windows @ taps).ravel()
    return result
