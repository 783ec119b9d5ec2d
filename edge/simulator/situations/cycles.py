"""Waveforms that repeat beat by beat, as a standard's figures draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.shapes import Bend, Lobe
    from edge.simulator.situations.strip import Strip

__all__ = ["Cycle", "Wave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A cycle of several beats, again and again.

    Attributes:
        period_s: of the cycle.
        beats: R peak within the cycle, its symbol, and lobes around it in mV.
        family: of the lobes.
        height: range of the factor by which a patient's waves are higher.
        tempo: range of the factor by which a patient's cycles are longer.
        turned: whether some of the patients are upside down.
    """

    period_s: float
    beats: tuple[tuple[float, str, tuple[Lobe, ...]], ...]
    family: Bend = "gauss"
    height: Range = (0.8, 1.4)
    tempo: Range = (0.97, 1.03)
    turned: bool = True

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the cycles down."""
        dice = strip.dice
        scale = dice.between(self.height) * (dice.sign() if self.turned else 1.0)
        tempo = dice.between(self.tempo)
        drawn = [
            (at_s, symbol, tuple(lobe._replace(height=lobe.height * dice.between((0.85, 1.15))) for lobe in lobes))
            for at_s, symbol, lobes in self.beats
        ]
        cycle_s = start_s + 0.2
        while cycle_s < end_s:
            for at_s, symbol, lobes in drawn:
                r_s = cycle_s + tempo * at_s + dice.normal(0.002)
                if r_s < end_s:
                    strip.lobes(r_s, lobes, family=self.family, scale=scale * (1 + dice.normal(0.015)))
                    strip.true_beat(r_s, symbol)
            cycle_s += tempo * self.period_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave without a baseline between, drawn as a line through points and repeated.

    Attributes:
        bpm: waves a minute.
        points: share of the wave, and height there from 0 to 1; the first and the last are the same point.
        height_mv: peak to peak.
    """

    bpm: Range
    points: tuple[tuple[float, float], ...]
    height_mv: Range

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the waves down, each with its own height."""
        dice = strip.dice
        rr_s, height_mv = 60 / dice.between(self.bpm), dice.between(self.height_mv)
        shares, heights = zip(*self.points, strict=True)
        top = shares[heights.index(max(heights))]
        at_s = start_s
        while at_s < end_s:
            length_s = rr_s * (1 + dice.normal(0.02))
            part = strip.span(at_s, min(at_s + length_s, end_s))
            share = (strip.times_s[part] - at_s) / length_s
            scale = height_mv * (1 + dice.normal(0.08))
            strip.samples_mv[part] += scale * (np.interp(share, shares, heights) - heights[0])
            if at_s + top * length_s < end_s:
                strip.true_beat(at_s + top * length_s, "V")
            at_s += length_s
