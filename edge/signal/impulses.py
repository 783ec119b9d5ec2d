"""What no heart does: pulses of a pacemaker and false samples, told from QRS complexes by width and slope.

A QRS complex lasts 40 ms and more, and its R wave rises for 10 ms at least. A pacemaker's pulse lasts 0.1 to 2 ms (IEC
60601-2-27, clause 201.12.1.101.13); what the front end makes of it lasts as long as the front end's own response:

- `NARROW`: up to 10 ms between two flat stretches. The third-order sinc filter of an ADS1292 makes each pulse three to
  five samples long.
- `WIDE`: a rise of at most 8 ms from a flat stretch, and a fall of at most 18 ms: the response of a low-pass filter of
  the second order at 40 Hz, as on boards with an AD8232.
- `SMEARED`: a pulse with a tail behind such a filter, which nothing follows: `SmearedPulse` explains it.
- `STEP`: the same rise, and a fall by one exponential, which `PulseTail` must find: the tail of a pulse that is too
  short to be seen itself.
- `CLIPPED`: samples lost for at most 20 ms because the pulse left the range, between steep edges.
- `FALSE_SAMPLE`: one or two samples off between neighbours that lie on one curve. No filter before a converter lets
  that through (a sinc filter of the third order leaves neighbours of a sixth of the height or more): the value was
  damaged on its way.

All amplitudes are quantisation steps, so that all sums are exact. The thresholds were set with `benchmarks/pacing.py`
and the records of `mitdb`: see `benchmarks/CHOICES.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from math import ceil, prod
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from edge.signal.quantisation import STEPS_PER_MV
from edge.signal.smeared_pulse import SmearedPulse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["Impulse", "ImpulseKind", "ImpulseShape"]

_NARROW_S: Final = 0.0055  # a NARROW pulse has fallen on either side
_RISE_S: Final = 0.008  # a WIDE pulse has risen: 4.4 to 6 ms behind 40 Hz, and one sample
_FALL_S: Final = 0.018  # and fallen: its response crosses zero after 17.7 ms
_FLAT_S: Final = 0.015  # for so long the signal is flat on either side
_QUIET_S: Final = 0.080  # and for so long nothing but the pulse is there, where a WIDE one has not captured
_NOISE_S: Final = 0.060  # the noise is measured over so long, on the quieter side
REACH_S: Final = 0.120
"""So long after an impulse decides about it: a QRS complex that it captured begins within 60 ms."""
_CLIPPED_S: Final = 0.020  # the longest loss that is bridged as a pulse beyond the range
_LONGEST_LOSS_S: Final = 0.040  # and that is explained as one with its tail

_NARROW_MV: Final = 0.1  # a lower one makes no beat
_WIDE_MV: Final = 0.2
_STEP_MV: Final = 0.12
_CLIPPED_MV: Final = 0.25
_FALSE_MV: Final = 0.25
_TWO_FALSE_MV: Final = 1.0
_NOISE_FACTOR: Final = 10.0  # an impulse is so many times as high as the mean step between samples
_LOWEST_RATE_HZ: Final = 200  # below, the R wave is one sample wide: only what is higher than any is told
_HIGHEST_R_MV: Final = 10.0  # twice the range of +-5 mV that IEC 60601-2-47 asks for

_NARROW_FLAT: Final = (0.25, 0.4)  # the flat stretch before and behind moves at most this share of the height
_WIDE_FLAT: Final = (0.2, 0.25)
_WIDE_QUIET: Final = 0.4
_CLIPPED_FLAT: Final = 0.35
_STILL: Final = 0.05  # of the height: less than this a STEP rises no further
_RISEN: Final = 0.03  # of the height: where a SMEARED pulse has begun
_LEVEL: Final = 3  # samples whose mean is the level before a pulse
_NEIGHBOURS: Final = 8.0  # a false sample is so many times as far off as its neighbours; a sinc3 filter leaves 4.7
_UNLIKE: Final = 0.5  # two samples of a pulse that fills no third are nearer alike than this
_THIRD: Final = 0.02  # of the height: less is no third sample


def _cubic(points: tuple[int, int, int, int], at: int) -> tuple[tuple[int, float], ...]:
    """The polynomial of the third degree through four samples, at another one: pairs of offset and weight."""
    return tuple((p, prod((at - q) / (p - q) for q in points if q != p)) for p in points)


_ONE_OFF: Final = _cubic((-2, -1, 1, 2), 0)
_BEFORE_ONE: Final = _cubic((-3, -2, 2, 3), -1)
_AFTER_ONE: Final = _cubic((-3, -2, 2, 3), 1)
_FIRST_OF_TWO: Final = _cubic((-2, -1, 2, 3), 0)
_SECOND_OF_TWO: Final = _cubic((-2, -1, 2, 3), 1)
_BEFORE_TWO: Final = _cubic((-3, -2, 3, 4), -1)
_AFTER_TWO: Final = _cubic((-3, -2, 3, 4), 2)
_CURVE_REACH: Final = 5


class ImpulseKind(Enum):
    """What an impulse looks like; see the module."""

    NARROW = auto()
    WIDE = auto()
    SMEARED = auto()
    STEP = auto()
    CLIPPED = auto()
    FALSE_SAMPLE = auto()


@dataclass(frozen=True, slots=True)
class Impulse:
    """One impulse, in positions of the array that was searched.

    Attributes:
        kind: its shape.
        at: position of its peak.
        first, last: the samples that it covers.
        sign: 1 upwards, -1 downwards.
        noise: mean step between samples on the quieter side, quantisation steps.
        captured: whether a WIDE one is followed or preceded by waves of its own size, so that it hides nothing: it is
            the beginning of a QRS complex in the databases, and stays.
        response: of a SMEARED one, from `first` on.
    """

    kind: ImpulseKind
    at: int
    first: int
    last: int
    sign: int
    noise: float
    captured: bool = False
    response: FloatArray | None = field(default=None, compare=False)


class ImpulseShape:
    """Tells impulses at one sample rate.

    Args:
        rate_hz: of the samples.

    Attributes:
        reach: samples behind a peak that decide about it.
        fall: samples behind a peak that show whether it may be one.
        before: samples before a peak that an impulse may cover.
        past: samples before a peak that decide about it.
        longest_loss: samples that a pulse beyond the range may hide.
        tells_pulses: whether the rate is high enough to tell a pulse from an R wave.
    """

    def __init__(self, rate_hz: float) -> None:
        self._narrow = ceil(_NARROW_S * rate_hz - 1e-6)
        self._rise = ceil(_RISE_S * rate_hz - 1e-6)
        self.fall = round(_FALL_S * rate_hz)
        self._flat = round(_FLAT_S * rate_hz)
        self._quiet = round(_QUIET_S * rate_hz)
        self._noise = round(_NOISE_S * rate_hz)
        self.reach = round(REACH_S * rate_hz)
        self.longest_loss = round(_LONGEST_LOSS_S * rate_hz)
        self._longest_clipped = round(_CLIPPED_S * rate_hz)
        self.before = self._rise + 2
        self.past = max(self._rise + self._flat + self._noise, self._quiet)
        self.tells_pulses = rate_hz >= _LOWEST_RATE_HZ
        self._smeared = SmearedPulse(rate_hz)

    def candidates(self, steps: FloatArray, start: int, stop: int) -> NDArray[np.intp]:
        """Positions in [start, stop) that may be the peak of an impulse; each needs `judge`.

        Args:
            steps: finite samples, known for at least `fall` samples behind `stop`.
            start: at least `before` samples behind the first.
            stop: where to end.
        """
        here = steps[start:stop]

        def at(offset: int) -> FloatArray:
            return steps[start + offset : stop + offset]

        bend = np.abs(2 * here - at(-1) - at(1))
        found = bend > 2 * _FALSE_MV * STEPS_PER_MV
        if self.tells_pulses:
            for rise, fall, height_mv, flat in (
                (self._narrow, self._narrow, _NARROW_MV, _NARROW_FLAT[0]),
                (self._rise, self.fall, _WIDE_MV, _WIDE_FLAT[0]),
            ):
                up, down = here - at(-rise), here - at(fall)
                height = np.minimum(np.abs(up), np.abs(down))
                before = np.abs(at(-rise) - at(-rise - 1))
                found |= (up * down > 0) & (height > height_mv * STEPS_PER_MV) & (before <= flat * height)
            height = np.abs(up)
            falls = np.abs(here - at(-1)) > np.abs(at(1) - here)
            found |= falls & (height > _STEP_MV * STEPS_PER_MV) & (before <= flat * height)
        return np.flatnonzero(found) + start

    def judge(
        self, steps: FloatArray, lost: NDArray[np.bool_], positions: NDArray[np.intp], expects: Callable[[int], bool]
    ) -> Iterator[Impulse]:
        """The impulses whose peaks are at positions, in order, as long as nothing is taken out of `steps`.

        Args:
            steps: end where nothing more is known or can be.
            lost: which of them are interpolated.
            positions: some of `candidates`.
            expects: whether SMEARED pulses came before a position.
        """
        around = _Around.of(steps, positions, self._rise + self._quiet, self.reach)
        noise = self._noise_at(steps, positions)
        is_inside = (positions >= _CURVE_REACH) & (positions < len(steps) - _CURVE_REACH)
        false, first, last = self._false_samples(around, noise)
        false = is_inside * false
        narrow = smeared = wide = step = np.zeros(len(positions))
        if self.tells_pulses:
            narrow, smeared = self._narrow_pulses(around, noise), self._smeared_pulses(around, 0, noise)
            wide, step = self._wide_pulses(around, noise), self._steps(around, noise)
        for row in np.flatnonzero(np.any((false, narrow, smeared, wide, step), axis=0)).tolist():
            at, quiet = int(positions[row]), float(noise[row])
            if false[row]:
                covered = at + int(first[row]), at + int(last[row])
                yield Impulse(ImpulseKind.FALSE_SAMPLE, at, *covered, _sign(false[row]), quiet)
            elif narrow[row]:
                covered = _covered(steps, (at, at), (self._narrow, self._narrow), quiet)
                yield Impulse(ImpulseKind.NARROW, at, *covered, _sign(narrow[row]), quiet)
            elif smeared[row] and (pulse := self._explained(steps, lost, (at, at), quiet, expected=expects(at))):
                yield pulse
            elif wide[row]:
                covered = _covered(steps, (at, at), (self._rise, self.fall), quiet)
                beside = max(around.span(-self._quiet, -self._rise)[row], around.span(self.fall, self.reach)[row])
                captured = bool(beside > _WIDE_QUIET * abs(wide[row]))
                yield Impulse(ImpulseKind.WIDE, at, *covered, _sign(wide[row]), quiet, captured)
            elif step[row]:
                risen = np.abs(steps[at - self._rise + 1 : at - 1] - steps[at - self._rise]) >= 5 * quiet + 2
                begin = at - self._rise + 1 + int(np.append(risen, True).argmax())
                yield Impulse(ImpulseKind.STEP, at, begin, at - 1, -_sign(step[row]), quiet)

    def judge_loss(
        self, steps: FloatArray, lost: NDArray[np.bool_], first: int, last: int, *, expected: bool
    ) -> Impulse | None:
        """The pulse whose samples `first` to `last` were lost, which are interpolated in `steps`; else as `judge`."""
        before, behind = first - 1, last + 1
        if not self.tells_pulses or before < self._narrow + 2 or behind + self._narrow >= len(steps):
            return None
        length, positions = behind - before, np.array([before])
        around = _Around.of(steps, positions, self._rise + self._quiet, length + self.reach)
        noise = self._noise_at(steps, positions, length)
        quiet = float(noise[0])
        if before >= self._rise and self._smeared_pulses(around, length, noise)[0]:
            smeared = self._explained(steps, lost, (before, behind), quiet, expected=expected)
            if smeared is not None:
                return smeared
        if last - first >= self._longest_clipped:
            return None
        feet = around.at(-self._narrow), around.at(length + self.fall)
        edge = max((float(_over(around.at(each), *feet)[0]) for each in (0, length)), key=abs)
        flat = around.span(-self._narrow - self._flat, -self._narrow)[0]
        if abs(edge) < max(_CLIPPED_MV * STEPS_PER_MV, _NOISE_FACTOR * quiet) or flat > _CLIPPED_FLAT * abs(edge):
            return None
        covered = _covered(steps, (before, behind), (self._narrow, self.fall), quiet)
        return Impulse(ImpulseKind.CLIPPED, before, *covered, _sign(edge), quiet)

    def _noise_at(self, steps: FloatArray, positions: NDArray[np.intp], length: int = 0) -> FloatArray:
        """Mean step between samples on the quieter side of each, which is `length` samples long; 0 of none."""
        travelled = np.concatenate((np.zeros(1), np.cumsum(np.abs(np.diff(steps)))))
        aside = self._rise + self._flat
        noise = np.full(len(positions), np.inf)
        for first in (positions - aside - self._noise, positions + length + aside):
            begin, end = np.clip(first, 0, len(steps)), np.clip(first + self._noise, 0, len(steps))
            is_enough = end - begin > self._noise // 2
            begin, end = begin[is_enough], end[is_enough]
            mean = (travelled[end - 1] - travelled[begin]) / (end - begin - 1)
            noise[is_enough] = np.minimum(noise[is_enough], mean)
        return np.where(np.isinf(noise), 0.0, noise)

    def _false_samples(
        self, around: _Around, noise: FloatArray
    ) -> tuple[FloatArray, NDArray[np.intp], NDArray[np.intp]]:
        """How far off a sample is, alone or with a neighbour; 0 where it is not false. Offsets of first and last."""
        lowest = (_FALSE_MV if self.tells_pulses else _HIGHEST_R_MV) * STEPS_PER_MV
        floor = np.maximum(lowest, _NOISE_FACTOR * noise)
        off = around.off(0, _ONE_OFF)
        beside = np.maximum(np.abs(around.off(-1, _BEFORE_ONE)), np.abs(around.off(1, _AFTER_ONE)))
        one = np.where(np.abs(off) > np.maximum(floor, _NEIGHBOURS * beside), off, 0.0)
        two, two_before = (self._two_false(around, first, floor) for first in (0, -1))
        first = np.where((one != 0) | (two != 0), 0, -1)
        last = np.where(one != 0, 0, first + 1)
        return np.where(one != 0, one, np.where(two != 0, two, two_before)), first, last

    @staticmethod
    def _two_false(around: _Around, first: int, floor: FloatArray) -> FloatArray:
        one, two = around.off(0, _FIRST_OF_TWO, first), around.off(1, _SECOND_OF_TWO, first)
        is_first = np.abs(one) > np.abs(two)
        most, least = np.where(is_first, one, two), np.where(is_first, two, one)
        beside = np.maximum(np.abs(around.off(-1, _BEFORE_TWO, first)), np.abs(around.off(2, _AFTER_TWO, first)))
        is_high = np.abs(most) > np.maximum(floor, _TWO_FALSE_MV * STEPS_PER_MV)
        is_two = (
            (np.abs(least) > floor)
            & (beside < _THIRD * np.abs(most))
            & (least * np.sign(most) < _UNLIKE * np.abs(most))
        )
        return np.where(is_high & is_two, most, 0.0)

    def _narrow_pulses(self, around: _Around, noise: FloatArray) -> FloatArray:
        """Their heights; 0 where there is none."""
        span = self._narrow
        height = around.height(span, span, span)
        before = around.span(-self._flat - span, -span)
        behind = around.span(span, span + self._flat)
        fall = np.abs(around.at(0) - around.at(span))  # into the tail, if there is one
        is_high = np.abs(height) > np.maximum(_NARROW_MV * STEPS_PER_MV, _NOISE_FACTOR * noise)
        is_flat = (before <= _NARROW_FLAT[0] * np.abs(height)) & (behind <= _NARROW_FLAT[1] * fall)
        return np.where(is_high & is_flat, height, 0.0)

    def _smeared_pulses(self, around: _Around, top: int, noise: FloatArray) -> FloatArray:
        """How high is what may be one that has begun to rise up to `top`; 0 where there is none."""
        foot = -self._rise
        level = around.between(foot - _LEVEL + 1, foot).mean(axis=1, keepdims=True)
        above = np.abs(around.between(foot + 1, top + self.reach - self.fall - 1) - level)
        height = above.max(axis=1)
        flat, quiet = around.span(foot - self._flat, foot), around.span(foot - self._quiet, foot)
        is_high = height > np.maximum(_WIDE_MV * STEPS_PER_MV, _NOISE_FACTOR * noise)
        is_flat = (flat <= _WIDE_FLAT[0] * height) & (quiet <= _WIDE_QUIET * height)
        has_risen = above[:, : top - foot].max(axis=1) > np.maximum(5 * noise, _RISEN * height)
        return np.where(is_high & is_flat & has_risen, height, 0.0)

    def _explained(
        self, steps: FloatArray, lost: NDArray[np.bool_], top: tuple[int, int], noise: float, *, expected: bool
    ) -> Impulse | None:
        """The SMEARED pulse that rises from before the first to the second sample of `top`, if it is one."""
        foot = top[0] - self._rise
        level = float(steps[max(foot - _LEVEL + 1, 0) : foot + 1].mean())
        above = np.abs(steps[foot + 1 : top[1] + self.reach - self.fall] - level)
        onset = foot + 1 + int((above > max(5 * noise, _RISEN * float(above.max()))).argmax())
        part = slice(onset, min(onset + self._smeared.window, top[1] + self.reach + 1))
        response = self._smeared.fit(steps[part], lost[part], level, expected=expected)
        if response is None:
            return None
        sign = _sign(response[: self._rise].sum())
        last = part.stop - 1
        return Impulse(ImpulseKind.SMEARED, max(onset, top[1]), onset, last, sign, noise, response=response)

    def _wide_pulses(self, around: _Around, noise: FloatArray) -> FloatArray:
        """Their heights; 0 where there is none."""
        height = around.height(self._rise, self.fall, self.fall)
        before = around.span(-self._rise - self._flat, -self._rise)
        behind = around.span(self.fall, self.fall + self._flat)
        is_high = np.abs(height) > np.maximum(_WIDE_MV * STEPS_PER_MV, _NOISE_FACTOR * noise)
        is_flat = (before <= _WIDE_FLAT[0] * np.abs(height)) & (behind <= _WIDE_FLAT[1] * np.abs(height))
        return np.where(is_high & is_flat, height, 0.0)

    def _steps(self, around: _Around, noise: FloatArray) -> FloatArray:
        """Heights of steep rises from a flat stretch, which may be the beginning of a tail; 0 where there is none."""
        foot = around.at(-self._rise)
        height = around.at(0) - foot
        is_peak = _over(around.at(0), foot, around.at(self.fall)) != 0
        is_high = np.abs(height) > np.maximum(_STEP_MV * STEPS_PER_MV, _NOISE_FACTOR * noise)
        is_flat = around.span(-self._rise - self._flat, -self._rise) <= _WIDE_FLAT[0] * np.abs(height)
        further = around.between(0, self._rise - 1) * np.where(height > 0, 1, -1)[:, np.newaxis]
        rises = further.max(axis=1) - further[:, 0]
        has_ended = rises <= np.maximum(_STILL * np.abs(height), 3 * noise)
        return np.where(is_peak & is_high & is_flat & has_ended, height, 0.0)


class _Around(NamedTuple):
    """The samples around positions, row by row; beyond either end of the signal its last sample stays."""

    samples: FloatArray
    before: int  # column of the positions

    @classmethod
    def of(cls, steps: FloatArray, positions: NDArray[np.intp], before: int, behind: int) -> _Around:
        places = positions[:, np.newaxis] + np.arange(-before, behind + 1)
        return cls(steps[np.clip(places, 0, len(steps) - 1)], before)

    def at(self, offset: int) -> FloatArray:
        return self.samples[:, self.before + offset]

    def between(self, first: int, last: int) -> FloatArray:
        return self.samples[:, self.before + first : self.before + last + 1]

    def span(self, first: int, last: int) -> FloatArray:
        """Highest less lowest of the samples from one offset to another."""
        part = self.between(first, last)
        return np.asarray(part.max(axis=1) - part.min(axis=1))

    def off(self, offset: int, curve: tuple[tuple[int, float], ...], origin: int = 0) -> FloatArray:
        """How far a sample lies from a curve through its neighbours."""
        return self.at(origin + offset) - sum(weight * self.at(origin + point) for point, weight in curve)

    def height(self, rise: int, fall: int, alone: int) -> FloatArray:
        """Heights over the higher foot, negative downwards; 0 of what is not the extreme within `alone` samples."""
        here, beside = self.at(0), self.between(-alone, alone)
        height = _over(here, self.at(-rise), self.at(fall))
        extreme = np.where(height > 0, beside.max(axis=1), beside.min(axis=1))
        return np.where(here == extreme, height, 0.0)


def _covered(steps: FloatArray, peak: tuple[int, int], spans: tuple[int, int], noise: float) -> tuple[int, int]:
    """The samples that an impulse covers: up to where the signal is no steeper than its noise."""
    tolerance = 5 * noise + 2
    first, last = peak[0] - 1, peak[1] + 1
    lowest, highest = max(peak[0] - spans[0] - 2, 1), min(peak[1] + spans[1] + 2, len(steps) - 2)
    while first > lowest and abs(steps[first] - steps[first - 1]) > tolerance:
        first -= 1
    while last < highest and abs(steps[last] - steps[last + 1]) > tolerance:
        last += 1
    return first, last


def _over(value: FloatArray, before: FloatArray, behind: FloatArray) -> FloatArray:
    """Height of a value over the higher of two feet, negative where it lies below both; 0 where it lies between."""
    up, down = value - before, value - behind
    return np.where(up * down > 0, np.where(np.abs(up) <= np.abs(down), up, down), 0.0)


def _sign(height: float) -> int:
    return 1 if height > 0 else -1
