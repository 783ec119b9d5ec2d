"""Resampling, the filter against baseline wander and a monotone curve, in numpy: scipy costs half a second to import.

Each gives what the function of scipy does that it is named after; the tests hold them side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction

    from ecg.samples import FloatArray

__all__ = ["monotone_curve", "resampled", "without_wander"]

_HALF_WIDTH: Final = 10
_KAISER_BETA: Final = 5.0
"""Zero crossings of the sinc on either side, and its window: those of `scipy.signal.resample_poly`."""

_CHUNK: Final = 16_384
"""Outputs at a time, so that a long recording takes little memory."""

_MARGIN_S: Final = 10.0
"""Of the turned signal before and behind: at 0.3 Hz what lies beyond leaves less than a millionth."""


def resampled(samples: FloatArray, ratio: Fraction) -> FloatArray:
    """`scipy.signal.resample_poly(..., padtype="line")`: bring a signal to `ratio` times its rate, without delay.

    Args:
        samples: shape (n,), without NaN.
        ratio: of the new rate to the old one.

    Returns:
        Shape (ceil(n * ratio),).
    """
    up, down = ratio.numerator, ratio.denominator
    half = _HALF_WIDTH * max(up, down)
    place = np.arange(-half, half + 1)
    taps = np.sinc(place / max(up, down)) * np.kaiser(2 * half + 1, _KAISER_BETA)
    taps *= up / taps.sum()
    reach = half // up + 1
    slope = (samples[-1] - samples[0]) / max(len(samples) - 1, 1)
    steps = slope * np.arange(1, reach + 1)
    line = np.concatenate((samples[0] - steps[::-1], samples, samples[-1] + steps))
    length = -(-len(samples) * up // down)
    found = np.empty(length)
    offsets = np.arange(-reach, reach + 1)
    for first in range(0, length, _CHUNK):
        at = np.arange(first, min(first + _CHUNK, length)) * down  # on the grid of `up` times the rate
        nearest = np.minimum(at // up, len(samples) - 1)
        distance = at[:, np.newaxis] - (nearest[:, np.newaxis] + offsets) * up
        weights = np.where(np.abs(distance) <= half, taps[np.clip(distance + half, 0, 2 * half)], 0.0)
        found[first : first + len(at)] = np.einsum("ij,ij->i", weights, line[nearest[:, np.newaxis] + offsets + reach])
    return found


def without_wander(samples: FloatArray, corner_hz: float, rate_hz: float) -> FloatArray:
    """A Butterworth high-pass of the second order, forwards and backwards: `butter` and `sosfiltfilt` of scipy.

    It is taken in the spectrum, of the signal with itself turned about its ends before and behind.

    Args:
        samples: shape (n,), without NaN.
        corner_hz: where one pass leaves 0.71 of a wave.
        rate_hz: sampling rate.
    """
    margin = min(len(samples) - 1, round(_MARGIN_S * rate_hz))
    if margin < 1:
        return np.zeros(len(samples))
    before = 2 * samples[0] - samples[margin:0:-1]
    behind = 2 * samples[-1] - samples[-2 : -margin - 2 : -1]
    whole = np.concatenate((before, samples, behind))
    spectrum = np.fft.rfft(whole)
    angle = np.pi * np.arange(1, len(spectrum)) / len(whole)  # half of the digital frequency
    tangent = np.tan(np.minimum(angle, np.pi / 2 - 1e-9))  # the bilinear transform
    spectrum[0] = 0.0
    spectrum[1:] /= 1 + (np.tan(np.pi * corner_hz / rate_hz) / tangent) ** 4
    steady: FloatArray = np.fft.irfft(spectrum, len(whole))[margin : margin + len(samples)]
    return steady


def monotone_curve(at: FloatArray, levels: FloatArray, places: FloatArray) -> FloatArray:
    """`scipy.interpolate.PchipInterpolator`: a cubic through points that stays between them (Fritsch and Butland 1984).

    Args:
        at: shape (points,), two and more, ascending.
        levels: shape (points,).
        places: shape (n,), within the points.
    """
    width = np.diff(at)
    rise = np.diff(levels) / width
    slopes = np.zeros(len(at))
    if len(at) == 2:
        slopes[:] = rise[0]
    else:
        before, after = rise[:-1], rise[1:]
        one, other = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (one + other) / (one / before + other / after)
        slopes[1:-1] = np.where(before * after > 0, mean, 0.0)
        slopes[0] = _end_slope(width[0], width[1], rise[0], rise[1])
        slopes[-1] = _end_slope(width[-1], width[-2], rise[-1], rise[-2])
    part = np.clip(np.searchsorted(at, places, side="right") - 1, 0, len(width) - 1)
    share = (places - at[part]) / width[part]
    rest = 1 - share
    return np.asarray(
        (1 + 2 * share) * rest**2 * levels[part]
        + share * rest**2 * width[part] * slopes[part]
        + share**2 * (3 - 2 * share) * levels[part + 1]
        - share**2 * rest * width[part] * slopes[part + 1]
    )


def _end_slope(width: float, next_width: float, rise: float, next_rise: float) -> float:
    """The slope at an end, of the parabola through three points, unless it would overshoot."""
    slope = ((2 * width + next_width) * rise - width * next_rise) / (width + next_width)
    if slope * rise <= 0:
        return 0.0
    return 3 * rise if rise * next_rise <= 0 and abs(slope) > 3 * abs(rise) else float(slope)
