"""The sick sinus node: slow, with pauses, and in most patients between atrial runs that take most of the time.

After a run the node is long in coming back (tachycardia-bradycardia syndrome).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.simulator.rhythms.draws import Range, log_uniform

if TYPE_CHECKING:
    from edge.simulator.rhythms import Rhythm

__all__ = ["SickSinusParameters", "sick_sinus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SickSinusParameters:
    """The numbers of `sick_sinus`; what is marked (log) is drawn even in its logarithm.

    Attributes:
        node_s: (log) interval of the node: 30 to 65 a minute.
        node_spread: (log) standard deviation of its intervals in ln.
        with_runs: share of the patients who have atrial runs.
        pauses: (log) share of the node's intervals that are pauses, in patients with runs; `pauses_alone` in others.
        pause: how many times as long a pause is as the interval would be.
        run_s: (log) interval within runs: 65 to 170 a minute, yet at most `run_to_node` times the node's.
        coupling: of a run's first beat, in intervals of the run.
        run_to_run, beat_to_beat: (log) standard deviations of a run's intervals in ln.
        earliest: a run's interval is at most so many times the node's.
        recovery: how many times as long as the node's the interval behind a run is; `recovery_spread` (log) is its
            standard deviation in ln.
        node_beats, run_beats: (log) beats between runs, and in a run, on average.
        limits_s: of an interval.
    """

    node_s: Range = (0.92, 2.0)
    node_spread: Range = (0.01, 0.15)
    with_runs: float = 0.75
    pauses: Range = (0.003, 0.1)
    pauses_alone: Range = (0.03, 0.3)
    pause: Range = (1.3, 3.0)
    run_s: Range = (0.35, 0.92)
    run_to_node: float = 0.9
    coupling: Range = (0.8, 1.25)
    run_to_run: Range = (0.01, 0.2)
    beat_to_beat: Range = (0.01, 0.08)
    earliest: float = 0.95
    recovery: Range = (0.9, 2.0)
    recovery_spread: Range = (0.05, 0.4)
    node_beats: Range = (1, 8)
    run_beats: Range = (2, 30)
    limits_s: Range = (0.24, 6.0)


_SICK: Final = SickSinusParameters()


def sick_sinus(rng: np.random.Generator, count: int) -> Rhythm:
    """The rhythm of a patient with a sick sinus node; beats of atrial runs are premature."""
    own = _SICK
    node_s = log_uniform(rng, *own.node_s)
    rr_s = node_s * np.exp(log_uniform(rng, *own.node_spread) * rng.standard_normal(count))
    is_ectopic = np.zeros(count, dtype=bool)
    has_runs = rng.random() < own.with_runs
    pauses = log_uniform(rng, *(own.pauses if has_runs else own.pauses_alone))
    rr_s *= np.where(rng.random(count) < pauses, rng.uniform(*own.pause, count), 1.0)
    if has_runs:
        cycle_s = log_uniform(rng, own.run_s[0], min(own.run_s[1], own.run_to_node * node_s))
        coupling = rng.uniform(*own.coupling)
        run_to_run, beat_to_beat = log_uniform(rng, *own.run_to_run), log_uniform(rng, *own.beat_to_beat)
        recovery, recovery_spread = rng.uniform(*own.recovery), log_uniform(rng, *own.recovery_spread)
        node_beats, run_beats = log_uniform(rng, *own.node_beats), log_uniform(rng, *own.run_beats)
        number = int(rng.geometric(1 / node_beats))
        while number < count:
            run = slice(number, number + int(rng.geometric(1 / run_beats)))
            here = len(rr_s[run])
            spread = beat_to_beat * rng.standard_normal(here) + run_to_run * rng.standard_normal()
            rr_s[run] = cycle_s * np.exp(spread)
            rr_s[number] *= coupling
            rr_s[run] = np.minimum(rr_s[run], own.earliest * node_s)
            is_ectopic[run] = True
            if run.stop < count:
                rr_s[run.stop] *= recovery * math.exp(recovery_spread * rng.standard_normal())
            number = run.stop + int(rng.geometric(1 / node_beats))
    return np.clip(rr_s, *own.limits_s), is_ectopic
