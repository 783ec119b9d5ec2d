"""Atrial fibrillation from RR intervals, P waves and the shapes of beats."""

from __future__ import annotations

import random
from math import pi, sin
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


def irregular(start_s: float, end_s: float, *, spread: float = 0.3, seed: int = 1) -> list[tuple[float, str]]:
    """Beats as in fibrillation: each interval drawn anew around 0.7 s."""
    source = random.Random(seed)
    beats, moment_s = [], start_s
    while moment_s < end_s:
        beats.append((moment_s, "N"))
        moment_s += 0.7 * min(1.8, max(0.5, source.gauss(1, spread)))
    return beats


def pattern(intervals_s: list[float], labels: str, *, start_s: float, end_s: float) -> list[tuple[float, str]]:
    beats, moment_s, number = [], start_s, 0
    while moment_s < end_s:
        beats.append((moment_s, labels[number % len(labels)]))
        moment_s += intervals_s[number % len(intervals_s)]
        number += 1
    return beats


def test_fibrillation_opens_after_30_s_and_its_onset_is_where_it_began(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=1, end_s=60) + irregular(60.5, 140), until_s=140)
    assert told.kinds == ["atrial_fibrillation"]
    (alarm,) = told.opened()
    assert alarm.priority == "medium"
    assert 52 < alarm.onset_index / RATE < 66
    assert 30 <= (alarm.index - alarm.onset_index) / RATE < 45
    assert alarm.evidence["irregularity"] >= alarm.evidence["threshold_irregularity"] > 0.385


def test_fibrillation_shorter_than_its_hold_time_is_not_told(watch: Watch, steady: Steady) -> None:
    beats = steady(70, start_s=1, end_s=60) + irregular(60.5, 75) + steady(70, start_s=75.8, end_s=140)
    told = watch(beats, until_s=140)
    assert told.kinds == []


def test_fibrillation_closes_when_the_rhythm_is_regular_again(watch: Watch, steady: Steady) -> None:
    beats = irregular(0.5, 100) + steady(70, start_s=100.8, end_s=160)
    told = watch(beats, until_s=160, finish=False, episode_close_s=5.0)
    assert told.kinds == ["atrial_fibrillation"]
    (closed,) = told.closed("atrial_fibrillation")
    assert closed.evidence["reason"] == "over"
    assert 105 < closed.index / RATE < 130
    back = [moment_s for moment_s, rhythm in told.rhythms if rhythm == "N"][-1]
    assert back == pytest.approx(100, abs=12)


@pytest.mark.parametrize(
    ("intervals_s", "labels"),
    [
        ([0.5, 1.0], "NV"),
        ([0.5, 1.0], "NS"),
        ([0.8, 0.5, 1.1], "NNS"),
        ([0.8, 0.8, 0.5, 1.1], "NNNS"),
        ([0.6, 0.9], "NN"),
    ],
    ids=["bigeminy", "atrial bigeminy", "trigeminy", "quadrigeminy", "alternating"],
)
def test_patterned_ectopy_is_not_fibrillation(watch: Watch, intervals_s: list[float], labels: str) -> None:
    told = watch(pattern(intervals_s, labels, start_s=0.5, end_s=180), until_s=180)
    assert told.opened("atrial_fibrillation") == []


@pytest.mark.parametrize("label", ["V", "S"])
def test_scattered_ectopic_beats_are_not_fibrillation(watch: Watch, label: str) -> None:
    source = random.Random(7)
    beats, moment_s = [], 0.5
    while moment_s < 300:
        beats.append((moment_s, "N"))
        if source.random() < 0.12:
            beats.append((moment_s + 0.5, label))
            moment_s += 1.5
        else:
            moment_s += 0.8 + source.gauss(0, 0.015)
    assert set(watch(beats, until_s=300).kinds) <= {"frequent_pvcs"}


