"""The strip that a play is drawn on: samples, the true beats, and what is lost."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import SampleBlock
from edge.simulator.situations.shapes import REACH, Bend, Lobe, Shape, bend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.simulator.situations.dice import Dice
    from edge.simulator.situations.front_ends import FrontEnd, Pulse
    from edge.simulator.situations.patient import Patient

__all__ = ["Strip", "TrueBeat"]

BLOCK_S: Final = 0.25
RAIL_MV: Final = 5.0
"""What the amplifier shows without an electrode: the end of the +-5 mV that IEC 60601-2-47 asks for."""


@dataclass(frozen=True, slots=True)
class TrueBeat:
    """A contraction of the ventricles: its R peak and symbol (N, S, V, / paced, E escape)."""

    time_s: float
    symbol: str


class Strip:
    """A strip of paper that rhythms and disturbances write on.

    Args:
        dice: of the play.
        patient: whose strip it is.
        front_end: that records it.
        length_s: of the strip.

    Attributes:
        times_s: of the samples, shape (n,).
        samples_mv: shape (n,).
        beats: the true beats, in the order in which they were laid down.
        last_r_s: R peak of the last beat; None before the first.
    """

    def __init__(self, dice: Dice, patient: Patient, front_end: FrontEnd, length_s: float) -> None:
        self.dice = dice
        self.patient = patient
        self.front_end = front_end
        self.rate_hz = Fraction(front_end.rate_hz)
        count = round(length_s * front_end.rate_hz)
        self.times_s = np.arange(count) / front_end.rate_hz
        self.samples_mv = np.zeros(count)
        self.beats: list[TrueBeat] = []
        self.last_r_s: float | None = None
        self._heights: list[tuple[float, float, float]] = []
        self._pulses: list[Pulse] = []
        self._false_samples: list[tuple[int, float]] = []
        self._electrode_off = np.zeros(count, dtype=bool)

    def span(self, start_s: float, end_s: float) -> slice:
        """Samples from `start_s` to before `end_s`."""
        first, last = (
            min(max(round(at_s * self.front_end.rate_hz), 0), len(self.times_s)) for at_s in (start_s, end_s)
        )
        return slice(first, last)

    def lobes(self, at_s: float, lobes: tuple[Lobe, ...], *, family: Bend = "gauss", scale: float = 1.0) -> None:
        """Add lobes around a moment."""
        for height, centre_s, width_s in lobes:
            middle_s = at_s + centre_s
            part = self.span(middle_s - REACH * width_s, middle_s + REACH * width_s)
            self.samples_mv[part] += scale * height * bend(family, (self.times_s[part] - middle_s) / width_s)

    def p_wave(self, at_s: float, *, scale: float = 1.0) -> None:
        """Add a P wave that peaks at `at_s`."""
        self.lobes(at_s, self.patient.p_wave, scale=scale * self._height(at_s))

    def beat(
        self, at_s: float, shape: Shape, symbol: str, *, rr_s: float, p_wave: bool = False, scale: float = 1.0
    ) -> None:
        """Add a beat with its R peak at `at_s`; `rr_s` places its T wave and the P wave before it."""
        height = scale * (1 + self.dice.normal(self.patient.height_spread)) * self._height(at_s)
        self.lobes(at_s, shape.qrs, family=shape.bend, scale=height)
        self.lobes(at_s, shape.t_wave_after(rr_s), scale=height)
        if p_wave:
            self.p_wave(at_s - self.patient.pr_s * min(max(rr_s, 0.4), 1.0) ** 0.5)
        self.true_beat(at_s, symbol)

    def true_beat(self, at_s: float, symbol: str) -> None:
        """Note a beat that was drawn otherwise."""
        self.beats.append(TrueBeat(at_s, symbol))
        self.last_r_s = at_s

    def height_from(self, start_s: float, end_s: float, factor: float) -> None:
        """All waves of the heart between two moments are so many times as high (negative: upside down)."""
        self._heights.append((start_s, end_s, factor))

    def _height(self, at_s: float) -> float:
        factor = 1.0
        for start_s, end_s, share in self._heights:
            factor *= share if start_s <= at_s < end_s else 1.0
        return factor

    def pulse(self, pulse: Pulse) -> None:
        """Add a pacemaker's pulse, as the front end will show it."""
        self._pulses.append(pulse)

    def lose(self, start_s: float, end_s: float) -> None:
        """The samples of a stretch do not arrive."""
        self.samples_mv[self.span(start_s, end_s)] = np.nan

    def electrode_off(self, start_s: float, end_s: float) -> None:
        """An electrode is off, and the front end knows it."""
        self._electrode_off[self.span(start_s, end_s)] = True

    def false_sample(self, at_s: float, off_mv: float) -> None:
        """One sample is off by so much, behind all filters."""
        index = self.span(at_s, at_s).start
        if index < len(self.times_s):
            self._false_samples.append((index, off_mv))

    def finish(self) -> None:
        """Add what electrodes pick up at all times, and record it."""
        patient, dice, times_s = self.patient, self.dice, self.times_s
        breath = np.sin(2 * np.pi * patient.breath_hz * times_s + dice.between((0, 6)))
        self.samples_mv += patient.wander_mv * breath
        self.samples_mv += dice.wander(times_s, spread=0.04, each_s=12)
        self.samples_mv += patient.hum_mv * np.sin(2 * np.pi * 50.0 * times_s)
        self.samples_mv += patient.noise_mv * dice.white(len(times_s))
        self.samples_mv = self.front_end.record(self.samples_mv, self._pulses)
        for index, off_mv in self._false_samples:
            self.samples_mv[index] += off_mv
        self.samples_mv[self._electrode_off] = RAIL_MV
        self.beats.sort(key=lambda beat: beat.time_s)

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in blocks, cut where the state of the electrodes changes; lost ones are left out."""
        edges = np.flatnonzero(np.diff(self._electrode_off.astype(np.int8))) + 1
        step = round(BLOCK_S * self.front_end.rate_hz)
        cuts = sorted({0, len(self.samples_mv), *range(0, len(self.samples_mv), step), *edges.tolist()})
        for first, last in pairwise(cuts):
            yield SampleBlock(first, self.samples_mv[first:last], electrode_off=bool(self._electrode_off[first]))
