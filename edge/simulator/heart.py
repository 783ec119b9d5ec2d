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
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from edge.simulator.rhythms.atrial_fibrillation import random_intervals
from edge.simulator.scenarios import Kind, Step, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["HEART", "HeartParameters", "SimulatedBeat", "heart_beats"]

Symbol = Literal["N", "A", "V"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartParameters:
    """The numbers of the heart.

    Attributes:
        respiration_hz: 15 breaths a minute; intervals swing by `respiration_swing` either way.
        blood_pressure_hz: of Mayer waves; intervals swing by `blood_pressure_swing` either way.
        drift_beats: after which a drift of the sinus node is forgotten; each has the standard deviation `drift`.
        bradycardia_bpm, tachycardia_bpm, ventricular_tachycardia_bpm, atrial_fibrillation_bpm: mean rates.
        ventricular_tachycardia_spread: standard deviation of its intervals, in means.
        atrial_fibrillation_spread: standard deviation of its intervals in ln.
        sinus_pause_s: interval of a pause.
        ventricular_run_s: interval within couplets and runs: 143 bpm; the pause behind them is `ventricular_run_pause`.
        pvc_coupling: after which a PVC comes, in sinus intervals.
        pac_coupling, pac_pause: likewise of a PAC, and the pause behind it.
        event_beats: fewest sinus beats from one event to the next, and one more than the most.
        shortest_s: interval, where the rate that was asked for is slower.
        silence_s: from the end of an asystole or ventricular fibrillation to the next beat.
    """

    respiration_hz: float = 0.25
    respiration_swing: float = 0.03
    blood_pressure_hz: float = 0.1
    blood_pressure_swing: float = 0.015
    drift_beats: tuple[float, ...] = (3.0, 30.0, 300.0)
    drift: float = 0.01
    bradycardia_bpm: float = 36.0
    tachycardia_bpm: float = 150.0
    ventricular_tachycardia_bpm: float = 170.0
    ventricular_tachycardia_spread: float = 0.015
    atrial_fibrillation_bpm: float = 95.0
    atrial_fibrillation_spread: float = 0.22
    sinus_pause_s: float = 3.2
    ventricular_run_s: float = 0.42
    ventricular_run_pause: float = 1.3
    pvc_coupling: float = 0.6
    pac_coupling: float = 0.65
    pac_pause: float = 1.1
    event_beats: tuple[int, int] = (3, 6)
    shortest_s: float = 0.33
    silence_s: float = 0.6


HEART: Final = HeartParameters()


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
        self._memory = np.exp(-1 / np.array(HEART.drift_beats))
        self._drift = np.zeros(len(HEART.drift_beats))

    def interval_s(self, time_s: float, rate_bpm: float) -> float:
        news = self._rng.normal(0, HEART.drift, len(HEART.drift_beats))
        self._drift = self._memory * self._drift + np.sqrt(1 - self._memory**2) * news
        swing = (
            HEART.respiration_swing * sin(2 * pi * HEART.respiration_hz * time_s)
            + HEART.blood_pressure_swing * sin(2 * pi * HEART.blood_pressure_hz * time_s + self._phase)
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
            return [(step.end_s - time_s + HEART.silence_s, "N")]
        if kind is Kind.AF:
            mean_s, spread = 60 / HEART.atrial_fibrillation_bpm, HEART.atrial_fibrillation_spread
            drawn_s = random_intervals(self._rng, 1, typical_s=mean_s, spread=spread, ln_offset=-(spread**2) / 2)
            return [(float(drawn_s[0]), "N")]
        if kind is Kind.VT:
            change = self._rng.normal(0, HEART.ventricular_tachycardia_spread)
            return [(60 / HEART.ventricular_tachycardia_bpm * float(1 + change), "V")]
        own_bpm = {Kind.BRADY: HEART.bradycardia_bpm, Kind.TACHY: HEART.tachycardia_bpm}
        rate_bpm = own_bpm.get(kind, self._rate_bpm)
        rr_s = self._sinus.interval_s(time_s, rate_bpm)
        return [*self._sinus_beats(kind, time_s, rr_s), *self._event(kind, rr_s)]

    def _sinus_beats(self, kind: Kind, time_s: float, rr_s: float) -> list[tuple[float, Symbol]]:
        """Sinus beats up to the event of the cycle."""
        if kind is Kind.BIGEMINY:
            return []
        has_event = kind in (Kind.PVC, Kind.COUPLET, Kind.RUN, Kind.PAC, Kind.PAUSE)
        count = int(self._rng.integers(*HEART.event_beats)) if has_event else 1
        beats: list[tuple[float, Symbol]] = [(rr_s, "N")]
        for _ in range(count - 1):
            time_s += beats[-1][0]
            beats.append((self._sinus.interval_s(time_s, self._rate_bpm), "N"))
        return beats

    @staticmethod
    def _event(kind: Kind, rr_s: float) -> list[tuple[float, Symbol]]:
        """What interrupts the sinus rhythm, and the sinus beat that ends it."""
        early_s = HEART.pvc_coupling * rr_s
        if kind in (Kind.PVC, Kind.BIGEMINY):
            return [(early_s, "V"), (2 * rr_s - early_s, "N")]
        follower: tuple[float, Symbol] = (HEART.ventricular_run_s, "V")
        last: tuple[float, Symbol] = (HEART.ventricular_run_pause * rr_s, "N")
        if kind is Kind.COUPLET:
            return [(early_s, "V"), follower, last]
        if kind is Kind.RUN:
            return [(early_s, "V"), follower, follower, follower, last]
        if kind is Kind.PAC:
            return [(HEART.pac_coupling * rr_s, "A"), (HEART.pac_pause * rr_s, "N")]
        if kind is Kind.PAUSE:
            return [(HEART.sinus_pause_s, "N")]
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
        rr_s = max(rr_s, HEART.shortest_s) if rate_bpm < 60 / HEART.shortest_s else rr_s
        time_s += rr_s
        while time_s >= step.end_s:
            step = next(stages)
            planned.clear()
        yield SimulatedBeat(time_s, symbol, rr_s, step.kind)
        if not planned:
            planned.extend(conductor.cycle(step, time_s))
