"""Beats of one shape share the evidence for V, and only that; what the families know is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES
from edge.inference.beat_clusters import BeatFamilies

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2)) + 0.2 * np.exp(-(((TIME - 90) / 18) ** 2))
WIDE = 1.5 * np.exp(-((TIME / 22) ** 2)) - 0.5 * np.exp(-(((TIME - 80) / 25) ** 2))


def likely(n: float, s: float, v: float) -> dict[str, float]:
    return {"N": n, "S": s, "V": v, "F": 0.0, "Q": 0.0}


def best(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=lambda label: probabilities[label])


def test_the_first_beat_of_a_shape_stays_as_it_was() -> None:
    settled = BeatFamilies().settle(NARROW, likely(0.5, 0.2, 0.3))
    assert settled == pytest.approx(likely(0.5, 0.2, 0.3))


def test_a_beat_of_doubt_follows_the_others_of_its_shape() -> None:
    families = BeatFamilies()
    for _ in range(10):
        families.settle(NARROW, likely(0.95, 0.03, 0.02))
        families.settle(WIDE, likely(0.05, 0.05, 0.9))
    assert best(families.settle(NARROW, likely(0.3, 0.1, 0.6))) == "N"
    assert best(families.settle(WIDE, likely(0.4, 0.2, 0.4))) == "V"


def test_n_and_s_stay_a_matter_of_the_single_beat() -> None:
    families = BeatFamilies()
    for _ in range(10):
        families.settle(NARROW, likely(0.95, 0.03, 0.02))
    settled = families.settle(NARROW, likely(0.2, 0.7, 0.1))
    assert best(settled) == "S"
    assert settled["S"] / settled["N"] == pytest.approx(3.5)
    assert sum(settled.values()) == pytest.approx(1.0)
    assert settled["V"] < 0.1


def test_size_counts_but_not_the_level_and_not_the_gain_of_all() -> None:
    for gain in (0.2, 5.0):
        families = BeatFamilies()
        for _ in range(10):
            families.settle(gain * NARROW, likely(0.95, 0.03, 0.02))
        assert best(families.settle(gain * NARROW + 0.3, likely(0.3, 0.1, 0.6))) == "N"
        assert best(families.settle(2 * gain * NARROW, likely(0.3, 0.1, 0.6))) == "V"


def test_a_family_goes_along_with_a_shape_that_changes_little_by_little() -> None:
    families = BeatFamilies()
    for step in range(101):
        share = step / 100
        settled = families.settle((1 - share) * NARROW + share * WIDE, likely(0.9, 0.05, 0.05))
    assert best(families.settle(WIDE, likely(0.3, 0.1, 0.6))) == "N"
    assert settled["V"] == pytest.approx(0.05, abs=0.01)


def test_a_shape_not_seen_for_long_is_forgotten() -> None:
    families = BeatFamilies()
    for _ in range(10):
        families.settle(NARROW, likely(0.95, 0.03, 0.02))
    rng = np.random.default_rng(1)
    for _ in range(40):
        families.settle(rng.standard_normal(BEAT_SAMPLES), likely(0.2, 0.1, 0.7))
    assert families.settle(NARROW, likely(0.3, 0.1, 0.6)) == pytest.approx(likely(0.3, 0.1, 0.6))


def test_a_model_without_v_is_left_alone() -> None:
    assert BeatFamilies().settle(NARROW, {"N": 0.25, "A": 0.75}) == {"N": 0.25, "A": 0.75}


def test_an_answer_that_is_sure_of_v_alone_is_one() -> None:
    settled = BeatFamilies().settle(WIDE, likely(0.0, 0.0, 1.0))
    assert best(settled) == "V"
    assert sum(settled.values()) == pytest.approx(1.0, abs=0.01)


@given(st.lists(st.tuples(st.sampled_from((0.0, 1e-9, 1.0, 50.0)), st.floats(0, 1)), max_size=40))
def test_whatever_comes_probabilities_stay_probabilities(beats: list[tuple[float, float]]) -> None:
    families = BeatFamilies()
    for gain, v in beats:
        settled = families.settle(gain * WIDE, likely(1 - v, 0.0, v))
        assert all(0 <= probability <= 1 for probability in settled.values())
        assert sum(settled.values()) == pytest.approx(1.0, abs=0.01)
