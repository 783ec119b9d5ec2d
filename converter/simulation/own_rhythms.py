"""Rhythms made of a patient's own sinus intervals: runs of atrial beats, premature and dropped beats, irregular sinus.

Made otherwise than those of `edge.simulator.rhythms`, in fewer kinds, and on purpose: the network of
`edge.inference.intervals` was fitted to those and reads them best, so a model that saw no others would trust it
too much. Runs here have any rate and length, however slow the sinus node.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.simulation.patients import unsettle
from edge.simulator.rhythms.atrial_fibrillation import random_intervals
from edge.simulator.rhythms.draws import Range, log_uniform, wander

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms import Rhythm

__all__ = [
    "OwnRhythmParameters",
    "any_rhythm",
    "atrial_fibrillation",
    "breathing",
    "dropped",
    "ectopic",
    "sinus_intervals",
    "wandering",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRhythmParameters:
    """The numbers of these rhythms.

    Intervals are in units of the sinus node's; what is marked (log) is drawn even in its logarithm.

    Attributes:
        typical_s: (log) interval that the patient's own are brought to: 40 to 100 bpm.
        swing: what is kept of the patient's own variability, in medians.
        coupling: after which a premature beat comes; `cycle_to_coupling` of that goes by within a run.
        short_pauses: share of the patients with `pause` behind a run; others have `long_pause`.
        pause_spread: standard deviation of a pause in ln; it is at least `shortest_pause`.
        early_spread: standard deviation of premature intervals in ln; they are at most `latest`, those of runs at most
            `latest_cycle` before they are spread.
        arrests: share of the patients with dropped beats who have pauses of any length, `arrest`; the others have
            blocked beats that leave `doubled`, with a standard deviation of `doubled_spread`.
        wenckebach: share of those others whose intervals shorten by `shortening` for up to `shortened_beats` beats.
        dropped_every: (log) beats from one dropped beat to the next, on average.
        breath_beats: in a breath; `breath_jitter` is by how much (in ln, standard deviation) the beats differ in it.
        breath_swing: half the swing with the breath.
        wander: largest change of a rate that wanders, in ln; it stays for `wander_beats` (log) on average, and changes
            within `wander_moves` beats, the fewest and one more than the most.
        atrial_fibrillation_s: typical interval of atrial fibrillation.
        atrial_fibrillation_spread: standard deviation of its intervals in ln.
        atrial_fibrillation_shortest_s: interval of it.
    """

    typical_s: Range = (0.6, 1.5)
    swing: Range = (0.75, 1.35)
    coupling: Range = (0.5, 0.92)
    cycle_to_coupling: Range = (0.85, 1.15)
    latest_cycle: float = 0.93
    short_pauses: float = 0.5
    pause: Range = (0.9, 1.4)
    long_pause: Range = (1.2, 2.5)
    pause_spread: float = 0.1
    shortest_pause: float = 0.85
    early_spread: Range = (0.01, 0.06)
    latest: float = 0.95
    arrests: float = 0.3
    arrest: Range = (1.3, 3.0)
    wenckebach: float = 0.5
    shortening: Range = (0.0, 0.08)
    shortened_beats: int = 3
    dropped_every: Range = (2, 30)
    doubled: float = 1.97
    doubled_spread: float = 0.04
    breath_beats: Range = (3, 9)
    breath_jitter: float = 0.1
    breath_swing: Range = (0.08, 0.3)
    wander: Range = (0.05, 0.35)
    wander_beats: Range = (8, 80)
    wander_moves: tuple[int, int] = (1, 13)
    atrial_fibrillation_s: Range = (0.45, 1.0)
    atrial_fibrillation_spread: Range = (0.12, 0.3)
    atrial_fibrillation_shortest_s: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareParameters:
    """The numbers of `any_rhythm`; what is marked (log) is drawn even in its logarithm.

    Attributes:
        busy_sinus_beats: (log) sinus beats of a group on average, in patients with about as many beats S as N or more;
            `busy_run_to_sinus` (log) is how many times as long runs are. `busy_regular` of them have groups all alike.
        sinus_beats: (log) sinus beats of a group on average, in `irregular_groups` of the others with beats S; the rest
            have one to three.
        run_beats: (log) beats of a run on average, in `with_runs` of them; the rest have single beats.
        regular: share of them whose groups are all alike.
    """

    busy_sinus_beats: Range = (1, 6)
    busy_run_to_sinus: Range = (0.7, 6)
    busy_regular: float = 0.2
    irregular_groups: float = 0.7
    sinus_beats: Range = (1, 40)
    few_sinus_beats: tuple[int, int] = (1, 4)
    with_runs: float = 0.7
    run_beats: Range = (1, 20)
    regular: float = 0.4


_OWN: Final = OwnRhythmParameters()
_SHARES: Final = ShareParameters()


def sinus_intervals(rng: np.random.Generator, own_s: FloatArray) -> FloatArray:
    """The intervals of a patient's sinus node, at another heart rate: 40 to 100 bpm."""
    period_s = log_uniform(rng, *_OWN.typical_s)
    return np.asarray(period_s * np.clip(own_s / np.median(own_s), *_OWN.swing))


