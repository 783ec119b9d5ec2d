"""Ventricular flutter and fibrillation from the raw signal: waves without separate heartbeats.

In ventricular flutter and fibrillation, and in very fast ventricular tachycardia, there is no QRS complex to find: the
signal is one wave after the other, near to a sine, at 2 to 9 Hz. Twice a second the last four seconds are measured in
three ways, and a logistic function makes one probability of the three. `python -m
converter.training.fit_ventricular_flutter` fitted it.

- *Leakage* of a filter that takes out the dominant wave: Kuo and Dillman, "Computer detection of ventricular
  fibrillation", Computers in Cardiology 1978, p. 347. 0 for a sine, near 1 for beats.
- *Peakedness*: the logarithm of the kurtosis of the samples. 0.4 for a sine; beats stand out of their baseline and have
  1.5 and more. Among the measures that Figuera et al. compare, PLoS ONE 11:e0159654, 2016.
- *Dominant frequency*, that of most power an octave, by its distance from 3.5 Hz: after the spectral algorithm of Barro
  et al., J Med Eng Technol 13:109, 1989. Slow waves are breath and motion of the electrodes, fast ones noise. Of a wave
  with steep edges a harmonic may have most power: its fundamental counts where the signal repeats itself with it.

Twenty-eight measures of the literature were compared by leaving out one record after the other; to take more than these
three made nothing better. Counting boxes in the phase space (Amann et al. 2007) did as well on recordings, yet takes a
wave that repeats after its fixed lag of half a second for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ, VentricularWaves
from edge.signal.beat_morphology import BeatMorphology
from edge.signal.filters import BEAT_DELAY, FilteredSignals
from edge.signal.quantisation import from_steps
from edge.signal.usual_qrs import UsualQrs

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["PERIOD", "WINDOW", "VentricularFlutterMeter", "WaveShape", "shape_before", "wave_shape"]

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

_CENTRE_HZ: Final = 3.5
_DOMINANT_HZ: Final = (0.5, 15.0)  # where the dominant frequency is looked for
_POSSIBLE_HZ: Final = (1.6, 9.0)  # where it is if the waves come from the ventricles: 100 to 540 a minute
_HARMONICS: Final = (2, 3, 4)
_REPEATS: Final = 0.3  # autocorrelation at the fundamental's period
_FUNDAMENTAL_POWER: Final = 0.5  # of the harmonic's
_FFT_POINTS: Final = 1024
_FREQUENCIES_HZ: Final = np.fft.rfftfreq(_FFT_POINTS, 1 / _RATE_HZ)
_DOMINANT: Final = slice(*np.searchsorted(_FREQUENCIES_HZ, _DOMINANT_HZ).tolist())
_CANDIDATES_HZ: Final = _FREQUENCIES_HZ[_DOMINANT]
_TAPER: Final = np.hanning(_POINTS)


def _tones(frequencies_hz: tuple[float, ...]) -> FloatArray:
    """Orthonormal waves that span these tones in a window; shape (480, 2 tones)."""
    angles = 2 * np.pi * np.outer(np.arange(_POINTS) / _RATE_HZ, frequencies_hz)
    return np.linalg.qr(np.concatenate((np.cos(angles), np.sin(angles)), axis=1))[0]


_RAILWAY: Final = _tones((16.5, 50 / 3, 16.85))
"""Hum of the trains of Central Europe, which the low-pass lets through. It is taken out: half a hertz of no rhythm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fit:
    """Log-odds: what each measure adds, and a constant. `converter.training.fit_ventricular_flutter` prints them."""

    leakage: float
    peakedness: float
    distance: float
    constant: float


_FIT: Final = _Fit(leakage=-11.94, peakedness=-2.75, distance=-4.81, constant=13.71)
_AGAINST: Final = -3.0
"""Log-odds below which nobody asks whether QRS complexes go on."""
_WEIGHTS: Final = np.array([_FIT.leakage, _FIT.peakedness, _FIT.distance])


@dataclass(frozen=True, slots=True)
class WaveShape:
    """What is measured of a window.

    Attributes:
        measures: leakage, peakedness, squared logarithm of the dominant frequency over 3.5 Hz; shape (3,).
        dominant_hz: frequency of most power an octave.
        height_mv: peak to peak.
    """

    measures: FloatArray
    dominant_hz: float
    height_mv: float

    @property
    def may_be_ventricular(self) -> bool:
        """Whether the ventricles can be so fast; the function is fitted to such windows."""
        return _POSSIBLE_HZ[0] <= self.dominant_hz <= _POSSIBLE_HZ[1]


