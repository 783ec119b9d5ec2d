"""The tail of a pacemaker's pulse: how the electrodes recharge, and how a high-pass filter follows.

It begins where the pulse ends, mostly with the opposite sign, and decays as one exponential with a time constant of 4
to 100 ms (IEC 60601-2-27, clause 201.12.1.101.13: an overshoot of up to a quarter of the pulse, at most 2 mV).
"""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.signal.quantisation import STEPS_PER_MV

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["PulseTail"]

_TIMES_S: Final = tuple(0.003 * 1.1**n for n in range(40))  # time constants that are tried, 3 to 123 ms
_WINDOW_S: Final = 0.1  # fitted over so long
_SHORTEST_S: Final = 0.02  # less says nothing about a time constant
_EARLY_S: Final = 0.06  # where a QRS complex covers it: over so long
_LEAST_MV: Final = 0.06  # a lower tail makes no beat
_STEEP_MV: Final = 0.25  # within the pulse no QRS complex comes so far
_UNEXPLAINED: Final = 0.03  # share of the energy, beside that of the noise, that may be left of a tail alone
_SCALE: Final = 1024.0  # of the weights, which are whole numbers
_REST: Final = 8.0  # steps, 0.5 uV: where a tail has ended


class PulseTail:
    """Fits tails at one sample rate; everything in quantisation steps."""

    def __init__(self, rate_hz: float) -> None:
        times = np.array(_TIMES_S)[:, np.newaxis] * rate_hz
        self._times = [float(each) for each in times[:, 0]]
        self._weights = np.rint(_SCALE * np.exp(-np.arange(round(_WINDOW_S * rate_hz)) / times))
        self._shortest = round(_SHORTEST_S * rate_hz)
        self._early = round(_EARLY_S * rate_hz)

    def fit(
        self, behind: FloatArray, level: float, *, sign: int, noise: float, alone: bool = False
    ) -> FloatArray | None:
        """The tail of a pulse as long as it lasts, shape (n,); None where there is none.

        Args:
            behind: what follows the pulse.
            level: of the signal before it.
            sign: of the pulse.
            noise: mean step between samples.
            alone: nothing but the tail may follow.
        """
        weights = self._weights[:, : len(behind)]
        above = np.rint(behind[: weights.shape[1]] - level)
        if len(above) < self._shortest:
            return None
        least = max(_LEAST_MV * STEPS_PER_MV, 5 * noise)
        heights = _SCALE * (weights @ above) / (weights * weights).sum(axis=1)
        rest = above - np.rint(heights[:, np.newaxis] * weights / _SCALE)
        errors = (rest * rest).sum(axis=1)
        best = int(errors.argmin())
        height = float(heights[best])
        allowed = _UNEXPLAINED * float(above @ above) + 1.5 * noise * noise * len(above)
        if abs(height) > least and errors[best] <= allowed:
            return self._decay(height, best)
        height = float(above[:2].sum()) / 2
        if alone or -sign * height < max(_STEEP_MV * STEPS_PER_MV, least):
            return None
        early = above[: self._early] - np.rint(height * weights[:, : self._early] / _SCALE)
        best = int(np.abs(np.diff(early, axis=1)).sum(axis=1).argmin())
        return self._decay(height, best)

    def _decay(self, height: float, which: int) -> FloatArray:
        time = self._times[which]
        length = max(1, ceil(time * log(max(abs(height) / _REST, 1.0))))
        decay: FloatArray = np.rint(height * np.exp(-np.arange(length) / time))
        return decay
