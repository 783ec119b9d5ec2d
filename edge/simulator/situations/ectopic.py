"""Rhythms of the ventricles: premature beats in their patterns, tachycardia, torsades, flutter, fibrillation."""

from __future__ import annotations

from dataclasses import dataclass
from math import tau
from typing import TYPE_CHECKING

import numpy as np

from edge.simulator.situations.conducted import sinus_interval_s
from edge.simulator.situations.shapes import mixed

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.shapes import Shape
    from edge.simulator.situations.strip import Strip

__all__ = ["Fibrillation", "Pattern", "Tachycardia", "Torsades"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Sinus rhythm with premature beats in a pattern that repeats.

    Attributes:
        beats: N conducted, V from the ventricles, W from another place of them, A from the atria, like "NNV".
        coupling: after which a premature beat comes, in intervals of the sinus node.
        run_s: interval between beats from the ventricles that follow one another.
        bpm: rate of the sinus node; None: the patient's.
    """

    beats: str
    coupling: Range = (0.5, 0.68)
    run_s: Range = (0.36, 0.46)
    bpm: Range | None = None

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        dice, patient = strip.dice, strip.patient
        bpm = patient.bpm if self.bpm is None else dice.between(self.bpm)
        coupling, run_s = dice.between(self.coupling), dice.between(self.run_s)
        at_s = start_s + 0.4 if strip.last_r_s is None else max(strip.last_r_s + 60 / bpm, start_s)
        number, before = 0, "N"
        while at_s < end_s:
            rr_s = sinus_interval_s(strip, at_s, bpm)
            symbol = self.beats[number % len(self.beats)]
            after = self.beats[(number + 1) % len(self.beats)]
            if symbol in "NA":
                strip.beat(
                    at_s, patient.own, "N" if symbol == "N" else "S", rr_s=rr_s if after in "NA" else 0.9 * rr_s,
                    p_wave=True,
                )  # fmt: skip
            else:
                strip.beat(at_s, patient.ectopic if symbol == "V" else patient.other_ectopic, "V", rr_s=rr_s)
            early_s = coupling * rr_s * (1 + dice.normal(0.01))
            if after in "VW":
                at_s += run_s if symbol in "VW" else early_s
            elif after == "A":
                at_s += max(early_s, 0.62 * rr_s)
            elif symbol in "VW":  # the sinus node goes on: the pause is compensatory
                at_s += 2 * rr_s - early_s if before in "NA" else 1.3 * rr_s
            else:
                at_s += 1.1 * rr_s if symbol == "A" else rr_s
            number, before = number + 1, symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tachycardia:
    """Ventricular tachycardia: wide beats of one shape, regular within some ms (Wellens, Am J Med 64:27, 1978).

    Attributes:
        bpm: rate.
        spread: standard deviation of its intervals, as a share.
        p_bpm: rate of P waves that go on without relation to it; None: none can be seen.
        captures: about each so many beats one is conducted, or is a fusion of both; None: never.
        both: two shapes take turns, upright and inverted (bidirectional).
        many: each beat is another mixture of two shapes (polymorphic).
    """

    bpm: Range
    spread: Range = (0.004, 0.025)
    p_bpm: Range | None = None
    captures: int | None = None
    both: bool = False
    many: bool = False

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        dice, patient = strip.dice, strip.patient
        rr_s, spread = 60 / dice.between(self.bpm), dice.between(self.spread)
        if self.p_bpm is not None:
            p_s, between_s = start_s + 0.2, 60 / dice.between(self.p_bpm)
            while p_s < end_s:
                strip.p_wave(p_s)
                p_s += between_s * (1 + dice.normal(0.01))
        first, second = patient.ectopic, patient.other_ectopic
        if self.both:  # the axis turns by 180 degrees: a lead that shows one shape well shows the other one
            second = second.scaled(_height(first) / _height(second) * dice.log_between((0.5, 2.0)))
        if (self.both or self.many) and _upright(second) == _upright(first):
            second = second.scaled(-1)
        at_s = start_s + 0.1 if strip.last_r_s is None else max(start_s, strip.last_r_s + max(rr_s, 0.36))
        number = 0
        while at_s < end_s:
            caught = self.captures is not None and number > 8 and dice.chance(1 / self.captures)
            if caught and dice.chance(0.5):
                strip.beat(at_s - 0.06 * rr_s, patient.own, "N", rr_s=rr_s, p_wave=True)
            elif caught:
                strip.beat(at_s, mixed(first, patient.own, dice.between((0.3, 0.6))), "F", rr_s=rr_s)
            elif self.many:
                share = 0.5 + 0.5 * np.sin(0.9 * number + dice.normal(0.5))
                strip.beat(at_s, mixed(first, second, float(share)), "V", rr_s=rr_s, scale=dice.between((0.8, 1.3)))
            else:
                strip.beat(at_s, second if self.both and number % 2 else first, "V", rr_s=rr_s)
            at_s += rr_s * (1 + dice.normal(spread))
            number += 1


def _upright(shape: Shape) -> bool:
    return max(shape.qrs, key=lambda lobe: abs(lobe.height)).height > 0


def _height(shape: Shape) -> float:
    return max(abs(lobe.height) for lobe in shape.qrs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Torsades:
    """Torsades de pointes: waves whose axis turns around the baseline within 5 to 20 of them (Dessertenne 1966)."""

    bpm: Range = (180, 250)
    height_mv: Range = (0.6, 1.6)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the waves down; the axis turns like a slow sine, and never quite stays away."""
        dice = strip.dice
        part = strip.span(start_s, end_s)
        times_s = strip.times_s[part] - start_s
        hz = dice.between(self.bpm) / 60 + dice.wander(times_s, spread=0.15, each_s=1.0)
        angle = tau * np.cumsum(hz) / float(strip.rate_hz)
        turn = np.sin(tau * times_s * dice.between((0.1, 0.2)) + dice.between((0, 6)))
        sharp = np.sin(angle) + 0.25 * np.sin(2 * angle + 0.6)
        height_mv = dice.between(self.height_mv) * (1 + dice.wander(times_s, spread=0.1, each_s=0.5))
        fade = np.clip(np.minimum(times_s, times_s[-1] - times_s) / 0.3, 0, 1)
        strip.samples_mv[part] += fade * height_mv * turn * sharp
        strip.last_r_s = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fibrillation:
    """Ventricular fibrillation: a few waves whose frequencies and heights wander, and which now add up and now cancel.

    Attributes:
        height_mv: RMS times the root of 2; peak to peak it is at most about three times as high.
        hz: of its dominant wave (Clayton, Murray and Campbell, Med Biol Eng Comput 33:1, 1995).
        regular: share of the dominant wave's power; 1 is ventricular flutter.
    """

    height_mv: Range
    hz: Range = (3.2, 6.5)
    regular: Range = (0.45, 0.75)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the waves down."""
        dice = strip.dice
        part = strip.span(start_s, end_s)
        times_s = strip.times_s[part] - start_s
        hz, regular = dice.between(self.hz), dice.between(self.regular)
        waves = np.sqrt(regular) * self._wave(strip, times_s, hz, steady=regular)
        for factor in (0.72, 1.3, 1.75):
            waves += np.sqrt((1 - regular) / 3) * self._wave(
                strip, times_s, hz * factor * dice.between((0.93, 1.07)), steady=0
            )
        fade = np.clip(np.minimum(times_s, times_s[-1] - times_s) / 0.3, 0, 1)
        strip.samples_mv[part] += fade * dice.log_between(self.height_mv) * waves
        strip.last_r_s = None

    @staticmethod
    def _wave(strip: Strip, times_s: FloatArray, hz: float, *, steady: float) -> FloatArray:
        dice = strip.dice
        change = (1 - steady) * 0.12
        moving_hz = hz * (1 + dice.wander(times_s, spread=0.02 + change, each_s=0.8))
        angle = tau * np.cumsum(moving_hz) / float(strip.rate_hz) + dice.between((0, tau))
        return np.asarray(np.sin(angle) * np.clip(1 + dice.wander(times_s, spread=2.5 * change, each_s=1.2), 0.2, 2))