def ectopic(
    rng: np.random.Generator, sinus_s: FloatArray, *, sinus_beats: float, run_beats: float, is_regular: bool = False
) -> Rhythm:
    """Groups of sinus beats, the first after a pause, and runs of beats S, 8 to 50 % early.

    Args:
        rng: the source of chance.
        sinus_s: intervals of the sinus node.
        sinus_beats: in a group, on average, at least 1.
        run_beats: in a run, on average, at least 1; with 1 all are single.
        is_regular: every group and run has the same number of beats, as in bigeminy; otherwise geometric.
    """

    def length(mean: float) -> int:
        return round(mean) if is_regular else int(rng.geometric(1 / mean))

    typical_s = float(np.median(sinus_s))
    coupling = rng.uniform(*_OWN.coupling)
    cycle = min(coupling * rng.uniform(*_OWN.cycle_to_coupling), _OWN.latest_cycle)
    pause = rng.uniform(*(_OWN.pause if rng.random() < _OWN.short_pauses else _OWN.long_pause))
    spread = rng.uniform(*_OWN.early_spread)
    rr_s = sinus_s.copy()
    is_ectopic = np.zeros(len(rr_s), dtype=bool)
    number = 0
    while number < len(rr_s):
        if number:
            rr_s[number] *= max(pause * math.exp(_OWN.pause_spread * rng.standard_normal()), _OWN.shortest_pause)
        number += length(sinus_beats)
        run = slice(number, number + length(run_beats))
        count = len(rr_s[run])
        early = np.full(count, cycle)
        early[:1] = coupling
        rr_s[run] = typical_s * np.minimum(early * np.exp(spread * rng.standard_normal(count)), _OWN.latest)
        is_ectopic[run] = True
        number = run.stop
    return rr_s, is_ectopic


def dropped(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Every second to thirtieth beat on average is missing, and none is S.

    Seven of ten patients have blocked beats, half of these with Wenckebach's shortening intervals; the others have
    pauses of any length.
    """
    is_arrest = rng.random() < _OWN.arrests
    shortening = rng.uniform(*_OWN.shortening) if not is_arrest and rng.random() < _OWN.wenckebach else 0.0
    chance = 1 / log_uniform(rng, *_OWN.dropped_every)
    rr_s = sinus_s.copy()
    conducted = 0
    for number in range(1, len(rr_s)):
        conducted = 0 if conducted > 0 and rng.random() < chance else conducted + 1
        if conducted:
            rr_s[number] *= 1 - shortening * min(conducted, _OWN.shortened_beats)
        elif is_arrest:
            rr_s[number] *= rng.uniform(*_OWN.arrest)
        else:
            rr_s[number] *= rng.normal(_OWN.doubled - 2 * shortening, _OWN.doubled_spread)
    return rr_s, np.zeros(len(rr_s), dtype=bool)


def breathing(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Sinus arrhythmia: intervals that swing by 8 to 30 % over 3 to 9 beats."""
    step = 2 * math.pi / rng.uniform(*_OWN.breath_beats)
    phase = np.cumsum(step * np.exp(_OWN.breath_jitter * rng.standard_normal(len(sinus_s))))
    return sinus_s * (1 + rng.uniform(*_OWN.breath_swing) * np.sin(phase)), np.zeros(len(sinus_s), dtype=bool)


def wandering(rng: np.random.Generator, rr_s: FloatArray) -> FloatArray:
    """The same rhythm at a rate that stays for 8 to 80 beats on average, then changes within 1 to 12 beats.

    Each rate is drawn from a range of 5 to 35 % either way.
    """
    most = rng.uniform(*_OWN.wander)
    typical_beats = log_uniform(rng, *_OWN.wander_beats)
    now = rng.uniform(-most, most)
    return rr_s * np.exp(wander(rng, len(rr_s), now, most=most, typical_beats=typical_beats, moves=_OWN.wander_moves))


def atrial_fibrillation(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """No interval has to do with the one before, and none of the beats is S."""
    spread = rng.uniform(*_OWN.atrial_fibrillation_spread)
    rr_s = random_intervals(rng, len(sinus_s), typical_s=rng.uniform(*_OWN.atrial_fibrillation_s), spread=spread)
    return np.maximum(rr_s, _OWN.atrial_fibrillation_shortest_s), np.zeros(len(sinus_s), dtype=bool)


def any_rhythm(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Of ten patients one drops beats, one breathes, one fibrillates, the rate of two wanders, and five have beats S.

    With ectopic rhythms alone a model calls any irregularity S.
    """
    kind = int(rng.integers(10))
    if kind == 0:
        rr_s, is_ectopic = dropped(rng, sinus_s)
    elif kind == 1:
        rr_s, is_ectopic = breathing(rng, sinus_s)
    elif kind == 2:
        rr_s, is_ectopic = atrial_fibrillation(rng, sinus_s)
    elif kind in (3, 4):
        rr_s, is_ectopic = wandering(rng, sinus_s), np.zeros(len(sinus_s), dtype=bool)
    elif kind in (5, 6):
        sinus_beats = log_uniform(rng, *_SHARES.busy_sinus_beats)
        run_beats = max(sinus_beats * log_uniform(rng, *_SHARES.busy_run_to_sinus), 1.0)
        is_regular = bool(rng.random() < _SHARES.busy_regular)
        rr_s, is_ectopic = ectopic(rng, sinus_s, sinus_beats=sinus_beats, run_beats=run_beats, is_regular=is_regular)
    else:
        is_long = rng.random() < _SHARES.irregular_groups
        sinus_beats = (
            log_uniform(rng, *_SHARES.sinus_beats) if is_long else float(rng.integers(*_SHARES.few_sinus_beats))
        )
        run_beats = log_uniform(rng, *_SHARES.run_beats) if rng.random() < _SHARES.with_runs else 1.0
        is_regular = bool(rng.random() < _SHARES.regular)
        rr_s, is_ectopic = ectopic(rng, sinus_s, sinus_beats=sinus_beats, run_beats=run_beats, is_regular=is_regular)
        if kind == 7:
            rr_s = wandering(rng, rr_s)
    unsettle(rng, rr_s)
    return rr_s, is_ectopic
