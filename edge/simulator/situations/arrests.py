"""The heart that stands still or nearly so: standstill, P waves alone, escape rhythms, a sine wave, compressions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import tau
from typing import TYPE_CHECKING

import numpy as np

from edge.simulator.situations.shapes import Lobe

if TYPE_CHECKING:
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.strip import Strip

__all__ = ["Escape", "PeakedT", "SineWave", "Standstill", "compressions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """The ventricles stand still; the atria may go on.

    Attributes:
        p_mv: height of the P waves; None: there are none.
        p_bpm: their rate.
    """

    p_mv: Range | None = None
    p_bpm: Range = (50, 110)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the P waves down."""
        dice = strip.dice
        strip.last_r_s = None
        if self.p_mv is None:
            return
        own_mv = sum(lobe.height for lobe in strip.patient.p_wave)
        scale = dice.between(self.p_mv) / own_mv
        at_s, between_s = start_s + 0.4, 60 / dice.between(self.p_bpm)
        while at_s < end_s:
            strip.p_wave(at_s, scale=scale)
            at_s += between_s * (1 + dice.normal(0.015))


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """Escape beats below a complete block: the atria and the ventricles know nothing of each other.

    Attributes:
        bpm: of the escape rhythm.
        wide: whether it comes from the ventricles.
        p_bpm: rate of the P waves; None: none, as in an agonal rhythm.
        silence_s: before its first beat.
        width: of the beats, as shares of the patient's ectopic beats.
    """

    bpm: Range
    wide: bool
    p_bpm: Range | None = (65, 100)
    silence_s: Range = (0.5, 1.0)
    spread: Range = (0.005, 0.03)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay P waves and beats down."""
        dice, patient = strip.dice, strip.patient
        if self.p_bpm is not None:
            p_s, between_s = start_s + 0.3, 60 / dice.between(self.p_bpm)
            while p_s < end_s:
                strip.p_wave(p_s)
                p_s += between_s * (1 + dice.normal(0.01))
        rr_s, spread = 60 / dice.between(self.bpm), dice.between(self.spread)
        at_s = start_s + dice.between(self.silence_s)
        while at_s < end_s:
            strip.beat(
                at_s, patient.ectopic if self.wide else patient.own, "E" if self.wide else "N", rr_s=min(rr_s, 1.2)
            )
            at_s += rr_s * (1 + dice.normal(spread))


@dataclass(frozen=True, slots=True, kw_only=True)
class SineWave:
    """The sine wave of severe hyperkalaemia: QRS complex and T wave have become one (Surawicz 1967).

    Attributes:
        bpm: waves a minute.
        height_mv: from the baseline to the peak.
    """

    bpm: Range
    height_mv: Range

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down: a wide lobe, and a wide one of the other sign behind it."""
        dice = strip.dice
        rr_s, height_mv = 60 / dice.between(self.bpm), dice.sign() * dice.between(self.height_mv)
        wide_s = dice.between((0.06, 0.09)) * min(rr_s, 0.9) / 0.8
        late_s = dice.between((0.38, 0.48)) * min(rr_s, 0.9)
        at_s = start_s + 0.3 * rr_s
        while at_s < end_s:
            strip.lobes(at_s, (Lobe(height_mv, 0, wide_s), Lobe(-0.8 * height_mv, late_s, 1.2 * wide_s)))
            strip.true_beat(at_s, "V")
            at_s += rr_s * (1 + dice.normal(0.01))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakedT:
    """Peaked T waves of hyperkalaemia: narrow at the base, taller than the QRS complex, and no P wave.

    Attributes:
        bpm: rate.
        share: height of the T wave in heights of the QRS complex.
    """

    bpm: Range
    share: Range = (1.5, 3.0)

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the beats down."""
        dice, own = strip.dice, strip.patient.own
        rr_s = 60 / dice.between(self.bpm)
        height_mv = dice.between(self.share) * max(abs(lobe.height) for lobe in own.qrs)
        wave = (Lobe(height_mv, dice.between((0.28, 0.34)), dice.between((0.035, 0.048))),)
        shape = replace(own, t_wave=wave)
        at_s = start_s + 0.4
        while at_s < end_s:
            strip.beat(at_s, shape, "N", rr_s=min(rr_s, 1.2))
            at_s += rr_s * (1 + dice.normal(0.01))


def compressions(strip: Strip, start_s: float, end_s: float, *, bpm: float, height_mv: float) -> None:
    """Chest compressions: a wave at their rate with harmonics (Aramendi et al., Resuscitation 2012)."""
    dice = strip.dice
    part = strip.span(start_s, end_s)
    times_s = strip.times_s[part]
    angle = tau * np.cumsum(bpm / 60 * (1 + dice.wander(times_s, spread=0.04, each_s=1.5))) / float(strip.rate_hz)
    shares = (1.0, dice.between((0.3, 0.7)), dice.between((0.1, 0.4)), dice.between((0.0, 0.2)))
    waves = sum(share * np.sin(number * angle + dice.between((0, tau))) for number, share in enumerate(shares, start=1))
    strip.samples_mv[part] += height_mv * (1 + dice.wander(times_s, spread=0.15, each_s=1.0)) * waves
