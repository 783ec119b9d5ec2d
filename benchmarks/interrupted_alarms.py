"""Arrhythmias of the simulator with interruptions: told, closed as over while they go on, closed afterwards.

python benchmarks/interrupted_alarms.py [--plays 20] [--hearts vt asystole] [--interruptions contact lost]
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from statistics import median

import numpy as np

from ecg.alarms.kinds import AlarmEvent, AlarmState, Reason
from ecg.samples import FloatArray, SampleBlock
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.simulator.source import Simulator

RATE = 500
BEGINS_S, LASTS_S, AFTER_S = 30, 120, 150
HEARTS = {
    "vt": ("ventricular_tachycardia", "ventricular_flutter"),
    "asystole": ("asystole",),
    "vf": ("ventricular_flutter", "ventricular_tachycardia"),
    "tachy": ("extreme_tachycardia", "ventricular_tachycardia"),
    "brady": ("extreme_bradycardia",),
}
"""Steps of the simulator, and the alarms that tell of them."""

INTERRUPTIONS = {
    "contact": (0.1, 3.0, 2.0, 10.0),  # the electrode is told as off
    "rail": (0.1, 3.0, 2.0, 10.0),  # the same, and nobody tells it
    "lost": (0.005, 2.0, 1.0, 10.0),
    "fault": (0.02, 0.3, 2.0, 8.0),  # blocks that the front end tells as bad
    "noise": (0.05, 0.3, 3.4, 8.0),  # bad blocks that nobody tells
    "off": (1.0, 60.0, 10.0, 60.0),
    "no samples": (5.0, 60.0, 20.0, 60.0),
}
"""Shortest and longest of them, and the time between two, s."""


def samples(heart: str, seed: int) -> FloatArray:
    """The undisturbed signal, mV."""
    total, found = (BEGINS_S + LASTS_S + AFTER_S) * RATE, []
    for block in Simulator(scenario=f"normal:{BEGINS_S},{heart}:{LASTS_S},normal:{AFTER_S}", seed=seed).blocks():
        found.append(block.samples_mv)
        if sum(map(len, found)) >= total:
            break
    return np.concatenate(found)[:total]


def play(heart: str, how: str, seed: int) -> list[AlarmEvent]:
    """The alarms of a kind that tells of the heart."""
    draw = np.random.default_rng([seed, *f"{heart} {how}".encode()])
    shortest, longest, soonest, latest = INTERRUPTIONS[how]
    samples_mv = samples(heart, seed)
    is_hidden = np.zeros(len(samples_mv), dtype=bool)
    moment_s = BEGINS_S + draw.uniform(12 if how in {"off", "no samples"} else -5, 20)
    while moment_s < BEGINS_S + LASTS_S + 15:
        end_s = moment_s + draw.uniform(shortest, longest)
        is_hidden[round(moment_s * RATE) : round(end_s * RATE)] = True
        moment_s = end_s + draw.uniform(soonest, latest)
    if how in {"contact", "rail", "off"}:
        samples_mv[is_hidden] = 5.0
    elif how == "noise":
        samples_mv[is_hidden] = np.random.default_rng(seed).normal(0, 2, is_hidden.sum())
    else:
        samples_mv[is_hidden] = np.nan
    pipeline = Pipeline(rate_hz=RATE, settings=RhythmSettings(), classifier=load_classifier())
    events = []
    cuts = sorted({0, len(samples_mv), *(np.flatnonzero(np.diff(is_hidden)) + 1), *range(0, len(samples_mv), 250)})
    for first, last in pairwise(cuts):
        off = bool(is_hidden[first]) if how in {"contact", "off"} else None
        fault = "no answer" if is_hidden[first] and how in {"fault", "no samples"} else None
        events += pipeline.push(SampleBlock(int(first), samples_mv[first:last], electrode_off=off, fault=fault))
    return [event for event in events if isinstance(event, AlarmEvent) and event.kind.value in HEARTS[heart]]


def main(plays: int, hearts: list[str], interruptions: list[str]) -> None:
    """Print a row for each kind of heart and interruption."""
    print(
        "| heart | interruption | plays | told after s, median, max | closed as over | closed otherwise | left open |"
    )
    print("|---|---|---|---|---|---|---|")
    for heart in hearts:
        for how in interruptions:
            told_s, over, otherwise, left = [], 0, 0, 0
            for seed in range(plays):
                active: set[str] = set()
                alarms = [each for each in play(heart, how, seed) if each.index > 360 * BEGINS_S]
                opened = [each.index / 360 - BEGINS_S for each in alarms if each.state is AlarmState.OPENED]
                told_s += [after_s for after_s in opened[:1] if after_s < LASTS_S]
                for each in alarms:
                    if each.state is not AlarmState.CLOSED:
                        active.add(each.kind.value)
                        continue
                    active.discard(each.kind.value)
                    if not active and each.index / 360 < BEGINS_S + LASTS_S:
                        over += each.evidence["reason"] == Reason.OVER
                        otherwise += each.evidence["reason"] != Reason.OVER
                left += bool(active)
            spread = f"{len(told_s)}: {median(told_s):.1f}, {max(told_s):.1f}" if told_s else "0"
            print(f"| {heart} | {how} | {plays} | {spread} | {over} | {otherwise} | {left} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plays", type=int, default=20)
    parser.add_argument("--hearts", nargs="+", choices=HEARTS, default=list(HEARTS))
    parser.add_argument("--interruptions", nargs="+", choices=INTERRUPTIONS, default=list(INTERRUPTIONS))
    asked = parser.parse_args()
    main(asked.plays, asked.hearts, asked.interruptions)
