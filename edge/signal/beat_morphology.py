"""The patient's usual QRS shapes: kept once, for detector, signal quality, labels and rules.

Each beat is measured against the beats before it, and then filed under the shape that it is of, or begins a new one.
Measuring leaves no trace: a beat may be measured before all of it is known, and again when it is.

One shape is the patient's usual beat, from the sinus node or a pacemaker, with which models and rules compare each
beat. It is the shape of most beats of the last minutes, or the one that six beats in a row were of, for a bundle branch
may block or an electrode move from one beat to the next. A shape that is wider and came fast alone never becomes it: a
ventricular tachycardia would be what is usual within seconds.

Kin: the beat types of Hamilton's classifier (P. S. Hamilton, "Open source ECG analysis", Computers in Cardiology 2002).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, SAMPLE_RATE_HZ
from edge.signal.p_wave import PWaveMeter
from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = [
    "FILING",
    "LIKE",
    "QRS",
    "BeatMorphology",
    "BeatShape",
    "MeasuredBeat",
    "UsualBeat",
    "middle_width_s",
    "qrs_correlation",
    "qrs_width_s",
]

LIKE: Final = 0.75
"""From this correlation on, a QRS complex may be one of the patient's own that noise or breath has changed."""

QRS: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 54)
"""What is compared with the usual beat: 100 ms before to 150 ms after the R peak."""

_FILED: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 72)
"""What a beat is filed by: 100 ms before to 200 ms after the R peak. An early ventricular beat like the others in its
QRS complex may differ in its ST segment."""

_WIDTH: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 45)
"""What the width of a QRS complex is looked for in. A tachycardia brings the T wave nearer."""
_TINY: Final = float(np.finfo(float).tiny)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """Numbers by which beats are filed; `benchmarks/CHOICES.md` (Beat morphology) says how they were chosen.

    Attributes:
        same: correlation from which on two beats are of one shape ...
        size: ... where ln of their r.m.s. sizes differs by less than this; the usual beat's kin may be of any size.
        weight: of a new beat in the mean of its shape.
        most: shapes; beyond it the one that weighs least is forgotten.
        borne_out: beats; a shape of fewer may be an artefact's.
        memory_s: after so long a beat counts for 1/e of what it did.
        in_a_row: beats of one shape that make it the usual one, whatever came before ...
        first_in_a_row: ... and as long as no second beat was like the first: that may be the step of an electrode put
            on.
        wider_s: what exceeds the width of the usual QRS complex by so much may be of the ventricles ...
        faster: ... and is fast where its intervals are less than this share of the usual ones ...
        fast_rr_s: ... and than this.
        slow_beats: what came at the usual rate more often than this did not come fast alone: a few of a tachycardia's
            beats seem to, where the detector missed the one before ...
        slow_share: ... nor what did so with more than this share of its beats.
        intervals: of which the median is the usual one.
    """

    same: float = 0.90
    size: float = 0.25
    weight: float = 1 / 8
    most: int = 16
    borne_out: int = 4
    memory_s: float = 180.0
    in_a_row: int = 6
    first_in_a_row: int = 2
    wider_s: float = 0.015
    faster: float = 0.9
    fast_rr_s: float = 0.6
    slow_beats: float = 4.0
    slow_share: float = 0.25
    intervals: int = 16


FILING: Final = Filing()


@dataclass(slots=True)
class _Count:
    """Beats, each counted for less the longer ago it was."""

    beats: int = 0
    weight: float = 0.0
    slow_weight: float = 0.0  # of those that came at the usual rate or slower
    seen_s: float = 0.0

    def at(self, time_s: float) -> float:
        """The weight at a stream time, s."""
        return self.weight * math.exp((self.seen_s - time_s) / FILING.memory_s)

    def add(self, time_s: float, *, is_slow: bool) -> None:
        decay = math.exp((self.seen_s - time_s) / FILING.memory_s)
        self.beats += 1
        self.weight = decay * self.weight + 1
        self.slow_weight = decay * self.slow_weight + is_slow
        self.seen_s = time_s


