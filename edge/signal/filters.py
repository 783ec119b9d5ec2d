"""The two branches of the signal path: the beat signal for segmentation, the QRS features for Pan-Tompkins.

All filters are causal and of linear phase: each delays by a fixed whole number of samples, and each output here is
filed under the index of the moment that it describes, so that all of them share one time axis and only end at different
indices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from edge.signal.coefficients import LOW_PASS_SCALE, LOW_PASS_TAPS
from edge.signal.fir import Fir, MovingSum, held
from edge.signal.signal_buffer import SignalBuffer

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["BEAT_DELAY", "FEATURE_DELAY", "LOW_PASS_DELAY", "FilterBank", "FilteredSignals"]

LOW_PASS_DELAY: Final = len(LOW_PASS_TAPS) // 2  # 35 samples, 97 ms

# Baseline: the signal smoothed by two moving averages of 217 samples (0.6 s). What is left after subtraction is
# -3 dB at 0.97 Hz, without overshoot, and free of wander by breathing (0.2 to 0.4 Hz: below 20 %).
_BASELINE_WIDTH: Final = 217
BEAT_DELAY: Final = _BASELINE_WIDTH - 1  # 216 samples, 0.6 s

# Pan and Tompkins 1985, scaled from 200 to 360 Hz: low-pass of two sums over 11 samples (6 in the paper), high-pass
# of a sample less the mean of 59 around it (32), five-point derivative, moving-window integration over 54 (30).
_LOW_WIDTH: Final = 11
_HIGH_WIDTH: Final = 59
_DERIVATIVE: Final = (1, 2, 0, -2, -1)
_INTEGRATION: Final = 54  # 150 ms
_BAND_SCALE: Final = 16.0 * _LOW_WIDTH**2 * _HIGH_WIDTH  # band-passed signal in steps of 1/1024 mV
_BAND_LIMIT: Final = 2.0**15  # 32 mV: keeps the squares exact
BAND_DELAY: Final = (_LOW_WIDTH - 1) + _HIGH_WIDTH // 2  # 39
FEATURE_DELAY: Final = BAND_DELAY + 2 + _INTEGRATION // 2  # 68 samples, 189 ms


class FilteredSignals(Protocol):
    """What quality and waves are judged by: of one stretch, or joined to what was seen before it."""

    @property
    def raw(self) -> SignalBuffer:
        """As it came, quantisation steps."""

    @property
    def low(self) -> SignalBuffer:
        """Low-passed, quantisation steps."""

    @property
    def baseline(self) -> SignalBuffer:
        """Its slow wander, quantisation steps."""


class FilterBank:
    """Filters one gapless stretch, given as 360 Hz samples in quantisation steps.

    Before its first sample the signal is taken to have been that sample for ever.

    Attributes:
        raw, low, baseline: quantisation steps: as it came; low-passed; its slow wander. The beat signal is `low` less
            `baseline`.
        band: band-passed signal, 1/1024 mV; energy: integrated square of its slope.
    """

    def __init__(self, *, first_index: int) -> None:
        self.raw = SignalBuffer(first_index)
        self.low = SignalBuffer(first_index - LOW_PASS_DELAY)
        self.baseline = SignalBuffer(first_index - BEAT_DELAY)
        self.band = SignalBuffer(first_index - BAND_DELAY)
        self.energy = SignalBuffer(first_index - FEATURE_DELAY)
        self._low_pass = Fir(LOW_PASS_TAPS)
        self._baseline_sums = (MovingSum(_BASELINE_WIDTH), MovingSum(_BASELINE_WIDTH))
        self._low_sums = (MovingSum(_LOW_WIDTH), MovingSum(_LOW_WIDTH))
        self._high_sum = MovingSum(_HIGH_WIDTH)
        self._high_centre: FloatArray | None = None  # the last 29 low-passed samples
        self._derivative = Fir(_DERIVATIVE, before=0.0)
        self._integrator = MovingSum(_INTEGRATION, before=0.0)

    def push(self, steps: FloatArray) -> None:
        """Filter the next samples."""
        if not len(steps):
            return
        if self._high_centre is None:
            # The low-pass of the first sample held for ever sees as many copies of it as it looks back.
            self._high_centre = held(steps[0] * _LOW_WIDTH**2, _HIGH_WIDTH // 2)
        self.raw.append(steps)
        self.low.append(np.rint(self._low_pass.push(steps) / LOW_PASS_SCALE))
        sums = self._baseline_sums[1].push(self._baseline_sums[0].push(steps))
        self.baseline.append(np.rint(sums / _BASELINE_WIDTH**2))
        self._push_features(steps)

    def _push_features(self, steps: FloatArray) -> None:
        assert self._high_centre is not None
        low = self._low_sums[1].push(self._low_sums[0].push(steps))
        mean = self._high_sum.push(low)
        line = np.concatenate((self._high_centre, low))
        self._high_centre = line[len(low) :]
        band = np.clip(np.rint((line[: len(low)] * _HIGH_WIDTH - mean) / _BAND_SCALE), -_BAND_LIMIT, _BAND_LIMIT)
        slope = self._derivative.push(band)
        self.band.append(band)
        self.energy.append(self._integrator.push(slope * slope))

    def forget(self, before: int) -> None:
        """Drop what lies before an index."""
        for buffer in (self.raw, self.low, self.baseline, self.band, self.energy):
            buffer.forget(before)
