"""Rhythms that start in the atria and reach the ventricles: sinus, exertion, fibrillation, flutter, blocks."""

from __future__ import annotations

from dataclasses import dataclass
from math import sin, tau
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.strip import Strip

__all__ = [
    "AtrialFibrillation",
    "AtrialFlutter",
    "Climb",
    "Multifocal",
    "Pauses",
    "Sinus",
    "Supraventricular",
    "Wenckebach",
    "sinus_interval_s",
]


def sinus_interval_s(strip: Strip, at_s: float, bpm: float) -> float:
    """The interval of the sinus node behind a beat at `at_s`: it swings with the breath."""
    patient = strip.patient
    swing = patient.breath_share * sin(tau * patient.breath_hz * at_s) + strip.dice.normal(patient.jitter)
    return 60 / bpm * (1 + swing)


def _first_s(strip: Strip, start_s: float, rr_s: float) -> float:
    """R peak of the first beat of a stretch: in time after the last one, else soon."""
    if strip.last_r_s is None or start_s - strip.last_r_s > 2 * rr_s:
        return start_s + strip.dice.between((0.3, 1.0)) * rr_s
    at_s = strip.last_r_s + rr_s
    return at_s if at_s >= start_s else start_s + 0.1 * rr_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinus:
    """Sinus rhythm at a rate of its own, or at the patient's.

    Attributes:
        bpm: its rate; None: the patient's.
        alternans: every other beat is so many times as high.
    """

    bpm: Range | None = None
    alternans: Range | None = None

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        bpm = strip.patient.bpm if self.bpm is None else strip.dice.between(self.bpm)
        lower = 1.0 if self.alternans is None else strip.dice.between(self.alternans)
        at_s = _first_s(strip, start_s, 60 / bpm)
        number = 0
        while at_s < end_s:
            rr_s = sinus_interval_s(strip, at_s, bpm)
            scale = lower if number % 2 else 1.0
            strip.beat(at_s, strip.patient.own, "N", rr_s=rr_s, p_wave=True, scale=scale)
            at_s += rr_s
            number += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Sinus rhythm that stops now and then, without P waves meanwhile."""

    lasts_s: Range
    each_beats: int = 10

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        at_s = _first_s(strip, start_s, 60 / strip.patient.bpm)
        number = 1
        while at_s < end_s:
            rr_s = sinus_interval_s(strip, at_s, strip.patient.bpm)
            strip.beat(at_s, strip.patient.own, "N", rr_s=rr_s, p_wave=True)
            at_s += rr_s if number % self.each_beats else strip.dice.between(self.lasts_s)
            number += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Sinus rhythm on exertion: from the patient's rate to another one within `climb_s`, and then it stays there."""

    to_bpm: Range
    climb_s: Range

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        own_bpm, to_bpm = strip.patient.bpm, strip.dice.between(self.to_bpm)
        climb_s = strip.dice.between(self.climb_s)
        at_s = _first_s(strip, start_s, 60 / own_bpm)
        while at_s < end_s:
            share = min((at_s - start_s) / climb_s, 1.0)
            rr_s = sinus_interval_s(strip, at_s, own_bpm + share * (to_bpm - own_bpm))
            strip.beat(at_s, strip.patient.own, "N", rr_s=rr_s, p_wave=True)
            at_s += rr_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Supraventricular:
    """A re-entrant tachycardia in the patient's own shape: sudden, regular, its P waves within the QRS complexes."""

    bpm: Range

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        rr_s = 60 / strip.dice.between(self.bpm)
        at_s = start_s if strip.last_r_s is None else max(start_s, strip.last_r_s + 1.2 * rr_s)
        while at_s < end_s:
            strip.beat(at_s, strip.patient.own, "S", rr_s=rr_s)
            at_s += rr_s * (1 + strip.dice.normal(0.006))


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialFibrillation:
    """Fibrillatory waves and intervals without order (Stridh and Sornmo, IEEE Trans Biomed Eng 48:105, 2001)."""

    bpm: Range = (65, 110)
    waves_mv: Range = (0.03, 0.1)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats and the waves down."""
        dice = strip.dice
        bpm, spread = dice.between(self.bpm), dice.between((0.17, 0.27))
        at_s = _first_s(strip, start_s, 60 / bpm)
        while at_s < end_s:
            rr_s = max(60 / bpm * float(np.exp(dice.normal(spread) - spread**2 / 2)), 0.3)
            strip.beat(at_s, strip.patient.own, "N", rr_s=min(rr_s, 60 / bpm))
            at_s += rr_s
        part = strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        hz = dice.between((4.5, 8)) + dice.wander(times_s, spread=0.4, each_s=0.7)
        angle = tau * np.cumsum(hz) / float(strip.rate_hz)
        height_mv = dice.between(self.waves_mv) * (1 + dice.wander(times_s, spread=0.25, each_s=1.5))
        strip.samples_mv[part] += height_mv * (np.sin(angle) + np.sin(2 * angle) / 2 + np.sin(3 * angle) / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialFlutter:
    """A sawtooth of the atria of which one wave of `ratio` is conducted, or none at all."""

    ratio: int | None
    atrial_bpm: Range = (240, 320)
    waves_mv: Range = (0.05, 0.2)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats and the waves down."""
        dice = strip.dice
        atrial_s = 60 / dice.between(self.atrial_bpm)
        part = strip.span(start_s, end_s)
        angle = (strip.times_s[part] - start_s) / atrial_s
        strip.samples_mv[part] += dice.between(self.waves_mv) * _sawtooth(angle)
        if self.ratio is None:
            return
        rr_s = atrial_s * self.ratio
        at_s = start_s + rr_s * dice.between((0.8, 1.0))
        while at_s < end_s:
            strip.beat(at_s, strip.patient.own, "S" if self.ratio <= 2 else "N", rr_s=rr_s)
            at_s += rr_s + dice.normal(0.006)


