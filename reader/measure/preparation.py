"""From a lead as it was recorded to what the delineation network is shown; training shows it the same."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.filters import resampled, without_wander

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray

__all__ = ["RATE_HZ", "WINDOW_SAMPLES", "PreparedLead", "network_input", "prepare"]

RATE_HZ: Final = 250
"""Of the network; the rate of the QT Database, half of that of LUDB."""

WINDOW_SAMPLES: Final = 2560
"""What the network is shown at a time, 10.24 s: an ECG of 10 s, and a length that halves evenly."""

BASELINE_HZ: Final = 0.3
"""Corner of the filter against baseline wander. It runs forwards and backwards, and so moves no wave: one that runs
forwards alone, and one of 0.5 Hz and more either way, distorts the ST segment (AHA 2007: Kligfield et al., Circulation
115:1306-1324)."""

_LARGEST_FACTOR: Final = 1000
"""Resampling by a ratio of larger numbers is done by the nearest ratio of smaller ones; times follow that ratio."""

ROUNDING: Final = 1e-9
"""Of the largest sample: what is smaller behind the filter comes from the filter, and would be blown up to an ECG."""

_HEIGHT_WINDOW_S: Final = 2
"""Holds a heartbeat at any rate from 30 bpm on."""

_LINEAR_SHARE: Final = 0.1
"""Up to a tenth of the height of the QRS complexes the network sees heights as they are, above it their logarithm: the
foot of a T wave and the top of a QRS complex must both fit into the 256 steps of an int8 input."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedLead:
    """A lead at about 250 Hz without its baseline.

    Attributes:
        samples_mv: shape (n,), without NaN.
        is_lost: shape (n,), where the samples were lost and are made up.
        period_s: time from a sample to the next.
    """

    samples_mv: FloatArray
    is_lost: NDArray[np.bool_]
    period_s: float


def prepare(samples_mv: FloatArray, rate_hz: Fraction) -> PreparedLead:
    """Bring a lead to 250 Hz and take its baseline away, moving nothing in time.

    Args:
        samples_mv: shape (n,), at least one of them no NaN.
        rate_hz: of the lead.
    """
    is_lost = ~np.isfinite(samples_mv)
    kept = np.flatnonzero(~is_lost)
    filled = np.interp(np.arange(len(samples_mv)), kept, samples_mv[kept]) if is_lost.any() else samples_mv
    ratio = Fraction(RATE_HZ) / rate_hz
    if max(ratio.numerator, ratio.denominator) > _LARGEST_FACTOR:
        ratio = (
            ratio.limit_denominator(_LARGEST_FACTOR)
            if ratio < 1
            else 1 / (1 / ratio).limit_denominator(_LARGEST_FACTOR)
        )
    period_s = float(1 / (rate_hz * ratio))
    if ratio != 1:
        filled = resampled(filled, ratio)
        nearest = np.rint(np.arange(len(filled)) / float(ratio)).astype(np.int64)
        is_lost = is_lost[np.minimum(nearest, len(is_lost) - 1)]
    steady = without_wander(filled, BASELINE_HZ, RATE_HZ)
    if np.ptp(steady) <= ROUNDING * np.abs(filled).max():
        steady = np.zeros(len(filled))
    return PreparedLead(steady, is_lost, period_s)


def network_input(samples_mv: FloatArray) -> Float32Array:
    """What the network is shown of a stretch of a prepared lead: heights in units of that of its QRS complexes.

    Args:
        samples_mv: shape (n,), or several stretches (..., n).
    """
    height = _qrs_height(samples_mv)[..., np.newaxis]
    scaled = np.divide(samples_mv, _LINEAR_SHARE * height, out=np.zeros(samples_mv.shape), where=height > 0)
    return np.arcsinh(scaled).astype(np.float32)


def _qrs_height(samples_mv: FloatArray) -> FloatArray:
    """Median over windows of two seconds of the height from the deepest to the highest sample, shape (...)."""
    length = samples_mv.shape[-1]
    window = min(_HEIGHT_WINDOW_S * RATE_HZ, length)
    parts = [samples_mv[..., first : first + window] for first in range(0, length - window + 1, max(window // 2, 1))]
    return np.asarray(np.median([np.ptp(part, axis=-1) for part in parts], axis=0))
