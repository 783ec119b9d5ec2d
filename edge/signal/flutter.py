"""Ventricular flutter and fibrillation from the raw signal: waves without separate heartbeats.

In flutter, fibrillation and very fast ventricular tachycardia there is no QRS complex to find: the signal is one wave
after the other, near to a sine, at 2 to 9 Hz. Twice a second the last four seconds are measured in three ways, and a
logistic function makes one probability of the three. `python -m converter.fit_flutter` fitted it.

- *Leakage* of a filter that takes out the dominant wave: Kuo and Dillman, "Computer detection of ventricular
  fibrillation", Computers in Cardiology 1978, p. 347. 0 for a sine, near 1 for beats.
- *Filling* of the plane of the signal against itself half a second later: Amann, Tratnig and Unterkofler, "Detecting
  ventricular fibrillation by time-delay methods", IEEE Trans Biomed Eng 54:174, 2007. Beats return to the baseline, and
  so to the same few of 40 x 40 boxes. Deviations: four seconds instead of eight, and boxes are counted per point.
- *Dominant frequency*, by its distance from 3.5 Hz: as in the spectral algorithm of Barro et al., J Med Eng Technol
  13:109, 1989. Slow waves are T waves and motion of the electrodes, fast ones noise.

Of 28 measures in the literature a greedy choice by record left out took these first; more made nothing better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.samples import SAMPLE_RATE_HZ, Waves
from edge.signal.filters import BEAT_DELAY, FilterBank
from edge.signal.grid import from_steps

if TYPE_CHECKING:
    from edge.samples import FloatArray

__all__ = ["PERIOD", "WINDOW", "FlutterMeter", "WaveShape", "wave_shape"]

PERIOD: Final = SAMPLE_RATE_HZ // 2
"""360 Hz samples from one judgement to the next."""
WINDOW: Final = 4 * SAMPLE_RATE_HZ
"""360 Hz samples that are judged."""

_STEP: Final = 3  # every third sample of the low-passed signal: 120 Hz
_RATE_HZ: Final = SAMPLE_RATE_HZ // _STEP
_POINTS: Final = WINDOW // _STEP

_LOWEST_MV: Final = 0.2
"""Peak to peak. Lower waves are told by no one from the hiss of a silent heart: the AHA asks a defibrillator to know
fibrillation above 0.2 mV (Kerber et al., Circulation 95:1677, 1997)."""

_BOXES: Final = 40  # on a side
_LAG: Final = _RATE_HZ // 2  # 0.5 s
_CENTRE_HZ: Final = 3.5
_DOMINANT_HZ: Final = (1.4, 9.0)
_FFT_POINTS: Final = 1024
_FREQUENCIES_HZ: Final = np.fft.rfftfreq(_FFT_POINTS, 1 / _RATE_HZ)
_DOMINANT: Final = slice(*np.searchsorted(_FREQUENCIES_HZ, _DOMINANT_HZ).tolist())
_TAPER: Final = np.hanning(_POINTS)

# Log-odds: what each measure adds, and a constant; written by `python -m converter.fit_flutter`.
_WEIGHTS: Final = np.array([-10.40, 14.34, -2.76])
_CONSTANT: Final = -0.15


@dataclass(frozen=True, slots=True)
class WaveShape:
    """What is measured of a window.

    Attributes:
        measures: leakage, filling, squared logarithm of the dominant frequency over 3.5 Hz; shape (3,).
        dominant_hz: frequency of the most power between 1.4 and 9 Hz.
        height_mv: peak to peak.
    """

    measures: FloatArray
    dominant_hz: float
    height_mv: float


def wave_shape(samples_mv: FloatArray) -> WaveShape | None:
    """Measure four seconds of beat signal at 120 Hz, shape (480,), mV; None where it is too low to be judged."""
    height_mv = float(np.ptp(samples_mv))
    if height_mv < _LOWEST_MV:
        return None
    signal = samples_mv - samples_mv.mean()
    power = np.abs(np.fft.rfft(signal * _TAPER, _FFT_POINTS))
    dominant_hz = float(_FREQUENCIES_HZ[_DOMINANT][power[_DOMINANT].argmax()])
    distance = float(np.log(dominant_hz / _CENTRE_HZ)) ** 2
    measures = np.array([_leakage(signal), _filling(signal, height_mv), distance])
    return WaveShape(measures, dominant_hz, height_mv)


def _leakage(signal: FloatArray) -> float:
    size = np.abs(signal)
    half_period = int(np.pi * size.sum() / np.abs(np.diff(signal)).sum() + 0.5)
    half_period = min(max(half_period, 2), _POINTS // 3)
    left = np.abs(signal[half_period:] + signal[:-half_period]).sum()
    return float(left / (size[half_period:].sum() + size[:-half_period].sum()))


def _filling(signal: FloatArray, height_mv: float) -> float:
    boxes = np.minimum((signal - signal.min()) * (_BOXES / height_mv), _BOXES - 1).astype(np.intp)
    visited = np.zeros(_BOXES * _BOXES, dtype=bool)
    visited[boxes[_LAG:] * _BOXES + boxes[:-_LAG]] = True
    return float(np.count_nonzero(visited)) / (_POINTS - _LAG)


class FlutterMeter:
    """Judges the newest four seconds of a filter bank's tracks."""

    def __init__(self, filters: FilterBank, *, first_index: int) -> None:
        self._filters = filters
        self._first_index = first_index

    def judge(self, index: int) -> Waves | None:
        """The waves up to 0.6 s before 360 Hz index `index`; None while the stretch is too short to be judged."""
        end = index - BEAT_DELAY
        start = end - WINDOW
        if start < self._first_index:
            return None
        beat_signal = self._filters.low[start:end] - self._filters.baseline[start:end]
        shape = wave_shape(from_steps(beat_signal[::_STEP]))
        if shape is None:
            return Waves(index=index, onset_index=start, log_odds=-np.inf, rate_bpm=None, height_mv=None)
        log_odds = float(_WEIGHTS @ shape.measures) + _CONSTANT
        return Waves(
            index=index,
            onset_index=start,
            log_odds=log_odds,
            rate_bpm=60 * shape.dominant_hz,
            height_mv=shape.height_mv,
        )