def _sawtooth(angle: FloatArray) -> FloatArray:
    """Falls slowly and rises fast, from 1 to -1; its first four harmonics, as tissue knows no corner."""
    waves = sum(np.sin(tau * number * angle) / number for number in range(1, 5))
    return np.asarray(waves) / 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Multifocal:
    """Multifocal atrial rhythm: each P wave from another place, intervals without order, the patient's QRS complex."""

    bpm: Range = (80, 108)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        dice = strip.dice
        bpm = dice.between(self.bpm)
        at_s = _first_s(strip, start_s, 60 / bpm)
        while at_s < end_s:
            rr_s = 60 / bpm * (1 + min(max(dice.normal(0.13), -0.3), 0.3))
            strip.beat(at_s, strip.patient.own, "N", rr_s=rr_s)
            strip.p_wave(at_s - dice.between((0.12, 0.2)), scale=dice.one_of((1.0, 0.6, -0.7, 1.3)))
            at_s += rr_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Wenckebach:
    """Block of the second degree, Mobitz type I: the PR interval grows until a P wave is not conducted.

    Attributes:
        ratio: P waves of which one is not conducted; 2 is a block of 2:1.
        bpm: rate of the P waves.
    """

    ratio: int
    bpm: Range = (70, 95)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay P waves and beats down."""
        dice, patient = strip.dice, strip.patient
        bpm = dice.between(self.bpm)
        grows_s = dice.between((0.03, 0.08)) if self.ratio > 2 else 0.0
        at_s, number = start_s + 0.2, 0
        before_s = at_s
        while at_s + patient.pr_s < end_s:
            strip.p_wave(at_s)
            place = number % self.ratio
            if place < self.ratio - 1:
                r_s = at_s + patient.pr_s + grows_s * (place**0.5)
                strip.beat(r_s, patient.own, "N", rr_s=min(max(r_s - before_s, 0.4), 1.2))
                before_s = r_s
            at_s += sinus_interval_s(strip, at_s, bpm)
            number += 1
