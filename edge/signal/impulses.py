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
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.signal.quantisation import STEPS_PER_MV
from edge.signal.smeared_pulse import SmearedPulse

if TYPE_CHECKING:
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

    def judge(self, steps: FloatArray, lost: NDArray[np.bool_], at: int, *, expected: bool) -> Impulse | None:
        """The impulse whose peak is at a position.

        Args:
            steps: end where nothing more is known or can be.
            lost: which of them are interpolated.
            at: the position.
            expected: SMEARED pulses came before.
        """
        noise = self._noise_at(steps, at)
        found = self._false_sample(steps, at, noise)
        if found is not None or not self.tells_pulses:
            return found
        return (
            self._narrow_pulse(steps, at, noise)
            or self._smeared_pulse(steps, lost, (at - self._rise, at), noise, expected=expected)
            or self._wide_pulse(steps, at, noise)
            or self._step(steps, at, noise)
        )

    def judge_loss(
        self, steps: FloatArray, lost: NDArray[np.bool_], first: int, last: int, *, expected: bool
    ) -> Impulse | None:
        """The pulse whose samples `first` to `last` were lost, which are interpolated in `steps`; else as `judge`."""
        before, behind = first - 1, last + 1
        if not self.tells_pulses or before < self._narrow + 2 or behind + self._narrow >= len(steps):
            return None
        noise = self._noise_at(steps, before, behind - before)
        smeared = self._smeared_pulse(steps, lost, (before - self._rise, behind), noise, expected=expected)
        if smeared is not None or last - first >= self._longest_clipped:
            return smeared
        level = float(steps[before - self._narrow])
        fallen = float(steps[min(behind + self.fall, len(steps) - 1)])
        edge = max((_over(float(steps[each]), level, fallen) for each in (before, behind)), key=abs)
        flat = _span(steps, before - self._narrow - self._flat, before - self._narrow)
        if abs(edge) < max(_CLIPPED_MV * STEPS_PER_MV, _NOISE_FACTOR * noise) or flat > _CLIPPED_FLAT * abs(edge):
            return None
        covered = _covered(steps, (before, behind), (self._narrow, self.fall), noise)
        return Impulse(ImpulseKind.CLIPPED, before, *covered, 1 if edge > 0 else -1, noise)

    def _smeared_pulse(
        self, steps: FloatArray, lost: NDArray[np.bool_], rise: tuple[int, int], noise: float, *, expected: bool
    ) -> Impulse | None:
        foot, top = rise
        if foot < 0:
            return None
        level = float(steps[max(foot - _LEVEL + 1, 0) : foot + 1].mean())
        behind = steps[foot + 1 : top + self.reach - self.fall]
        height = float(np.abs(behind - level).max(initial=0.0))
        if height <= max(_WIDE_MV * STEPS_PER_MV, _NOISE_FACTOR * noise):
            return None
        flat, quiet = _span(steps, foot - self._flat, foot), _span(steps, foot - self._quiet, foot)
        if flat > _WIDE_FLAT[0] * height or quiet > _WIDE_QUIET * height:
            return None
        risen = np.abs(behind - level) > max(5 * noise, _RISEN * height)
        onset = foot + 1 + int(risen.argmax())
        if onset > top:
            return None
        part = slice(onset, min(onset + self._smeared.window, top + self.reach + 1))
        response = self._smeared.fit(steps[part], lost[part], level, expected=expected)
        if response is None:
            return None
        sign = 1 if response[: self._rise].sum() > 0 else -1
        return Impulse(ImpulseKind.SMEARED, max(onset, top), onset, part.stop - 1, sign, noise, response=response)

    def _noise_at(self, steps: FloatArray, at: int, length: int = 0) -> float:
        """Mean step between samples on the quieter side."""
        means = []
        aside = self._rise + self._flat
        for first, last in (
            (at - aside - self._noise, at - aside),
            (at + length + aside, at + length + aside + self._noise),
        ):
            side = steps[max(first, 0) : max(last, 0)]
            if len(side) > self._noise // 2:
                means.append(float(np.abs(np.diff(side)).sum()) / (len(side) - 1))
        return min(means, default=0.0)

    def _false_sample(self, steps: FloatArray, at: int, noise: float) -> Impulse | None:
        if not _CURVE_REACH <= at < len(steps) - _CURVE_REACH:
            return None
        floor = max(_FALSE_MV * STEPS_PER_MV, _NOISE_FACTOR * noise)
        if not self.tells_pulses:
            floor = _HIGHEST_R_MV * STEPS_PER_MV
        off = _off(steps, at, 0, _ONE_OFF)
        beside = max(abs(_off(steps, at, -1, _BEFORE_ONE)), abs(_off(steps, at, 1, _AFTER_ONE)))
        if abs(off) > max(floor, _NEIGHBOURS * beside):
            return Impulse(ImpulseKind.FALSE_SAMPLE, at, at, at, 1 if off > 0 else -1, noise)
        for first in (at, at - 1):
            one, two = _off(steps, first, 0, _FIRST_OF_TWO), _off(steps, first, 1, _SECOND_OF_TWO)
            most, least = (one, two) if abs(one) > abs(two) else (two, one)
            beside = max(abs(_off(steps, first, -1, _BEFORE_TWO)), abs(_off(steps, first, 2, _AFTER_TWO)))
            is_high = abs(most) > max(floor, _TWO_FALSE_MV * STEPS_PER_MV)
            if is_high and abs(least) > floor and beside < _THIRD * abs(most) and least / most < _UNLIKE:
                return Impulse(ImpulseKind.FALSE_SAMPLE, at, first, first + 1, 1 if most > 0 else -1, noise)
        return None

    def _narrow_pulse(self, steps: FloatArray, at: int, noise: float) -> Impulse | None:
        span = self._narrow
        height = self._height(steps, at, span, span, span)
        if abs(height) <= max(_NARROW_MV * STEPS_PER_MV, _NOISE_FACTOR * noise):
            return None
        before = _span(steps, at - self._flat - span, at - span)
        behind = _span(steps, at + span, at + span + self._flat)
        fall = abs(float(steps[at] - steps[at + span]))  # into the tail, if there is one
        if before > _NARROW_FLAT[0] * abs(height) or behind > _NARROW_FLAT[1] * fall:
            return None
        covered = _covered(steps, (at, at), (span, span), noise)
        return Impulse(ImpulseKind.NARROW, at, *covered, 1 if height > 0 else -1, noise)

    def _wide_pulse(self, steps: FloatArray, at: int, noise: float) -> Impulse | None:
        height = self._height(steps, at, self._rise, self.fall, self.fall)
        if abs(height) <= max(_WIDE_MV * STEPS_PER_MV, _NOISE_FACTOR * noise):
            return None
        before = _span(steps, at - self._rise - self._flat, at - self._rise)
        behind = _span(steps, at + self.fall, at + self.fall + self._flat)
        if before > _WIDE_FLAT[0] * abs(height) or behind > _WIDE_FLAT[1] * abs(height):
            return None
        around = max(_span(steps, at - self._quiet, at - self._rise), _span(steps, at + self.fall, at + self.reach))
        captured = around > _WIDE_QUIET * abs(height)
        covered = _covered(steps, (at, at), (self._rise, self.fall), noise)
        return Impulse(ImpulseKind.WIDE, at, *covered, 1 if height > 0 else -1, noise, captured)

    def _step(self, steps: FloatArray, at: int, noise: float) -> Impulse | None:
        """A steep rise from a flat stretch, which may be the beginning of a tail."""
        foot = at - self._rise
        if foot < 0 or at + self.fall >= len(steps):
            return None
        height = _over(float(steps[at]), float(steps[foot]), float(steps[at + self.fall]))
        height = float(steps[at] - steps[foot]) if height else 0.0
        if abs(height) <= max(_STEP_MV * STEPS_PER_MV, _NOISE_FACTOR * noise):
            return None
        if _span(steps, foot - self._flat, foot) > _WIDE_FLAT[0] * abs(height):
            return None
        further = steps[at : at + self._rise] * (1 if height > 0 else -1)
        if float(further.max() - further[0]) > max(_STILL * abs(height), 3 * noise):  # it has not ended
            return None
        first = foot + 1
        while first < at - 1 and abs(steps[first] - steps[foot]) < 5 * noise + 2:
            first += 1
        return Impulse(ImpulseKind.STEP, at, first, at - 1, -1 if height > 0 else 1, noise)

    def _height(self, steps: FloatArray, at: int, rise: int, fall: int, alone: int) -> float:
        """Height over the higher foot, negative downwards; 0 where it is not the extreme within `alone` samples."""
        if at - rise < 0 or at + fall >= len(steps):
            return 0.0
        height = _over(float(steps[at]), float(steps[at - rise]), float(steps[at + fall]))
        around = steps[max(at - alone, 0) : at + alone + 1]
        return height if steps[at] == (around.max() if height > 0 else around.min()) else 0.0


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


def _off(steps: FloatArray, at: int, offset: int, curve: tuple[tuple[int, float], ...]) -> float:
    """How far the sample at `at + offset` lies from a curve through its neighbours."""
    return float(steps[at + offset]) - sum(weight * float(steps[at + point]) for point, weight in curve)


def _over(value: float, before: float, behind: float) -> float:
    """Height of a value over the higher of two feet, negative where it lies below both; 0 where it lies between."""
    up, down = value - before, value - behind
    return min(up, down, key=abs) if up * down > 0 else 0.0


def _span(steps: FloatArray, first: int, last: int) -> float:
    """Highest less lowest of the samples `first` to `last`, as far as there are any."""
    part = steps[max(first, 0) : max(last + 1, 0)]
    return float(np.ptp(part)) if len(part) else 0.0
