"""Arrhythmias that go on while contact breaks or samples are lost: told, never `over`, closed afterwards.

A simulated heart, the whole pipeline. Each case draws its interruptions anew from a seed.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.samples import SampleBlock
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from ecg.samples import FloatArray

RATE = 500
BEGINS_S, LASTS_S, AFTER_S = 30, 60, 90
CLOSE = RhythmSettings(episode_close_s=20)
KINDS = {
    "asystole": {"asystole"},
    "vf": {"ventricular_flutter", "ventricular_tachycardia"},
    "tachy": {"extreme_tachycardia"},
    "brady": {"extreme_bradycardia"},
}
"""The step of the simulator, and the alarms that tell of it."""

HOW = {
    "contact": (0.1, 1.5, 4.0, 8.0),
    "lost": (0.005, 1.0, 3.0, 8.0),
    "20 ms": (0.02, 0.02, 3.5, 3.5),
    "bad block": (0.02, 0.3, 3.5, 5.0),
    "off": (5.0, 40.0, 20.0, 40.0),
    "no samples": (5.0, 40.0, 20.0, 40.0),
}
"""Shortest and longest interruption, and the signal between two, in s."""


@cache
def samples(step: str, seed: int) -> FloatArray:
    total = (BEGINS_S + LASTS_S + AFTER_S) * RATE
    found: list[FloatArray] = []
    for block in Simulator(scenario=f"normal:{BEGINS_S},{step}:{LASTS_S},normal:{AFTER_S}", seed=seed).blocks():
        found.append(block.samples_mv)
        if sum(map(len, found)) >= total:
            break
    return np.concatenate(found)[:total]


def interrupted(step: str, how: str, seed: int) -> list[AlarmEvent]:
    """The alarms that are told of the step with interruptions."""
    draw = random.Random(f"{step} {how} {seed}")
    shortest, longest, *between = HOW[how]
    long_ones = how in {"off", "no samples"}
    moment_s = BEGINS_S + draw.uniform(12, 20) if long_ones else BEGINS_S - draw.uniform(0, 5)
    is_hidden = np.zeros(len(samples(step, seed)), dtype=bool)
    while moment_s < BEGINS_S + LASTS_S + 10:
        end_s = moment_s + draw.uniform(shortest, longest)
        is_hidden[round(moment_s * RATE) : round(end_s * RATE)] = True
        moment_s = end_s + draw.uniform(*between)
    is_off = how in {"contact", "off"}
    told_mv = np.where(is_hidden, 5.0 if is_off else np.nan, samples(step, seed))
    pipeline = Pipeline(rate_hz=RATE, settings=CLOSE, classifier=load_classifier())
    cuts = sorted({0, len(told_mv), *(np.flatnonzero(np.diff(is_hidden)) + 1), *range(0, len(told_mv), RATE // 2)})
    events = []
    for first, last in pairwise(cuts):
        fault = "no answer" if is_hidden[first] and how in {"bad block", "no samples"} else None
        off = bool(is_hidden[first]) if is_off else None
        events += pipeline.push(SampleBlock(int(first), told_mv[first:last], electrode_off=off, fault=fault))
    return [event for event in events if isinstance(event, AlarmEvent) and event.kind.value in KINDS[step]]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("step", KINDS)
def test_it_is_told_never_over_while_it_goes_on_and_closed_afterwards(step: str, how: str, seed: int) -> None:
    told = interrupted(step, how, seed)
    opened = [each.index / 360 for each in told if each.state is AlarmState.OPENED]
    assert BEGINS_S < min(opened) < BEGINS_S + 25
    active: set[str] = set()
    for each in told:
        if each.state is AlarmState.OPENED:
            active.add(each.kind)
        elif each.state is AlarmState.CLOSED:
            active.discard(each.kind)
            assert active or each.index / 360 > BEGINS_S + LASTS_S, each
    assert not active
    assert told[-1].evidence["reason"] == "over"


@pytest.mark.parametrize(("how", "reason"), [("off", "electrode_off"), ("no samples", "no_samples")])
def test_what_cannot_be_seen_for_long_is_told_as_unseen_with_its_reason(how: str, reason: str) -> None:
    told = interrupted("asystole", how, 5)
    unseen = [each for each in told if each.unseen_since is not None]
    assert unseen
    assert {each.evidence["unseen"] for each in unseen} == {reason}
    assert all(each.state is AlarmState.UPDATED for each in unseen)
