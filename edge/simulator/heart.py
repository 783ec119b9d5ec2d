"""A synthetic heart: when it beats, and which kind of beat each one is.

Sinus rhythm varies with breathing (respiratory sinus arrhythmia), with the 0.1 Hz waves of blood pressure, and with
drifts on several time scales that add up to about 1/f, as healthy rhythm does (Task Force of ESC and NASPE 1996).
Ectopic beats follow the textbook: a PVC is early and a compensatory pause follows, so that the next sinus beat comes
when it would have come anyway; a PAC resets the sinus node, and its pause is shorter.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import pi, sin
from typing import TYPE_CHECKING, Literal

import numpy as np

from edge.simulator.scenarios import Kind, Step, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["RESPIRATION_HZ", "SimulatedBeat", "heart_beats"]

Symbol = Literal["N", "A", "V"]

RESPIRATION_HZ = 0.25
"""15 breaths a minute."""

BLOOD_PRESSURE_WAVE_HZ = 0.1
"""Mayer waves."""

BRADY_BPM, TACHY_BPM, VT_BPM, AF_BPM = 36.0, 150.0, 170.0, 95.0
SINUS_PAUSE_S = 3.2
VENTRICULAR_RUN_S = 0.42
"""RR within couplets and runs: 143 bpm."""

PVC_COUPLING, PAC_COUPLING, PAC_PAUSE = 0.6, 0.65, 1.1
"""In sinus intervals."""

AF_VARIATION = 0.22
"""Standard deviation over mean of RR in atrial fibrillation."""

SHORTEST_RR_S = 0.33


@dataclass(frozen=True, slots=True)
class SimulatedBeat:
    """A beat as the simulator made it.

    Attributes:
        time_s: of the R peak, in stream time.
        symbol: MIT symbol: N, A (atrial premature) or V.
        rr_s: interval before it.
        kind: of the step that it falls into.
    """

    time_s: float
    symbol: Symbol
    rr_s: float
    kind: Kind

    @property
    def visible(self) -> bool:
        """Whether it reaches the signal."""
        return self.kind not in (Kind.ELECTRODE_OFF, Kind.LOST)


class _SinusNode:
    """Sinus intervals around a mean rate."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._phase = rng.uniform(0, 2 * pi)
        self._memory = np.exp(-1 / np.array([3.0, 30.0, 300.0]))  # beats after which a drift is forgotten
        self._drift = np.zeros(3)

    def interval_s(self, time_s: float, rate_bpm: float) -> float:
        self._drift = self._memory * self._drift + np.sqrt(1 - self._memory**2) * self._rng.normal(0, 0.01, 3)
        swing = (
            0.03 * sin(2 * pi * RESPIRATION_HZ * time_s)
            + 0.015 * sin(2 * pi * BLOOD_PRESSURE_WAVE_HZ * time_s + self._phase)
            + float(self._drift.sum())
        )
        return 60 / rate_bpm * (1 + swing)


class _Conductor:
    """Lays down the next few intervals and kinds of beats, by the kind of step."""

    def __init__(self, rng: np.random.Generator, rate_bpm: float) -> None:
        self._rng = rng
        self._rate_bpm = rate_bpm
        self._sinus = _SinusNode(rng)

    def cycle(self, step: Step, time_s: float) -> list[tuple[float, Symbol]]:
        """Intervals in s and symbols of the beats that come after the one at `time_s`."""
        kind = step.kind
        if kind in (Kind.ASYSTOLE, Kind.VF):
            return [(step.end_s - time_s + 0.6, "N")]
        if kind is Kind.AF:
            spread = self._rng.normal(0, AF_VARIATION)
            return [(60 / AF_BPM * float(np.exp(spread - AF_VARIATION**2 / 2)), "N")]
        if kind is Kind.VT:
            return [(60 / VT_BPM * float(1 + self._rng.normal(0, 0.015)), "V")]
        rate_bpm = {Kind.BRADY: BRADY_BPM, Kind.TACHY: TACHY_BPM}.get(kind, self._rate_bpm)
        rr_s = self._sinus.interval_s(time_s, rate_bpm)
        return [*self._sinus_beats(kind, time_s, rr_s), *self._event(kind, rr_s)]

    def _sinus_beats(self, kind: Kind, time_s: float, rr_s: float) -> list[tuple[float, Symbol]]:
        """Sinus beats up to the event of the cycle."""
        if kind is Kind.BIGEMINY:
            return []
        has_event = kind in (Kind.PVC, Kind.COUPLET, Kind.RUN, Kind.PAC, Kind.PAUSE)
        count = int(self._rng.integers(3, 6)) if has_event else 1
        beats: list[tuple[float, Symbol]] = [(rr_s, "N")]
        for _ in range(count - 1):
            time_s += beats[-1][0]
            beats.append((self._sinus.interval_s(time_s, self._rate_bpm), "N"))
        return beats

    @staticmethod
    def _event(kind: Kind, rr_s: float) -> list[tuple[float, Symbol]]:
        """What interrupts the sinus rhythm, and the sinus beat that ends it."""
        early_s = PVC_COUPLING * rr_s
        if kind in (Kind.PVC, Kind.BIGEMINY):
            return [(early_s, "V"), (2 * rr_s - early_s, "N")]
        if kind is Kind.COUPLET:
            return [(early_s, "V"), (VENTRICULAR_RUN_S, "V"), (1.3 * rr_s, "N")]
        if kind is Kind.RUN:
            follower: tuple[float, Symbol] = (VENTRICULAR_RUN_S, "V")
            return [(early_s, "V"), follower, follower, follower, (1.3 * rr_s, "N")]
        if kind is Kind.PAC:
            return [(PAC_COUPLING * rr_s, "A"), (PAC_PAUSE * rr_s, "N")]
        if kind is Kind.PAUSE:
            return [(SINUS_PAUSE_S, "N")]
        return []


def heart_beats(steps: Sequence[tuple[Kind, float]], *, rate_bpm: float, seed: int) -> Iterator[SimulatedBeat]:
    """The beats of a scenario, without end and always the same for the same arguments.

    Args:
        steps: kinds and lengths in s.
        rate_bpm: mean sinus rate of the steps that do not set their own.
        seed: of all that is random.
    """
    rng = np.random.default_rng([seed, 1])
    conductor = _Conductor(rng, rate_bpm)
    stages = timeline(steps)
    step = next(stages)
    planned: deque[tuple[float, Symbol]] = deque([(60 / rate_bpm, "N")])
    time_s = 0.0
    while True:
        rr_s, symbol = planned.popleft()
        rr_s = max(rr_s, SHORTEST_RR_S) if rate_bpm < 60 / SHORTEST_RR_S else rr_s
        time_s += rr_s
        while time_s >= step.end_s:
            step = next(stages)
            planned.clear()
        yield SimulatedBeat(time_s, symbol, rr_s, step.kind)
        if not planned:
            planned.extend(conductor.cycle(step, time_s))
