"""What samples say of the chip that they come from: plain functions on arrays, with the datasheet's figures.

Datasheet: Texas Instruments SBAS502C (ADS1291, ADS1292, ADS1292R).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from edge.samples import FloatArray

__all__ = ["AVDD_V", "DVDD_V", "SquareWave", "peak_to_peak_uv", "rms_uv", "square_wave", "supply_v", "temperature_c"]

SENSOR_UV_AT_25_C = 145_300.0
SENSOR_UV_PER_C = 490.0
"""Temperature sensor: "Temperature Sensor (TEMPP, TEMPN)"."""

ANALOGUE_PART, DIGITAL_PART = 1 / 2, 1 / 4
"""Supply measurement: channel 1 sees half of AVDD, channel 2 a quarter of DVDD ("Supply Measurements")."""

AVDD_V, DVDD_V = (2.7, 5.25), (1.7, 3.6)
"""Allowed supplies: "Recommended Operating Conditions"."""

EDGE_SHARE = 0.1
"""Of the height: samples within so much of a level count as that level; the filter's ringing at the edges does not."""


class SquareWave(NamedTuple):
    """A square wave.

    Attributes:
        height_uv: from the lower level to the upper one.
        hz: its frequency; None with fewer than two rising edges.
    """

    height_uv: float
    hz: float | None


def square_wave(uv: FloatArray, rate_hz: float) -> SquareWave | None:
    """Levels and frequency of a square wave in shape (n,); None where it is clipped, or no such wave."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    low_uv, high_uv = np.percentile(uv, (2, 98))  # of a wave that is half the time up, both lie on a level
    margin_uv = EDGE_SHARE * (high_uv - low_uv)
    lower, upper = uv[uv < low_uv + margin_uv], uv[uv > high_uv - margin_uv]
    if len(lower) + len(upper) < 0.9 * len(uv) or not len(lower) or not len(upper):
        return None  # noise, or a wave of another shape
    rising = np.flatnonzero(np.diff((uv > (low_uv + high_uv) / 2).astype(np.int8)) > 0)
    hz = None if len(rising) < 2 else float((len(rising) - 1) * rate_hz / (rising[-1] - rising[0]))
    return SquareWave(float(np.median(upper) - np.median(lower)), hz)


def rms_uv(uv: FloatArray) -> float | None:
    """RMS about the mean; None where it is clipped."""
    return float(uv.std()) if len(uv) and np.isfinite(uv).all() else None


def peak_to_peak_uv(uv: FloatArray) -> float | None:
    """From the lowest sample to the highest; None where it is clipped."""
    return float(np.ptp(uv)) if len(uv) and np.isfinite(uv).all() else None


def supply_v(uv: FloatArray, *, channel: int) -> float | None:
    """AVDD (channel 1) or DVDD (channel 2) from the supply input at gain 1; None where it is clipped."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    return float(np.mean(uv)) / 1e6 / (ANALOGUE_PART if channel == 1 else DIGITAL_PART)


def temperature_c(uv: FloatArray) -> float | None:
    """Temperature of the chip from its sensor at gain 1; None where it is clipped."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    return (float(np.mean(uv)) - SENSOR_UV_AT_25_C) / SENSOR_UV_PER_C + 25.0
