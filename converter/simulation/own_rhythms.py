"""Rhythms made of a patient's own sinus intervals: runs of atrial beats, premature and dropped beats, irregular sinus.

Made otherwise than those of `converter.simulation.rhythms`, in fewer kinds, and on purpose: the network of
`edge.inference.interval_network` was fitted to those and reads them best, so a model that saw no others would trust it
too much. Runs here have any rate and length, however slow the sinus node.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.simulation.rhythms import log_uniform, unsettle, wander

if TYPE_CHECKING:
    from converter.simulation.rhythms import Rhythm
    from ecg.samples import FloatArray

__all__ = ["any_rhythm", "breathing", "dropped", "ectopic", "fibrillation", "sinus_intervals", "wandering"]

_HEART_PERIODS_S: Final = (0.6, 1.5)
_SHORTEST_RR_S: Final = 0.3
_SINUS_SWING: Final = (0.75, 1.35)  # of the median: what is kept of the patient's own variability


def sinus_intervals(rng: np.random.Generator, own_s: FloatArray) -> FloatArray:
    """The intervals of a patient's sinus node, at another heart rate: 40 to 100 bpm."""
    period_s = log_uniform(rng, *_HEART_PERIODS_S)
    return np.asarray(period_s * np.clip(own_s / np.median(own_s), *_SINUS_SWING))


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
    coupling = rng.uniform(0.5, 0.92)
    cycle = min(coupling * rng.uniform(0.85, 1.15), 0.93)
    pause = rng.uniform(0.9, 1.4) if rng.random() < 0.5 else rng.uniform(1.2, 2.5)
    spread = rng.uniform(0.01, 0.06)
    rr_s = sinus_s.copy()
    is_ectopic = np.zeros(len(rr_s), dtype=bool)
    number = 0
    while number < len(rr_s):
        if number:
            rr_s[number] *= max(pause * math.exp(0.1 * rng.standard_normal()), 0.85)
        number += length(sinus_beats)
        run = slice(number, number + length(run_beats))
        count = len(rr_s[run])
        early = np.full(count, cycle)
        early[:1] = coupling
        rr_s[run] = typical_s * np.minimum(early * np.exp(spread * rng.standard_normal(count)), 0.95)
        is_ectopic[run] = True
        number = run.stop
    return rr_s, is_ectopic


def dropped(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Every second to thirtieth beat on average is missing, and none is S.

    Seven of ten patients have blocked beats, half of these with Wenckebach's shortening intervals; the others have
    pauses of any length.
    """
    is_arrest = rng.random() < 0.3
    shortening = rng.uniform(0.0, 0.08) if not is_arrest and rng.random() < 0.5 else 0.0
    chance = 1 / log_uniform(rng, 2, 30)
    rr_s = sinus_s.copy()
    conducted = 0
    for number in range(1, len(rr_s)):
        conducted = 0 if conducted > 0 and rng.random() < chance else conducted + 1
        if conducted:
            rr_s[number] *= 1 - shortening * min(conducted, 3)
        else:
            rr_s[number] *= rng.uniform(1.3, 3.0) if is_arrest else rng.normal(1.97 - 2 * shortening, 0.04)
    return rr_s, np.zeros(len(rr_s), dtype=bool)


def breathing(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Sinus arrhythmia: intervals that swing by 8 to 30 % over 3 to 9 beats."""
    phase = np.cumsum(2 * math.pi / rng.uniform(3, 9) * np.exp(0.1 * rng.standard_normal(len(sinus_s))))
    return sinus_s * (1 + rng.uniform(0.08, 0.3) * np.sin(phase)), np.zeros(len(sinus_s), dtype=bool)


def wandering(rng: np.random.Generator, rr_s: FloatArray) -> FloatArray:
    """The same rhythm at a rate that stays for 8 to 80 beats on average, then changes within 1 to 12 beats.

    Each rate is drawn from a range of 5 to 35 % either way.
    """
    most = rng.uniform(0.05, 0.35)
    typical_beats = log_uniform(rng, 8, 80)
    now = rng.uniform(-most, most)
    return rr_s * np.exp(wander(rng, len(rr_s), now, most=most, typical_beats=typical_beats, moves=(1, 13)))


def fibrillation(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Atrial fibrillation: no interval has to do with the one before, and none of the beats is S."""
    spread = rng.uniform(0.12, 0.3)
    rr_s = rng.uniform(0.45, 1.0) * np.exp(spread * rng.standard_normal(len(sinus_s)))
    return np.maximum(rr_s, _SHORTEST_RR_S), np.zeros(len(sinus_s), dtype=bool)


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
        rr_s, is_ectopic = fibrillation(rng, sinus_s)
    elif kind in (3, 4):
        rr_s, is_ectopic = wandering(rng, sinus_s), np.zeros(len(sinus_s), dtype=bool)
    elif kind in (5, 6):  # about as many beats S as N, or up to six times as many
        sinus_beats = log_uniform(rng, 1, 6)
        run_beats = max(sinus_beats * log_uniform(rng, 0.7, 6), 1.0)
        is_regular = bool(rng.random() < 0.2)
        rr_s, is_ectopic = ectopic(rng, sinus_s, sinus_beats=sinus_beats, run_beats=run_beats, is_regular=is_regular)
    else:
        rr_s, is_ectopic = ectopic(
            rng,
            sinus_s,
            sinus_beats=log_uniform(rng, 1, 40) if rng.random() < 0.7 else float(rng.integers(1, 4)),
            run_beats=log_uniform(rng, 1, 20) if rng.random() < 0.7 else 1.0,
            is_regular=bool(rng.random() < 0.4),
        )
        if kind == 7:
            rr_s = wandering(rng, rr_s)
    unsettle(rng, rr_s)
    return rr_s, is_ectopic