@dataclass(slots=True, eq=False)
class BeatShape:
    """One shape of a patient's beats.

    Attributes:
        mean_mv: shape (259,), running mean of its beats, mV.
        unit: what it is filed by of the mean, of mean 0 and norm 1 ...
        norm: ... and its norm before that.
        count: how many they were, and when.
        ln_odds: natural logarithm of the odds that it is ventricular: mean of what a model said of its beats ...
        judged: ... so many of them.
        detected: mean of what the detector saw of its beats.
    """

    mean_mv: FloatArray
    unit: FloatArray
    norm: float
    count: _Count = field(default_factory=_Count)
    ln_odds: float = 0.0
    judged: int = 0
    detected: RunningMean | None = None
    _width_s: float | None = None

    @property
    def width_s(self) -> float:
        """Of the QRS complex of the mean."""
        if self._width_s is None:
            self._width_s = qrs_width_s(self.mean_mv)
        return self._width_s

    @property
    def came_fast_alone(self) -> bool:
        """Whether hardly any of its beats came at the usual rate."""
        return self.count.slow_weight <= max(FILING.slow_beats, FILING.slow_share * self.count.weight)

    def take(self, beat: MeasuredBeat, time_s: float, *, is_slow: bool) -> None:
        """Let one more beat take part; `is_slow`: it came at the usual rate, or slower."""
        if self.count.beats:
            self.mean_mv += FILING.weight * (beat.window_mv - self.mean_mv)
            self.unit, self.norm = _unit(self.mean_mv[_FILED])
            self._width_s = None
        self.count.add(time_s, is_slow=is_slow)
        if beat.detected is not None:
            if self.detected is None:
                self.detected = RunningMean(len(beat.detected))
            self.detected.add(beat.detected)


@dataclass(slots=True, eq=False)
class UsualBeat:
    """The patient's usual beat: the mean of those of its shape, of whatever size they are.

    Attributes:
        mean_mv: shape (259,), mV.
        unit: the QRS complex of the mean, of mean 0 and norm 1.
        rr_s: the intervals before the last of them.
        count: how many they were, and when.
        slow_beats: of them so many were no tachycardia's.
    """

    mean_mv: FloatArray
    unit: FloatArray
    rr_s: deque[float]
    count: _Count
    slow_beats: int = 0
    _width_s: float | None = None

    @classmethod
    def of(cls, shape: BeatShape) -> UsualBeat:
        """The usual beat as it is when a shape becomes the usual one."""
        unit, _ = _unit(shape.mean_mv[QRS])
        return cls(shape.mean_mv.copy(), unit, deque(maxlen=FILING.intervals), replace(shape.count))

    @property
    def interval_s(self) -> float | None:
        """Median of its last intervals; None where there are none."""
        return median(self.rr_s) if self.rr_s else None

    @property
    def width_s(self) -> float:
        """Of its QRS complex."""
        if self._width_s is None:
            self._width_s = qrs_width_s(self.mean_mv)
        return self._width_s

    def take(self, beat: MeasuredBeat, time_s: float) -> None:
        """Let one more beat take part."""
        self.mean_mv += FILING.weight * (beat.window_mv - self.mean_mv)
        self.unit = _unit(self.mean_mv[QRS])[0]
        self._width_s = None
        self.count.add(time_s, is_slow=False)
        if beat.rr_before_s is not None:
            self.rr_s.append(beat.rr_before_s)
            self.slow_beats += beat.rr_before_s >= FILING.fast_rr_s


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBeat:
    """A beat beside those before it.

    Attributes:
        window_mv: shape (259,), the beat signal, mV.
        rr_before_s: interval from the R peak before; None where unknown.
        detected: `Candidate.shape` of its detection; None where unknown.
        height_mv: of its QRS complex, peak to peak.
        shape: the one that it is of; None where it begins a new one.
        to_usual: correlation of its QRS complex with that of the usual beat, -1 to 1; 1 for the first beat.
        to_nearest: correlation with the shape that it is most like of those that are borne out; None where none is.
        p_wave: see `edge.signal.p_wave`; None where it cannot be told.
    """

    window_mv: FloatArray
    rr_before_s: float | None
    detected: FloatArray | None
    height_mv: float
    shape: BeatShape | None
    to_usual: float
    to_nearest: float | None
    p_wave: float | None

    @property
    def is_usual(self) -> bool:
        """Whether its QRS complex is like the usual one."""
        return self.to_usual >= FILING.same


