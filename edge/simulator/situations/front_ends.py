"""How a front end shows what is at the electrodes; it matters for pulses of a pacemaker, which last no sample.

ADS1292R, datasheet SBAS502C: third-order sinc filter, whose response to an impulse is a parabola over three samples,
6 ms at 500 SPS. AD8232 boards (SparkFun, DFRobot): a two-pole low-pass of 40 Hz, datasheet rev. D, page 20, and then an
MCP3208 of 12 bits; its high-pass of 0.5 Hz is left out, as the baseline is drawn anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = ["AD8232", "ADS1292", "RECORDERS", "FrontEnd", "Pulse", "Recorder"]

_FINE: Final = 40
"""Points of a pulse to a sample."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pacemaker's pulse at the electrodes.

    Attributes:
        at_s: its beginning.
        height_mv: signed.
        width_s: 0.1 to 2 ms (IEC 60601-2-27, 201.12.1.101.13).
        tail_share, tail_s: share of its height that is left behind it with the other sign, and dies away.
    """

    at_s: float
    height_mv: float
    width_s: float
    tail_share: float = 0.0
    tail_s: float = 0.05


class FrontEnd(Protocol):
    """What records a strip."""

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        ...

    def record(self, samples_mv: FloatArray, pulses: Sequence[Pulse]) -> FloatArray:
        """The samples with the pulses, shape (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class Recorder:
    """A recorder without a filter worth the name, at its own rate, in steps of 1 uV."""

    rate_hz: int = 500

    def record(self, samples_mv: FloatArray, pulses: Sequence[Pulse]) -> FloatArray:
        """A pulse is seen as its mean over a sample."""
        samples_mv = samples_mv + _shown(len(samples_mv), self.rate_hz, pulses, np.ones(_FINE) / _FINE)
        return np.round(samples_mv, 3)


@dataclass(frozen=True, slots=True)
class _Ads1292:
    rate_hz: int = 500

    def record(self, samples_mv: FloatArray, pulses: Sequence[Pulse]) -> FloatArray:
        box = np.ones(_FINE) / _FINE
        sinc3 = np.convolve(np.convolve(box, box), box)
        samples_mv = samples_mv + _shown(len(samples_mv), self.rate_hz, pulses, sinc3)
        return np.clip(samples_mv, -400, 400)  # 2.42 V over a gain of 6


@dataclass(frozen=True, slots=True)
class _Ad8232:
    rate_hz: int = 500
    corner_hz: float = 40.0

    def record(self, samples_mv: FloatArray, pulses: Sequence[Pulse]) -> FloatArray:
        slow = np.convolve(samples_mv, _two_poles(self.corner_hz, self.rate_hz))[: len(samples_mv)]
        response = _two_poles(self.corner_hz, self.rate_hz * _FINE)
        # The amplifier's rail, 1.65 V over a gain of 100, cuts a pulse before the filter: gain and poles are one stage.
        seen = slow + _shown(len(samples_mv), self.rate_hz, pulses, response)
        step_mv = 3300 / 4096 / 100
        return np.clip(np.round(seen / step_mv) * step_mv, -16.5, 16.5)


def _two_poles(corner_hz: float, rate_hz: float) -> FloatArray:
    """Response of a Butterworth low-pass of the second order to an impulse, sum 1."""
    times_s = (np.arange(int(0.06 * rate_hz)) + 0.5) / rate_hz
    slope = 2 * np.pi * corner_hz / np.sqrt(2)
    response = np.exp(-slope * times_s) * np.sin(slope * times_s)
    return np.asarray(response / response.sum())


def _shown(count: int, rate_hz: int, pulses: Sequence[Pulse], response: FloatArray) -> FloatArray:
    """The pulses as a filter shows them, shape (count,), mV."""
    shown = np.zeros(count)
    fine_hz = rate_hz * _FINE
    for pulse in pulses:
        first = int(pulse.at_s * rate_hz)
        tail_s = 4 * pulse.tail_s if pulse.tail_share else 0.0
        length = int((pulse.width_s + tail_s + 0.002) * fine_hz) + _FINE
        times_s = (np.arange(length) + 0.5) / fine_hz - (pulse.at_s - first / rate_hz)
        inside = (times_s >= 0) & (times_s < pulse.width_s)
        fine_mv = np.where(inside, pulse.height_mv, 0.0)
        # What is shorter than a fine step keeps its charge.
        fine_mv *= pulse.width_s * fine_hz / max(int(inside.sum()), 1)
        behind_s = times_s - pulse.width_s
        if pulse.tail_share:
            tail_mv = -pulse.tail_share * pulse.height_mv * np.exp(-np.maximum(behind_s, 0) / pulse.tail_s)
            fine_mv += np.where(behind_s >= 0, tail_mv, 0.0)
        seen = np.convolve(fine_mv, response)[::_FINE]
        last = min(first + len(seen), count)
        if first < last:
            shown[first:last] += seen[: last - first]
    return shown


ADS1292: Final[FrontEnd] = _Ads1292()
AD8232: Final[FrontEnd] = _Ad8232()
RECORDERS: Final[tuple[FrontEnd, ...]] = (Recorder(500), Recorder(500), Recorder(250), Recorder(360))
"""What a situation is recorded with that does not name its front end."""
