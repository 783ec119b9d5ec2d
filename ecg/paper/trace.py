"""The trace of one lead in a box: its scale, its calibration pulse, what is off the scale, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import LOST, PALE_INK, Box, Polyline, Rectangle, Text
from ecg.paper.font import font
from ecg.paper.grid import MM_PER_MV, MM_PER_S
from ecg.samples import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.paper.drawing import Item
    from ecg.samples import FloatArray

__all__ = ["PULSE_MM", "Range", "missing", "pulse", "range_of", "trace"]

PULSE_MM: Final = 15
"""Room for the pulse, left of a trace: level, 1 mV for 0.2 s, level."""

SATURATED_S: Final = 0.1
SATURATED_MV: Final = 1.5
"""A signal that repeats one value for so long, so far from where it moves, comes from an amplifier at its limit. Nearer
values have room in the lowest box."""

MOVING_S: Final = 0.5
"""The least that must move for that: otherwise a signal at rest is all there is."""

OFF_SCALE_S: Final = 0.2
"""A trace that is cut off for so long is marked with words."""

LOWEST_MM, HIGHEST_MM = 30, 80
"""Limits of the height of a trace."""

MARGIN_MV: Final = 0.2
"""Room above and below the waves."""

STEP_MM: Final = 5
"""Baselines stand on thick lines of the grid."""

SPIKES: Final = 0.1
"""Percent of the samples, at each end, that do not decide the height: 10 ms in 10 s."""

WORD_MM: Final = 2.6


@dataclass(frozen=True, slots=True)
class Range:
    """The part of the voltage axis that a trace needs.

    Attributes:
        baseline_mv: the voltage that is drawn as the baseline.
        above_mm, below_mm: paper above and below it, multiples of 5 mm.
    """

    baseline_mv: float
    above_mm: int
    below_mm: int

    @property
    def height_mm(self) -> int:
        """Height of the box."""
        return self.above_mm + self.below_mm


def range_of(samples_mv: FloatArray, rate_hz: float) -> Range:
    """The range of a trace. What saturates an amplifier does not count, and single spikes do not.

    Args:
        samples_mv: shape (n,), NaN where samples are lost.
        rate_hz: sampling rate.
    """
    valid = np.isfinite(samples_mv)
    if not valid.any():
        return Range(0.0, LOWEST_MM // 2, LOWEST_MM // 2)
    live = valid & ~_saturated(samples_mv, valid, rate_hz)
    baseline_mv = float(np.median(samples_mv[live]))
    low_mv, high_mv = np.percentile(samples_mv[live], (SPIKES, 100 - SPIKES)) - baseline_mv
    above_mm = _steps((high_mv + MARGIN_MV) * MM_PER_MV)
    below_mm = _steps((MARGIN_MV - low_mv) * MM_PER_MV)
    # A calibration pulse and a quiet trace need this much.
    least_mm = LOWEST_MM // 2
    above_mm = max(above_mm, least_mm)
    below_mm = max(below_mm, LOWEST_MM - above_mm, 2 * STEP_MM)
    if above_mm + below_mm > HIGHEST_MM:
        share = above_mm / (above_mm + below_mm)
        above_mm = min(max(STEP_MM * round(share * HIGHEST_MM / STEP_MM), least_mm), HIGHEST_MM - 2 * STEP_MM)
        below_mm = HIGHEST_MM - above_mm
    return Range(baseline_mv, above_mm, below_mm)


def trace(box: Box, samples_mv: FloatArray, scale: Range, rate_hz: float) -> list[Item]:
    """Draw samples from the left edge of a box on. What is off the scale is cut off at the edges, and says so.

    Args:
        box: as high as the range.
        samples_mv: shape (n,); the line breaks where it is NaN.
        scale: the range of the trace.
        rate_hz: sampling rate.
    """
    x_mm: FloatArray = box.x_mm + np.arange(len(samples_mv), dtype=np.float64) * (MM_PER_S / rate_hz)
    y_mm: FloatArray = box.y_mm + scale.above_mm - (samples_mv - scale.baseline_mv) * MM_PER_MV
    items: list[Item] = [Polyline(x_mm, np.asarray(np.clip(y_mm, box.y_mm, box.bottom_mm), dtype=np.float64))]
    for outside, word_y_mm in ((y_mm < box.y_mm, box.y_mm + 3.5), (y_mm > box.bottom_mm, box.bottom_mm - 1.5)):
        for first, last in runs(outside):
            if last - first >= OFF_SCALE_S * rate_hz:
                items += _word(x_mm[first], x_mm[last - 1], word_y_mm, ("off scale",), box)
    return items


def pulse(x_mm: float, baseline_y_mm: float) -> Polyline:
    """A calibration pulse of 1 mV and 0.2 s in the room of `PULSE_MM` from `x_mm` on."""
    x = x_mm + np.array([2.0, 5, 5, 10, 10, 13])
    y = baseline_y_mm - np.array([0.0, 0, 1, 1, 0, 0]) * MM_PER_MV
    return Polyline(x, y)


def missing(box: Box, first_s: float, last_s: float, words: Sequence[str]) -> list[Item]:
    """Grey paper where there is no ECG, with the first of the words that has room there.

    Args:
        box: of the trace.
        first_s: beginning of the stretch, from the left edge of the box on.
        last_s: its end.
        words: the longest first.
    """
    left = box.x_mm + first_s * MM_PER_S
    right = min(box.x_mm + last_s * MM_PER_S, box.right_mm)
    items: list[Item] = [Rectangle(Box(left, box.y_mm, right - left, box.height_mm), LOST)]
    return [*items, *_word(left, right, box.y_mm + box.height_mm / 2 + 1, words, None)]


def _word(left: float, right: float, y_mm: float, words: Sequence[str], inside: Box | None) -> list[Item]:
    """The first of the words that fits between two abscissae, or that at least stays inside a box."""
    centre = (left + right) / 2
    for word in words:
        half = font().width_mm(word, WORD_MM) / 2
        if inside is not None:
            centre = min(max(centre, inside.x_mm + half + 1), inside.right_mm - half - 1)
        elif 2 * half + 1 > right - left:
            continue
        return [Text(centre, y_mm, word, WORD_MM, PALE_INK, "middle")]
    return []


def _saturated(samples_mv: FloatArray, valid: NDArray[np.bool_], rate_hz: float) -> NDArray[np.bool_]:
    """Which samples an amplifier at its limit gave."""
    held = _held(samples_mv, max(2, round(SATURATED_S * rate_hz)))
    moving = valid & ~held
    if moving.sum() < MOVING_S * rate_hz:
        return np.zeros(len(samples_mv), dtype=bool)
    return held & (np.abs(samples_mv - np.median(samples_mv[moving])) > SATURATED_MV)


def _held(samples_mv: FloatArray, length: int) -> NDArray[np.bool_]:
    """Which samples belong to runs of at least `length` equal values."""
    equal = np.concatenate(([False], samples_mv[1:] == samples_mv[:-1]))
    held = np.zeros(len(samples_mv), dtype=bool)
    for first, last in runs(equal):
        if last - first + 1 >= length:
            held[first - 1 : last] = True
    return held


def _steps(mm: float) -> int:
    return STEP_MM * ceil(mm / STEP_MM)
