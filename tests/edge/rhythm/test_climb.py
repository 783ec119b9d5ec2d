"""Exertion makes a heart fast little by little; a tachycardia begins at once."""

from __future__ import annotations

import numpy as np
import pytest

from ecg.timing import rr_of_bpm
from edge.rhythm.climb import Climb


def after(rates_bpm: list[float]) -> Climb:
    climb = Climb(rr_of_bpm(110))
    for rate_bpm in rates_bpm:
        climb.add(round(rr_of_bpm(rate_bpm)))
    return climb


def ramp(first_bpm: float, last_bpm: float, seconds: float) -> list[float]:
    rates, time_s = [], 0.0
    while time_s < seconds:
        rates.append(first_bpm + (last_bpm - first_bpm) * time_s / seconds)
        time_s += 60 / rates[-1]
    return rates


@pytest.mark.parametrize("seconds", [30, 60, 300])
def test_exertion_is_a_climb(seconds: float) -> None:
    assert after([70.0] * 30 + ramp(70, 165, seconds) + [165.0] * 100).is_one


def test_a_jump_is_none_and_stays_none_while_it_lasts() -> None:
    assert not after([70.0] * 30 + [150.0] * 17).is_one
    assert not after([70.0] * 30 + [150.0] * 500).is_one
    assert not after([70.0] * 30 + ramp(70, 150, 3) + [150.0] * 200).is_one
    assert not after([70.0] * 30 + ramp(70, 120, 60) + [170.0] * 200).is_one


def test_after_a_slow_rhythm_the_next_climb_is_one_again() -> None:
    assert after([70.0] * 30 + [150.0] * 100 + [70.0] * 30 + ramp(70, 150, 60) + [150.0] * 20).is_one


def test_how_the_rhythm_at_the_start_or_after_an_interruption_began_is_not_known() -> None:
    assert not after([150.0] * 200).is_one
    climb = after([70.0] * 30 + ramp(70, 150, 60) + [150.0] * 50)
    climb.interrupt()
    for _ in range(100):
        climb.add(144)
    assert not climb.is_one


def test_no_sinus_node_is_faster_than_180() -> None:
    assert not after([70.0] * 30 + ramp(70, 190, 120) + [190.0] * 50).is_one


def test_an_irregular_rhythm_is_none() -> None:
    rng = np.random.default_rng(1)
    rates = np.array([70.0] * 30 + ramp(70, 150, 60) + [150.0] * 50)
    assert not after((rates * rng.uniform(0.8, 1.25, len(rates))).tolist()).is_one
