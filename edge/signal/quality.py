"""Signal quality: can beats, and above all silence, be believed?

Judged once a second over the last two seconds. Each fault has a measure with two levels: at the first it is named, at
the second the stretch is no longer good (score below 0.5). The levels were set so that clean `mitdb` DS1 records pass
and `nstdb` muscle noise mixed in at 0 dB is refused in part: see `benchmarks/RESULTS.md`.

Motion and tremor lie in the band of the QRS complex, where ventricular fibrillation lies too. They are told only where
the patient's usual QRS complexes are seen to go on through them (`edge.signal.usual_qrs`): by how high the signal is
in its quiet parts. Rhythmic shaking is named, yet not bad: the beats are seen through it. A quarter of the pieces of
the 48 records of `mitdb` is below 0.2 of the complex's height in 99 % of the time in all of them but 105, which is
disturbed by motion.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ, FloatArray, Quality
from edge.signal.beat_morphology import BeatMorphology
from edge.signal.filters import BEAT_DELAY, LOW_PASS_DELAY, FilteredSignals
from edge.signal.quantisation import STEPS_PER_MV
from edge.signal.usual_qrs import UsualQrs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PERIOD", "QualityMeter"]

PERIOD: Final = SAMPLE_RATE_HZ  # one judgement a second
_WINDOW: Final = 2 * SAMPLE_RATE_HZ

_FLAT_MV: Final = 0.006  # less over two seconds than the input noise of any front end (ADS1292R: 8 uVpp)
_CLIP_RUN: Final = 18  # samples (50 ms) at an extreme; an R peak stays there for 1 to 3
_CLIP_TOLERANCE: Final = 4.0  # quantisation steps, 0.24 uV: the resampler's rounding on a rail
_CLIP_MV: Final = 0.5  # an extreme nearer to the median is no rail

# Measure at which a fault is named, and at which the stretch is bad.
_MAINS_MV: Final = (0.10, 1.0)  # amplitude at 50 or 60 Hz; the low-pass removes 44 dB of it
_RAILWAY_MV: Final = (0.05, 0.3)  # amplitude at 16.7 Hz; the low-pass lets it through, and half of it looks like beats
_MUSCLE_RATIO: Final = (0.02, 0.06)  # spread of what lies above the low-pass, over the height of the signal below
_MUSCLE_HEIGHT_MV: Final = 0.5  # a lower signal counts as this high: the hiss of a silent heart is no muscle noise
_HEIGHTS: Final = 10  # seconds over which the height is remembered: pauses are low
_BASELINE_MV: Final = (1.0, 4.0)  # movement of the baseline within the window

_MOTION_WINDOW: Final = 4 * SAMPLE_RATE_HZ
_PIECE: Final = 45  # 125 ms
_QUIET: Final = 25  # percentile of the pieces' heights: between the beats of any rhythm a quarter of the time is quiet
_MOTION_RATIO: Final = (0.25, 0.5)  # their height, over that of the usual QRS complex
_MOTION_HEIGHT_MV: Final = 0.5  # a lower QRS complex counts as this high: atrial waves and hiss are no motion
_OUTSTANDING: Final = 1.5  # times as high as three quarters of the pieces: no wave of the motion
_MOTION_STAYS: Final = 2  # judgements without it, each a second

_RAILWAY_PIECE: Final = 86  # samples, 0.24 s: four periods
_RAILWAY_TAPER: Final = np.hanning(_RAILWAY_PIECE) / np.hanning(_RAILWAY_PIECE).sum() * 2
_RAILWAY_TABLE: Final = _RAILWAY_TAPER * np.exp(2j * np.pi * 50 / 3 * np.arange(_RAILWAY_PIECE) / SAMPLE_RATE_HZ)

_TABLE_SCALE: Final = 4096
_MIDDLE: Final = SAMPLE_RATE_HZ // 2  # of one second
_PHASE: Final = 2 * np.pi * np.outer((50, 60), np.arange(SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
_MAINS_TABLE: Final = np.rint(
    _TABLE_SCALE * np.concatenate((np.cos(_PHASE), np.sin(_PHASE)))
)  # cos 50, cos 60, sin 50, sin 60


def _grade(measure: float, levels: tuple[float, float]) -> float:
    """1 up to the first level, 0.5 at the second, falling on to 0."""
    named, bad = levels
    return max(0.0, min(1.0, 1 - 0.5 * (measure - named) / (bad - named)))


class QualityMeter:
    """Judges the newest two seconds of a filter bank's signals; motion is looked for in four.

    Args:
        filters: of the stretch.
        first_index: 360 Hz index of its first sample.
        usual_qrs: of the patient; without it no motion is told.
        is_rhythmic: whether what is seen may be waves of one frequency.
    """

    def __init__(
        self,
        filters: FilteredSignals,
        *,
        first_index: int,
        usual_qrs: UsualQrs | None = None,
        is_rhythmic: Callable[[], bool] = lambda: False,
    ) -> None:
        self._filters = filters
        self._first_index = first_index
        self._usual_qrs = usual_qrs or UsualQrs(BeatMorphology())
        self._is_rhythmic = is_rhythmic
        self._motion_since = _MOTION_STAYS  # judgements since motion was seen
        self._wave_height = 0.0  # of its waves, quantisation steps
        self._heights: deque[float] = deque(maxlen=_HEIGHTS)

    def judge(self, index: int) -> Quality:
        """Quality of the two seconds before 360 Hz index `index`; the score is None before there are so many."""
        if index - self._first_index < _WINDOW:
            return Quality(index=index, score=None)
        raw = self._filters.raw[index - _WINDOW : index]
        lowest, highest = float(raw.min()), float(raw.max())
        if highest - lowest < _FLAT_MV * STEPS_PER_MV:
            return Quality(index=index, score=0.0, flat=True)
        end = index - LOW_PASS_DELAY
        low = self._filters.low[end - _WINDOW : end]
        residual = self._filters.raw[end - SAMPLE_RATE_HZ : end] - low[-SAMPLE_RATE_HZ:]
        self._heights.append(float(np.ptp(low)))
        mains_mv, spread = _noise(residual)
        muscle_ratio = spread / max(*self._heights, _MUSCLE_HEIGHT_MV * STEPS_PER_MV)
        end = index - BEAT_DELAY
        baseline_mv = float(np.ptp(self._filters.baseline[end - _WINDOW : end])) / STEPS_PER_MV
        clipped = _is_clipped(raw, lowest, highest)
        railway_mv = _railway_mv(raw)
        motion_ratio = self._motion_ratio(index)
        self._motion_since = 0 if motion_ratio > _MOTION_RATIO[0] else self._motion_since + 1
        score = min(
            _grade(mains_mv, _MAINS_MV),
            _grade(railway_mv, _RAILWAY_MV),
            _grade(muscle_ratio, _MUSCLE_RATIO),
            _grade(baseline_mv, _BASELINE_MV),
            1.0 if self._is_rhythmic() else _grade(motion_ratio, _MOTION_RATIO),
        )
        return Quality(
            index=index,
            score=min(score, 0.25) if clipped else score,
            clipped=clipped,
            mains=mains_mv > _MAINS_MV[0] or railway_mv > _RAILWAY_MV[0],
            muscle=muscle_ratio > _MUSCLE_RATIO[0],
            baseline=baseline_mv > _BASELINE_MV[0],
            motion=self.sees_motion,
        )

    @property
    def sees_motion(self) -> bool:
        """Whether there was motion of late, through which the usual QRS complexes went on."""
        return self._motion_since <= _MOTION_STAYS

    def is_wave(self, index: int) -> bool:
        """Whether what stands out at 360 Hz index `index` is no higher than the waves of the motion."""
        reach = _PIECE // 2
        height = float(np.ptp(self._filters.low[index - reach : index + reach + 1]))
        return height < _OUTSTANDING * self._wave_height

    def _motion_ratio(self, index: int) -> float:
        """Height of the quiet parts over that of the usual QRS complex; 0 where it is not seen to go on."""
        end = index - BEAT_DELAY
        start = end - _MOTION_WINDOW
        if start < self._first_index or not self._usual_qrs.is_known:
            return 0.0
        signal = self._filters.low[start:end] - self._filters.baseline[start:end]
        pieces = signal.reshape(-1, _PIECE)
        heights = sorted((pieces.max(axis=1) - pieces.min(axis=1)).tolist())
        quiet, high = _percentile(heights, _QUIET), _percentile(heights, 100 - _QUIET)
        ratio = quiet / max(self._usual_qrs.height, _MOTION_HEIGHT_MV * STEPS_PER_MV)
        if ratio <= _MOTION_RATIO[0] or not self._usual_qrs.goes_on(self._filters, start, end):
            return 0.0
        self._wave_height = high
        return ratio


def _railway_mv(raw: FloatArray) -> float:
    """Amplitude at 16.7 Hz in a quarter of the pieces: those without a QRS complex."""
    pieces = raw[len(raw) % _RAILWAY_PIECE :].reshape(-1, _RAILWAY_PIECE)
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    return _percentile(sorted(np.abs(pieces @ _RAILWAY_TABLE).tolist()), _QUIET) / STEPS_PER_MV


def _percentile(ordered: list[float], percent: int) -> float:
    """As `np.percentile`, which takes ten times as long for so few."""
    place = percent / 100 * (len(ordered) - 1)
    low, high, part = ordered[int(place)], ordered[int(place) + 1], place % 1
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _is_clipped(raw: FloatArray, lowest: float, highest: float) -> bool:
    """Whether the signal stays at an extreme for longer than any wave does."""
    stays = raw <= lowest + _CLIP_TOLERANCE, raw >= highest - _CLIP_TOLERANCE
    extremes = [each for each, at in zip((lowest, highest), stays, strict=True) if np.count_nonzero(at) >= _CLIP_RUN]
    if not extremes:
        return False
    median = np.partition(raw, len(raw) // 2)[len(raw) // 2]
    return any(abs(each - median) >= _CLIP_MV * STEPS_PER_MV for each in extremes)


def _noise(residual: FloatArray) -> tuple[float, float]:
    """Mains amplitude in mV, and the spread of the rest in quantisation steps, of one second above the low-pass."""
    sums = _MAINS_TABLE @ residual / (_TABLE_SCALE * SAMPLE_RATE_HZ / 2)
    amplitudes = np.hypot(sums[:2], sums[2:])
    rest = residual - sums @ _MAINS_TABLE / _TABLE_SCALE
    # The median is blind to the QRS complexes themselves, whose edges reach above the low-pass.
    size = np.partition(np.abs(rest), (_MIDDLE - 1, _MIDDLE))
    spread = float((size[_MIDDLE - 1] + size[_MIDDLE]) / 2) * 1.4826
    return float(amplitudes.max()) / STEPS_PER_MV, spread
