"""What a network is shown of an ECG: ten seconds of each lead at 100 Hz, filtered and standardised, and the heights.

Each lead is brought to mean 0 and standard deviation 1: so are 1,482 of the recordings that networks learn from
(`ptbxl_more`), whose heights are lost. What is lost that way goes in beside the leads, see `reader.classify.heights`.
The filter is the one that those recordings went through: Butterworth, 0.5 to 40 Hz, forwards and backwards. Of the
orders 1 to 6 the fifth gives their spectrum (`benchmarks/CHOICES.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.heights import HEIGHTS, heights
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray
    from reader.twelve_leads import TwelveLeads

__all__ = [
    "DURATION_S",
    "RATE_HZ",
    "SAMPLES",
    "Prepared",
    "companded",
    "filtered",
    "prepare",
    "standardised",
    "windows",
]

RATE_HZ: Final = 100
DURATION_S: Final = 10
SAMPLES: Final = RATE_HZ * DURATION_S

_BAND_HZ: Final = (0.5, 40.0)
_ORDER: Final = 5
_MARGIN_S: Final = 2.0
"""Of the turned signal put before and behind, the period of the lowest frequency that passes."""
_MOST_LOST: Final = 0.8
"""Share of lost samples from which on a lead counts as missing."""
_LARGEST: Final = 1e9
"""In whatever unit: larger is no sample, and its square overflows."""
_LEAST_SWING: Final = 1e-3
"""A lead whose standard deviation is so small a part of the median lead's has no signal but rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Ten seconds of an ECG as a network takes them.

    Attributes:
        leads: shape (1000, 12), each lead with mean 0 and standard deviation 1; 0 where a lead or a sample is missing.
        heights: shape (`HEIGHTS`,), see `reader.classify.heights`.
        present: shape (12,), the leads that have a signal.
        duration_s: of the signal in it; the rest of the 10 s is 0.
    """

    leads: Float32Array
    heights: Float32Array
    present: NDArray[np.bool_]
    duration_s: float


def windows(ecg: TwelveLeads, most: int) -> Iterator[tuple[FloatArray, float]]:
    """Ten seconds at a time, shape (12, n) in mV, and where each begins, seconds; `most` of them, evenly spread.

    A shorter recording is one window.
    """
    length = min(round(DURATION_S * float(ecg.rate_hz)), ecg.length)
    count = min(most, max(ecg.length // max(length, 1), 1))
    for start in np.linspace(0, ecg.length - length, count).astype(int) if count > 1 else (0,):
        yield ecg.samples_mv[:, start : start + length], float(start / ecg.rate_hz)


def prepare(samples_mv: FloatArray, rate_hz: float, *, is_calibrated: bool) -> Prepared:
    """Prepare ten seconds or less.

    Args:
        samples_mv: shape (12, n), rows by `LEADS`; NaN where a sample or a whole lead is missing.
        rate_hz: their rate.
        is_calibrated: whether heights are in mV; otherwise they are masked.
    """
    lost = ~(np.abs(samples_mv) < _LARGEST)  # NaN is not less
    present = lost.mean(axis=1) < _MOST_LOST if samples_mv.shape[1] else np.zeros(len(LEADS), dtype=bool)
    length = min(round(samples_mv.shape[1] * RATE_HZ / rate_hz), SAMPLES)
    short_mv = np.zeros((len(LEADS), length))
    gone = np.zeros(short_mv.shape, dtype=bool)
    at = np.minimum((np.arange(length) * rate_hz / RATE_HZ).astype(int), samples_mv.shape[1] - 1)
    for lead in np.flatnonzero(present):
        short_mv[lead] = filtered(_bridged(samples_mv[lead], lost[lead]), rate_hz)[:length]
        if lost[lead].any():
            gone[lead] = lost[lead][at]
            short_mv[lead, gone[lead]] = 0.0
    swing = short_mv.std(axis=1) if length else np.zeros(len(LEADS))
    present &= swing > (_LEAST_SWING * np.median(swing[present]) if present.any() else 0)
    leads = np.zeros((SAMPLES, len(LEADS)), np.float32)
    first = (SAMPLES - length) // 2
    shown = standardised(np.where(present[:, np.newaxis], short_mv, 0.0))
    leads[first : first + length] = np.where(gone, 0.0, shown).T
    return Prepared(
        leads=leads,
        heights=heights(short_mv, present) if is_calibrated else np.zeros(HEIGHTS, np.float32),
        present=present,
        duration_s=length / RATE_HZ,
    )


def filtered(samples: FloatArray, rate_hz: float) -> FloatArray:
    """One signal without NaN, filtered 0.5 to 40 Hz without delay and brought to 100 Hz, in one step in the spectrum.

    Args:
        samples: shape (n,).
        rate_hz: of these samples. Where it does not divide a whole number of seconds into samples, times may be off by
            0.04 %.

    Returns:
        Shape (about n * 100 / rate,).
    """
    margin = min(round(_MARGIN_S * rate_hz), len(samples) - 1)
    if margin < 1:
        return np.zeros(round(len(samples) * RATE_HZ / rate_hz))
    before = 2 * samples[0] - samples[margin:0:-1]
    behind = 2 * samples[-1] - samples[-2 : -margin - 2 : -1]
    whole = np.concatenate([before, samples, behind])
    target = round(len(whole) * RATE_HZ / rate_hz)
    spectrum = np.fft.rfft(whole)
    frequency_hz = np.arange(1, len(spectrum)) * rate_hz / len(whole)
    low_hz, high_hz = _BAND_HZ
    detuning = (frequency_hz**2 - low_hz * high_hz) / ((high_hz - low_hz) * frequency_hz)
    spectrum[0] = 0.0
    spectrum[1:] /= 1 + detuning ** (2 * _ORDER)  # the square of Butterworth's magnitude: once there, once back
    brought = np.fft.irfft(_resized(spectrum, target // 2 + 1), target) * (target / len(whole))
    first = round(margin * RATE_HZ / rate_hz)
    return np.asarray(brought[first : first + round(len(samples) * RATE_HZ / rate_hz)], dtype=np.float64)


def standardised(samples: FloatArray) -> FloatArray:
    """Each row with mean 0 and standard deviation 1; a row without any change is 0."""
    if not samples.shape[1]:
        return samples
    centred = samples - samples.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0), dtype=np.float64)


def companded(leads: Float32Array) -> Float32Array:
    """Standardised leads as a network takes them: the inverse hyperbolic sine.

    R peaks reach 17 standard deviations, P waves 0.2; an int8 input in even steps over both would lose the P waves.
    """
    return np.arcsinh(leads)


def _resized(spectrum: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    return spectrum[:count] if len(spectrum) >= count else np.pad(spectrum, (0, count - len(spectrum)))


def _bridged(samples: FloatArray, lost: NDArray[np.bool_]) -> FloatArray:
    """The samples with straight lines over what is lost: a filter takes no NaN."""
    if not lost.any():
        return samples
    at = np.arange(len(samples))
    return np.asarray(np.interp(at, at[~lost], samples[~lost]), dtype=np.float64)
