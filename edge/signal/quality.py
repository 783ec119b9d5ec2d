"""Signal quality: can beats, and above all silence, be believed?

Judged once a second over the last two seconds. Each fault has a measure with two levels: at the first it is named, at
the second the stretch is no longer good (score below 0.5). The levels were set so that clean `mitdb` DS1 records pass
and `nstdb` muscle noise mixed in at 0 dB is refused in part: see `benchmarks/RESULTS.md`.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ, FloatArray, Quality
from edge.signal.filters import BEAT_DELAY, LOW_PASS_DELAY, FilteredSignals
from edge.signal.quantisation import STEPS_PER_MV

__all__ = ["PERIOD", "QualityMeter"]

PERIOD: Final = SAMPLE_RATE_HZ  # one judgement a second
_WINDOW: Final = 2 * SAMPLE_RATE_HZ

_FLAT_MV: Final = 0.006  # less over two seconds than the input noise of any front end (ADS1292R: 8 uVpp)
_CLIP_RUN: Final = 18  # samples (50 ms) at an extreme; an R peak stays there for 1 to 3
_CLIP_TOLERANCE: Final = 4.0  # quantisation steps, 0.24 uV: the resampler's rounding on a rail
_CLIP_MV: Final = 0.5  # an extreme nearer to the median is no rail

# Measure at which a fault is named, and at which the stretch is bad.
_MAINS_MV: Final = (0.10, 1.0)  # amplitude at 50 or 60 Hz; the low-pass removes 44 dB of it
_MUSCLE_RATIO: Final = (0.02, 0.06)  # spread of what lies above the low-pass, over the height of the signal below
_MUSCLE_HEIGHT_MV: Final = 0.5  # a lower signal counts as this high: the hiss of a silent heart is no muscle noise
_HEIGHTS: Final = 10  # seconds over which the height is remembered: pauses are low
_BASELINE_MV: Final = (1.0, 4.0)  # movement of the baseline within the window

_TABLE_SCALE: Final = 4096
_PHASE: Final = 2 * np.pi * np.outer((50, 60), np.arange(SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
_MAINS_TABLE: Final = np.rint(
    _TABLE_SCALE * np.concatenate((np.cos(_PHASE), np.sin(_PHASE)))
)  # cos 50, cos 60, sin 50, sin 60


def _grade(measure: float, levels: tuple[float, float]) -> float:
    """1 up to the first level, 0.5 at the second, falling on to 0."""
    named, bad = levels
    return max(0.0, min(1.0, 1 - 0.5 * (measure - named) / (bad - named)))


class QualityMeter:
    """Judges the newest two seconds of a filter bank's signals."""

    def __init__(self, filters: FilteredSignals, *, first_index: int) -> None:
        self._filters = filters
        self._first_index = first_index
        self._heights: deque[float] = deque(maxlen=_HEIGHTS)

    def judge(self, index: int) -> Quality:
        """Quality of the two seconds before 360 Hz index `index`; the score is None before there are so many."""
        if index - self._first_index < _WINDOW:
            return Quality(index=index, score=None)
        raw = self._filters.raw[index - _WINDOW : index]
        if float(np.ptp(raw)) < _FLAT_MV * STEPS_PER_MV:
            return Quality(index=index, score=0.0, flat=True)
        end = index - LOW_PASS_DELAY
        low = self._filters.low[end - _WINDOW : end]
        residual = self._filters.raw[end - SAMPLE_RATE_HZ : end] - low[-SAMPLE_RATE_HZ:]
        self._heights.append(float(np.ptp(low)))
        mains_mv, spread = _noise(residual)
        muscle_ratio = spread / max(*self._heights, _MUSCLE_HEIGHT_MV * STEPS_PER_MV)
        end = index - BEAT_DELAY
        baseline_mv = float(np.ptp(self._filters.baseline[end - _WINDOW : end])) / STEPS_PER_MV
        clipped = _is_clipped(raw)
        score = min(_grade(mains_mv, _MAINS_MV), _grade(muscle_ratio, _MUSCLE_RATIO), _grade(baseline_mv, _BASELINE_MV))
        return Quality(
            index=index,
            score=min(score, 0.25) if clipped else score,
            clipped=clipped,
            mains=mains_mv > _MAINS_MV[0],
            muscle=muscle_ratio > _MUSCLE_RATIO[0],
            baseline=baseline_mv > _BASELINE_MV[0],
        )


def _is_clipped(raw: FloatArray) -> bool:
    """Whether the signal stays at an extreme for longer than any wave does."""
    median = np.partition(raw, len(raw) // 2)[len(raw) // 2]
    for extreme in (raw.min(), raw.max()):
        at_extreme = np.count_nonzero(np.abs(raw - extreme) <= _CLIP_TOLERANCE)
        if at_extreme >= _CLIP_RUN and abs(extreme - median) >= _CLIP_MV * STEPS_PER_MV:
            return True
    return False


def _noise(residual: FloatArray) -> tuple[float, float]:
    """Mains amplitude in mV, and the spread of the rest in quantisation steps, of one second above the low-pass."""
    sums = _MAINS_TABLE @ residual / (_TABLE_SCALE * SAMPLE_RATE_HZ / 2)
    amplitudes = np.hypot(sums[:2], sums[2:])
    rest = residual - sums @ _MAINS_TABLE / _TABLE_SCALE
    # The median is blind to the QRS complexes themselves, whose edges reach above the low-pass.
    spread = float(np.median(np.abs(rest))) * 1.4826
    return float(amplitudes.max()) / STEPS_PER_MV, spread
