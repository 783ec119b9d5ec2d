"""How far a signal swings, which tells whether it can be an ECG in the unit that was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction

    from ecg.samples import FloatArray

__all__ = ["HIGHEST_MV", "LOWEST_MV", "SwingMeter", "spoken_mv"]

LOWEST_MV, HIGHEST_MV = 0.05, 20.0
"""Swing of an ECG within 2 s. IEC 60601-2-27 has monitors show QRS complexes of 0.5 to 5 mV, and a wave of less than
0.15 mV is none; the wider limits leave room for low leads, wander and noise. V, mV and uV lie a factor of 1000 apart,
so that an ECG taken for another unit always lies outside."""

_WINDOW_S: Final = 2


class SwingMeter:
    """Measures the usual swing of a signal over windows of 2 s.

    Args:
        rate_hz: sampling rate.
    """

    def __init__(self, rate_hz: Fraction) -> None:
        self._window = max(2, round(_WINDOW_S * rate_hz))
        self._swings: list[float] = []
        self._filled = 0
        self._low = self._high = np.nan

    def push(self, samples: FloatArray) -> None:
        """Take the next samples, shape (n,), in any unit. NaN does not count."""
        first = 0
        while first < len(samples):
            part = samples[first : first + self._window - self._filled]
            finite = part[np.isfinite(part)]
            if len(finite):
                self._low = float(np.fmin(self._low, finite.min()))
                self._high = float(np.fmax(self._high, finite.max()))
            first += len(part)
            self._filled += len(part)
            if self._filled == self._window:
                self._close()

    def _close(self) -> None:
        if self._high == self._high:  # no NaN
            self._swings.append(self._high - self._low)
        self._filled, self._low, self._high = 0, np.nan, np.nan

    @property
    def usual(self) -> float | None:
        """The median swing over the windows that are not flat; 0 if all are flat; None without a sample.

        A window that is not full counts where there is no other.
        """
        swings = self._swings or ([self._high - self._low] if self._high == self._high else [])
        if not swings:
            return None
        moving = [swing for swing in swings if swing > 0]
        return float(np.median(moving)) if moving else 0.0

    def complaint(self) -> str:
        """What is implausible about the swing of a signal in mV, as a sentence; empty if nothing is."""
        swing_mv = self.usual
        if swing_mv is None or LOWEST_MV <= swing_mv <= HIGHEST_MV:
            return ""
        if swing_mv == 0:
            return "the signal is flat throughout; check the channel"
        return f"the signal swings by {spoken_mv(swing_mv)}, which no ECG does; check the unit (--unit) and the channel"


def spoken_mv(mv: float) -> str:
    """A voltage in the unit that suits it: `40 V`, `1.2 mV`, `4 uV`."""
    for factor, unit in ((1e-3, "V"), (1.0, "mV"), (1e3, "uV")):
        if abs(mv * factor) >= 1:
            return f"{mv * factor:.3g} {unit}"
    return f"{mv * 1e6:.3g} nV"
