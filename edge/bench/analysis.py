"""Properties of a chip from its samples: functions on arrays, with the datasheet's constants.

Datasheet of the ADS129x: Texas Instruments SBAS502C (ADS1291, ADS1292, ADS1292R).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = [
    "AVDD_V",
    "DVDD_V",
    "SquareWave",
    "peak_to_peak_uv",
    "rms_uv",
    "square_wave",
    "step_uv",
    "supply_v",
    "temperature_c",
]

SENSOR_UV_AT_25_C = 145_300.0
SENSOR_UV_PER_C = 490.0
"""Temperature sensor: "Temperature Sensor (TEMPP, TEMPN)"."""

ANALOGUE_PART, DIGITAL_PART = 1 / 2, 1 / 4
"""Supply measurement: channel 1 measures half of AVDD, channel 2 a quarter of DVDD ("Supply Measurements")."""

AVDD_V, DVDD_V = (2.7, 5.25), (1.7, 3.6)
"""Allowed supplies: "Recommended Operating Conditions"."""

EDGE_SHARE = 0.1
"""Share of the height within which a sample belongs to a level. This leaves out the filter's ringing at the edges."""

FROM_STEP_S, TO_STEP_S = 0.025, 0.075
"""Range on either side of a step that is fitted by a straight line: a 40 Hz low-pass has settled by then, and a 0.5 Hz
high-pass bends it little."""

RISE_S = 0.005
"""A step is where the signal rises most from this long before to this long after."""

MIN_STEPS = 4
STEP_TOLERANCE = 0.1
"""Steps whose heights differ by more than this share do not belong to one pulse train."""


class SquareWave(NamedTuple):
    """A square wave.

    Attributes:
        height_uv: from the lower level to the upper one.
        hz: its frequency; None with fewer than two rising edges.
    """

    height_uv: float
    hz: float | None


def square_wave(uv: FloatArray, rate_hz: float) -> SquareWave | None:
    """Levels and frequency of a square wave of shape (n,); None if it is clipped or not a square wave."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    low_uv, high_uv = np.percentile(uv, (2, 98))  # with a duty cycle of 50 %, both lie on a level
    margin_uv = EDGE_SHARE * (high_uv - low_uv)
    lower, upper = uv[uv < low_uv + margin_uv], uv[uv > high_uv - margin_uv]
    if len(lower) + len(upper) < 0.9 * len(uv) or not len(lower) or not len(upper):
        return None  # noise, or a wave of another shape
    rising = np.flatnonzero(np.diff((uv > (low_uv + high_uv) / 2).astype(np.int8)) > 0)
    hz = None if len(rising) < 2 else float((len(rising) - 1) * rate_hz / (rising[-1] - rising[0]))
    return SquareWave(float(np.median(upper) - np.median(lower)), hz)


def step_uv(uv: FloatArray, rate_hz: float) -> float | None:
    """Height of square pulses of shape (n,) that a high-pass makes droop; None if clipped or without such pulses.

    The height of a step, up or down, is the distance of two straight lines fitted before and after it. The result is
    the median over all steps.
    """
    steep, near, far = (round(seconds * rate_hz) for seconds in (RISE_S, FROM_STEP_S, TO_STEP_S))
    if len(uv) < 4 * far or not np.isfinite(uv).all():
        return None
    rise = np.abs(uv[2 * steep :] - uv[: -2 * steep])
    high = np.flatnonzero(rise > rise.max() / 2) + steep
    heights = []
    for group in np.split(high, np.flatnonzero(np.diff(high) > near) + 1):
        at = float(group.mean())
        middle = round(at)
        if not far <= middle < len(uv) - far:
            continue
        before, after = np.arange(middle - far, middle - near), np.arange(middle + near, middle + far)
        ends = [np.polyfit(span - at, uv[span], 1)[1] for span in (before, after)]
        heights.append(abs(ends[1] - ends[0]))
    if len(heights) < MIN_STEPS:
        return None
    height = float(np.median(heights))
    return height if np.max(np.abs(np.array(heights) - height)) <= STEP_TOLERANCE * height else None


def rms_uv(uv: FloatArray) -> float | None:
    """RMS about the mean; None if it is clipped."""
    return float(uv.std()) if len(uv) and np.isfinite(uv).all() else None


def peak_to_peak_uv(uv: FloatArray) -> float | None:
    """Highest minus lowest sample; None if it is clipped."""
    return float(np.ptp(uv)) if len(uv) and np.isfinite(uv).all() else None


def supply_v(uv: FloatArray, *, channel: int) -> float | None:
    """AVDD (channel 1) or DVDD (channel 2) from the supply input at gain 1; None if it is clipped."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    return float(np.mean(uv)) / 1e6 / (ANALOGUE_PART if channel == 1 else DIGITAL_PART)


def temperature_c(uv: FloatArray) -> float | None:
    """Temperature of the chip from its sensor at gain 1; None if it is clipped."""
    if not len(uv) or not np.isfinite(uv).all():
        return None
    return (float(np.mean(uv)) - SENSOR_UV_AT_25_C) / SENSOR_UV_PER_C + 25.0