def test_sinus_arrhythmia_of_breathing_is_not_fibrillation(watch: Watch) -> None:
    beats, moment_s = [], 0.5
    while moment_s < 300:
        beats.append((moment_s, "N"))
        moment_s += 0.9 + 0.12 * sin(2 * pi * moment_s / 5)
    assert watch(beats, until_s=300).kinds == []


def test_fibrillation_is_not_told_in_bad_signal(watch: Watch) -> None:
    told = watch(irregular(0.5, 120), until_s=120, bad=[(0, 121)])
    assert told.kinds == ["poor_signal"]


def test_an_open_fibrillation_is_closed_when_the_signal_stays_bad(watch: Watch) -> None:
    told = watch(irregular(0.5, 160), until_s=160, bad=[(100, 130)], finish=False)
    (closed,) = told.closed("atrial_fibrillation")
    assert closed.evidence["reason"] == "poor_signal"
    _first, second = told.opened("atrial_fibrillation")
    assert closed.index <= second.onset_index


def test_a_short_disturbance_does_not_split_an_episode(watch: Watch) -> None:
    told = watch(irregular(0.5, 140), until_s=140, bad=[(100, 103)], finish=False)
    assert told.kinds == ["atrial_fibrillation"]
    assert not told.closed("atrial_fibrillation")


def test_fibrillation_is_found_without_labels(watch: Watch) -> None:
    beats = [(moment_s, "unclassified") for moment_s, _ in irregular(0.5, 100)]
    assert watch(beats, until_s=100).kinds == ["atrial_fibrillation"]


def test_irregular_beats_with_a_plain_p_wave_are_not_fibrillation(watch: Watch) -> None:
    beats = irregular(0.5, 180, spread=0.15)
    assert watch(beats, until_s=180, p_wave=0.0).kinds == ["atrial_fibrillation"]
    assert watch(beats, until_s=180, p_wave=0.5).kinds == []


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_frequent_premature_beats_of_the_atria_are_not_fibrillation_where_p_waves_are_faint(
    watch: Watch, seed: int
) -> None:
    source = random.Random(seed)
    beats, moment_s = [], 0.5
    while moment_s < 180:
        beats.append((moment_s, "N"))
        if source.random() < 0.3:
            moment_s += 0.85 * source.uniform(0.55, 0.8)
            beats.append((moment_s, "N"))
            moment_s += 0.85 * source.gauss(1.3, 0.02)
        else:
            moment_s += 0.85 * source.gauss(1, 0.02)
    assert watch(beats, until_s=180, p_wave=0.15).kinds == []
    assert watch(irregular(0.5, 180, seed=seed), until_s=180, p_wave=0.15).kinds == ["atrial_fibrillation"]


def test_an_alarm_tells_how_much_of_a_p_wave_there_was(watch: Watch) -> None:
    (alarm,) = watch(irregular(0.5, 100), until_s=100, p_wave=0.04).opened()
    assert alarm.evidence["p_wave"] == 0.04
    assert alarm.evidence["threshold_irregularity"] == pytest.approx(0.435)


def test_false_beats_of_strange_shape_do_not_make_fibrillation(watch: Watch, steady: Steady) -> None:
    source = random.Random(4)
    beats = steady(70, start_s=0.5, end_s=180)
    false = [(moment_s + source.uniform(0.25, 0.7), "Q") for moment_s, _ in beats if source.random() < 0.3]
    both = sorted(beats + false)
    assert watch(both, until_s=180, p_wave=0.0).opened("atrial_fibrillation")
    assert watch(both, until_s=180, p_wave=0.0, strange="Q").opened("atrial_fibrillation") == []


def test_fibrillation_is_found_among_ventricular_beats(watch: Watch) -> None:
    beats = [(moment_s, "V" if number % 6 == 0 else "N") for number, (moment_s, _) in enumerate(irregular(0.5, 120))]
    assert watch(beats, until_s=120, p_wave=0.0).kinds == ["atrial_fibrillation"]