class BeatMorphology:
    """Follows the shapes of one patient's beats.

    Attributes:
        usual: the patient's usual beat; None before the first one.
    """

    def __init__(self) -> None:
        self.usual: UsualBeat | None = None
        self._shapes: list[BeatShape] = []  # the one that was seen last at the end
        self._p_waves = PWaveMeter()
        self._row: BeatShape | None = None  # of which the last beats were, ...
        self._in_a_row = 0  # ... so many

    def likeness(self, detected: FloatArray | None) -> float | None:
        """Cosine of a maximum with the shape that it is most like, -1 to 1; None where there is nothing to compare.

        Args:
            detected: its `Candidate.shape`.
        """
        if detected is None:
            return None
        shapes = [each.detected for each in self._shapes if each.count.beats >= FILING.borne_out and each.detected]
        return max((each.cosine(detected) or 0.0 for each in shapes), default=None)

    def measure(
        self, window_mv: FloatArray, rr_before_s: float | None, detected: FloatArray | None = None
    ) -> MeasuredBeat:
        """Lay the next beat beside those before it.

        Args:
            window_mv: shape (259,), the beat signal, mV.
            rr_before_s: interval from the R peak before; None where unknown.
            detected: `Candidate.shape` of its detection; None where unknown.
        """
        shape, to_usual, to_nearest = None, 1.0, None
        qrs_mv = window_mv[QRS]
        height_mv = float(qrs_mv.max() - qrs_mv.min())
        if self.usual is not None:
            to_usual = float(_unit(qrs_mv)[0] @ self.usual.unit)
        if self._shapes:
            unit, norm = _unit(window_mv[_FILED])
            correlations = np.stack([each.unit for each in self._shapes]) @ unit
            is_as_large = [abs(math.log((each.norm + _TINY) / (norm + _TINY))) < FILING.size for each in self._shapes]
            best = int(np.where(is_as_large, correlations, -1.0).argmax())
            if is_as_large[best] and correlations[best] >= FILING.same:
                shape = self._shapes[best]
            borne_out = [each.count.beats >= FILING.borne_out for each in self._shapes]
            to_nearest = float(correlations[borne_out].max()) if any(borne_out) else None
        p_wave = None
        if to_usual >= LIKE and self._p_waves.can_be_seen(rr_before_s):
            p_wave = self._p_waves.measure(window_mv, height_mv)
        return MeasuredBeat(window_mv, rr_before_s, detected, height_mv, shape, to_usual, to_nearest, p_wave)

    def template(self, beat: MeasuredBeat) -> FloatArray:
        """Shape (259,), mV: the usual beat, with one that was just measured taking part if it is one of them."""
        usual = self.usual
        if usual is None:
            return beat.window_mv
        if not beat.is_usual:
            return usual.mean_mv
        return usual.mean_mv + FILING.weight * (beat.window_mv - usual.mean_mv)

    def add(self, beat: MeasuredBeat, time_s: float) -> BeatShape:
        """File a beat that was measured last, of stream time `time_s`; gives its shape."""
        shape = beat.shape
        if shape is None:
            shape = BeatShape(beat.window_mv.copy(), *_unit(beat.window_mv[_FILED]))
        else:
            self._shapes.remove(shape)
        shape.take(beat, time_s, is_slow=self._is_slow(beat.rr_before_s))
        self._shapes.append(shape)
        if len(self._shapes) > FILING.most:
            self._shapes.remove(min(self._shapes[:-1], key=lambda each: each.count.at(time_s)))
        self._follow(beat, shape, time_s)
        if beat.to_usual >= LIKE and self._p_waves.can_be_seen(beat.rr_before_s):
            self._p_waves.add(beat.window_mv, beat.height_mv)
        return shape

    def is_own(self, beat: MeasuredBeat) -> bool:
        """Whether a measured beat is one more of the usual beat, which is known not to be a tachycardia's."""
        if self.usual is None or self.usual.slow_beats < FILING.borne_out or not beat.is_usual:
            return False
        return beat.shape is None or not self.may_be_ventricular(beat.shape)

    def may_be_ventricular(self, shape: BeatShape) -> bool:
        """Whether a shape came fast alone, and its QRS complex is wider than that of the usual beat."""
        if self.usual is None or not shape.came_fast_alone:
            return False
        return shape.width_s >= self.usual.width_s + FILING.wider_s

    def is_fast(self, rr_s: float) -> bool:
        """Whether such an interval is one of a tachycardia, faster than the usual beat comes."""
        return rr_s < FILING.fast_rr_s and not self._is_slow(rr_s)

    def _is_slow(self, rr_s: float | None) -> bool:
        """Whether a beat after such an interval comes at the usual rate, or slower, or at one not known."""
        usual_s = self.usual.interval_s if self.usual else None
        return rr_s is None or usual_s is None or rr_s >= FILING.faster * usual_s

    def _follow(self, beat: MeasuredBeat, shape: BeatShape, time_s: float) -> None:
        """Let the newest beat take part in the usual one, or its shape become it if it is time."""
        usual = self.usual
        if usual is None:
            self.usual = UsualBeat.of(shape)
            return
        may_be_ventricular = self.may_be_ventricular(shape)
        if beat.is_usual and not may_be_ventricular:
            usual.take(beat, time_s)
            self._row, self._in_a_row = None, 0
            return
        self._in_a_row = self._in_a_row + 1 if shape is self._row else 1
        self._row = shape
        enough = FILING.in_a_row if usual.count.beats > 1 else FILING.first_in_a_row
        is_most = shape.count.at(time_s) > max(usual.count.at(time_s), FILING.in_a_row)
        if (is_most or self._in_a_row >= enough) and not may_be_ventricular:
            self.usual, self._row, self._in_a_row = UsualBeat.of(shape), None, 0