def wave_shape(samples_mv: FloatArray) -> WaveShape | None:
    """Measure four seconds of beat signal at 120 Hz, shape (480,), mV.

    Returns:
        None where the waves are too low to be judged.
    """
    height_mv = float(samples_mv.max() - samples_mv.min())
    if height_mv < _LOWEST_MV:
        return None
    signal = samples_mv - samples_mv.sum() / len(samples_mv)
    signal -= _RAILWAY @ (_RAILWAY.T @ signal)
    dominant_hz = _dominant_hz(signal)
    distance = float(np.log(dominant_hz / _CENTRE_HZ)) ** 2
    return WaveShape(np.array([_leakage(signal), _peakedness(signal), distance]), dominant_hz, height_mv)


def _dominant_hz(signal: FloatArray) -> float:
    power = np.abs(np.fft.rfft(signal * _TAPER, _FFT_POINTS)[: _DOMINANT.stop]) ** 2
    highest = _DOMINANT.start + int((power[_DOMINANT.start :] * _CANDIDATES_HZ).argmax())
    found_hz = float(_FREQUENCIES_HZ[highest])
    for harmonic in reversed(_HARMONICS):
        fundamental_hz = found_hz / harmonic
        if not _POSSIBLE_HZ[0] <= fundamental_hz <= _POSSIBLE_HZ[1]:
            continue
        near = int(highest / harmonic)
        if max(power[near - 1 : near + 3].tolist()) < _FUNDAMENTAL_POWER * power[highest]:
            continue
        if _autocorrelation(signal, round(_RATE_HZ / fundamental_hz)) >= _REPEATS:
            return fundamental_hz
    return found_hz


def _autocorrelation(signal: FloatArray, lag: int) -> float:
    """At the best of three lags."""
    products = [float(signal[each:] @ signal[:-each]) / (_POINTS - each) for each in (lag - 1, lag, lag + 1)]
    return max(products) * _POINTS / float(signal @ signal)


def _leakage(signal: FloatArray) -> float:
    size = np.abs(signal)
    half_period = int(np.pi * size.sum() / np.abs(signal[1:] - signal[:-1]).sum() + 0.5)
    half_period = min(max(half_period, 2), _POINTS // 3)
    left = np.abs(signal[half_period:] + signal[:-half_period]).sum()
    return float(left / (size[half_period:].sum() + size[:-half_period].sum()))


def _peakedness(signal: FloatArray) -> float:
    power = signal * signal
    mean = power.sum() / len(power)
    return float(np.log((power * power).sum() / len(power) / mean**2))


def shape_before(filters: FilteredSignals, index: int) -> WaveShape | None:
    """Measure the newest four seconds known at 360 Hz index `index`; None as `wave_shape`."""
    end = index - BEAT_DELAY
    beat_signal = filters.low[end - WINDOW : end] - filters.baseline[end - WINDOW : end]
    return wave_shape(from_steps(beat_signal[::_STEP]))


class VentricularFlutterMeter:
    """Judges the newest four seconds of a filter bank's signals.

    Args:
        filters: of the stretch.
        first_index: 360 Hz index of its first sample.
        usual_qrs: of the patient; a new one knows nothing.
    """

    def __init__(self, filters: FilteredSignals, *, first_index: int, usual_qrs: UsualQrs | None = None) -> None:
        self._filters = filters
        self._first_index = first_index
        self._usual_qrs = usual_qrs or UsualQrs(BeatMorphology())
        self._log_odds = 0.0

    @property
    def is_likely(self) -> bool:
        """Whether the latest judgement spoke for waves."""
        return self._log_odds > 0

    def judge(self, index: int) -> VentricularWaves | None:
        """The waves up to 0.6 s before 360 Hz index `index`; None while the stretch is too short to be judged."""
        start = index - BEAT_DELAY - WINDOW
        if start < self._first_index:
            return None
        onset_index = start + WINDOW // 2
        shape = shape_before(self._filters, index)
        if shape is None:
            self._log_odds = -np.inf
            return VentricularWaves(
                index=index, onset_index=onset_index, log_odds=-np.inf, rate_bpm=None, height_mv=None
            )
        self._log_odds = float(_WEIGHTS @ shape.measures) + _FIT.constant
        may_be_waves = self._log_odds > _AGAINST
        return VentricularWaves(
            index=index,
            onset_index=onset_index,
            log_odds=self._log_odds,
            rate_bpm=60 * shape.dominant_hz,
            height_mv=shape.height_mv,
            has_usual_qrs=may_be_waves and self._usual_qrs.goes_on(self._filters, start, start + WINDOW),
        )
