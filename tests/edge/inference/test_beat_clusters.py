"""Beats of one shape share the evidence for V, and only that; what the clusters know is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES
from edge.inference.beat_clusters import BeatClusters

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2)) + 0.2 * np.exp(-(((TIME - 90) / 18) ** 2))
WIDE = 1.5 * np.exp(-((TIME / 22) ** 2)) - 0.5 * np.exp(-(((TIME - 80) / 25) ** 2))


def likely(n: float, s: float, v: float) -> dict[str, float]:
    return {"N": n, "S": s, "V": v, "F": 0.0, "Q": 0.0}


def best(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=lambda label: probabilities[label])


def test_the_first_beat_of_a_shape_stays_as_it_was() -> None:
    pooled = BeatClusters().pool(NARROW, likely(0.5, 0.2, 0.3))
    assert pooled == pytest.approx(likely(0.5, 0.2, 0.3))


def test_a_beat_of_doubt_follows_the_others_of_its_shape() -> None:
    clusters = BeatClusters()
    for _ in range(10):
        clusters.pool(NARROW, likely(0.95, 0.03, 0.02))
        clusters.pool(WIDE, likely(0.05, 0.05, 0.9))
    assert best(clusters.pool(NARROW, likely(0.3, 0.1, 0.6))) == "N"
    assert best(clusters.pool(WIDE, likely(0.4, 0.2, 0.4))) == "V"


def test_n_and_s_stay_a_matter_of_the_single_beat() -> None:
    clusters = BeatClusters()
    for _ in range(10):
        clusters.pool(NARROW, likely(0.95, 0.03, 0.02))
    pooled = clusters.pool(NARROW, likely(0.2, 0.7, 0.1))
    assert best(pooled) == "S"
    assert pooled["S"] / pooled["N"] == pytest.approx(3.5)
    assert sum(pooled.values()) == pytest.approx(1.0)
    assert pooled["V"] < 0.1


def test_size_counts_but_not_the_level_and_not_the_gain_of_all() -> None:
    for gain in (0.2, 5.0):
        clusters = BeatClusters()
        for _ in range(10):
            clusters.pool(gain * NARROW, likely(0.95, 0.03, 0.02))
        assert best(clusters.pool(gain * NARROW + 0.3, likely(0.3, 0.1, 0.6))) == "N"
        assert best(clusters.pool(2 * gain * NARROW, likely(0.3, 0.1, 0.6))) == "V"


def test_a_family_goes_along_with_a_shape_that_changes_little_by_little() -> None:
    clusters = BeatClusters()
    for step in range(101):
        share = step / 100
        pooled = clusters.pool((1 - share) * NARROW + share * WIDE, likely(0.9, 0.05, 0.05))
    assert best(clusters.pool(WIDE, likely(0.3, 0.1, 0.6))) == "N"
    assert pooled["V"] == pytest.approx(0.05, abs=0.01)


def test_a_shape_not_seen_for_long_is_forgotten() -> None:
    clusters = BeatClusters()
    for _ in range(10):
        clusters.pool(NARROW, likely(0.95, 0.03, 0.02))
    rng = np.random.default_rng(1)
    for _ in range(40):
        clusters.pool(rng.standard_normal(BEAT_SAMPLES), likely(0.2, 0.1, 0.7))
    assert clusters.pool(NARROW, likely(0.3, 0.1, 0.6)) == pytest.approx(likely(0.3, 0.1, 0.6))


def test_a_model_without_v_is_left_alone() -> None:
    assert BeatClusters().pool(NARROW, {"N": 0.25, "A": 0.75}) == {"N": 0.25, "A": 0.75}


def test_an_answer_that_is_sure_of_v_alone_is_one() -> None:
    pooled = BeatClusters().pool(WIDE, likely(0.0, 0.0, 1.0))
    assert best(pooled) == "V"
    assert sum(pooled.values()) == pytest.approx(1.0, abs=0.01)


@given(st.lists(st.tuples(st.sampled_from((0.0, 1e-9, 1.0, 50.0)), st.floats(0, 1)), max_size=40))
def test_whatever_comes_probabilities_stay_probabilities(beats: list[tuple[float, float]]) -> None:
    clusters = BeatClusters()
    for gain, v in beats:
        pooled = clusters.pool(gain * WIDE, likely(1 - v, 0.0, v))
        assert all(0 <= probability <= 1 for probability in pooled.values())
        assert sum(pooled.values()) == pytest.approx(1.0, abs=0.01)