def _unit(samples_mv: FloatArray) -> tuple[FloatArray, float]:
    """A stretch without its mean and of norm 1, and the norm before; of a flat one zeros."""
    samples_mv = samples_mv - samples_mv.sum() / len(samples_mv)
    norm = math.sqrt(float(samples_mv @ samples_mv))
    return (samples_mv / norm if norm > 0 else samples_mv), norm


def qrs_correlation(one_mv: FloatArray, other_mv: FloatArray) -> float:
    """Correlation of the QRS complexes of two beats, each of shape (259,); 0 where one of them is flat."""
    return float(_unit(one_mv[QRS])[0] @ _unit(other_mv[QRS])[0])


def qrs_width_s(window_mv: FloatArray) -> float:
    """Width of a beat's QRS complex, s; 0 of a flat beat.

    Args:
        window_mv: shape (259,).
    """
    return middle_width_s(window_mv[_WIDTH])


def middle_width_s(samples_mv: FloatArray) -> float:
    """Time in which the middle 80 % of the ups and downs of a stretch fall, s; 0 of a flat one."""
    travelled = np.abs(samples_mv[1:] - samples_mv[:-1]).cumsum()
    begin, end = travelled.searchsorted((0.1 * travelled[-1], 0.9 * travelled[-1])).tolist()
    return float(end - begin) / SAMPLE_RATE_HZ
