"""What the interval network is shown, and what it reads in rhythms that a person would not mistake."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.intervals import INTERVALS, IntervalNetwork, Opinion, seen

RR_S = st.floats(0.2, 9.0)


def read(known_s: list[float], before_s: float | None, after_s: float | None) -> Opinion:
    return IntervalNetwork.shipped().read(known_s, before_s, after_s)


def a_little_uneven(rr_s: list[float]) -> list[float]:
    return (np.array(rr_s) * np.exp(0.015 * np.random.default_rng(1).standard_normal(len(rr_s)))).tolist()


def test_intervals_are_shown_against_their_median_and_the_median_beside_them() -> None:
    shown = seen([0.8] * 70, 0.4, 1.6)
    assert shown.shape == (INTERVALS, 2)
    np.testing.assert_allclose(shown[:-2, 0], 0.0, atol=1e-6)
    assert shown[-2, 0] == pytest.approx(math.log(0.5) / 0.3, rel=1e-5)
    assert shown[-1, 0] == pytest.approx(math.log(2) / 0.3, rel=1e-5)
    np.testing.assert_allclose(shown[:, 1], 0.0, atol=1e-6)
    np.testing.assert_allclose(seen([0.4] * 70, 0.4, 0.4)[:, 1], math.log(0.5) / 0.3, rtol=1e-5)


def test_what_is_not_known_is_no_deviation() -> None:
    np.testing.assert_allclose(seen([], None, None), 0.0)
    shown = seen([0.5, 0.5], 0.5, None)
    np.testing.assert_allclose(shown[:, 0], 0.0, atol=1e-6)
    np.testing.assert_allclose(shown[:, 1], math.log(0.5 / 0.8) / 0.3, rtol=1e-5)


@given(st.lists(RR_S, max_size=80), st.none() | RR_S, st.none() | RR_S)
def test_an_opinion_is_finite_and_its_shares_are_probabilities(
    known_s: list[float], before_s: float | None, after_s: float | None
) -> None:
    opinion = read(known_s, before_s, after_s)
    shares = (opinion.sinus, opinion.ectopic, opinion.blocked, opinion.atrial_fibrillation, opinion.atrial_flutter)
    assert math.isfinite(opinion.ln_odds_early)
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= 0


def test_a_premature_beat_is_told_from_a_steady_one_and_from_the_beat_after_it() -> None:
    steady = a_little_uneven([0.8] * 64)
    assert read(steady, 0.8, 0.8).ln_odds_early < -2
    assert read(steady, 0.52, 1.0).ln_odds_early > 2
    assert read([*steady[1:], 0.52], 1.0, 0.8).ln_odds_early < -2


def test_in_bigeminy_the_early_one_of_two_is_premature() -> None:
    bigeminy = a_little_uneven([0.6, 1.0] * 32)
    assert read(bigeminy, 0.6, 1.0).ln_odds_early > 2
    assert read(bigeminy[1:], 1.0, 0.6).ln_odds_early < -2


def test_a_long_interval_that_is_twice_the_others_is_a_block_and_the_others_are_no_premature_beats() -> None:
    dropped = a_little_uneven([0.9, 0.9, 0.9, 1.8] * 16)
    opinion = read(dropped, 0.9, 0.9)
    assert opinion.blocked > 0.5
    assert opinion.ln_odds_early < -2


def test_fast_runs_between_single_slow_intervals_are_ectopic_though_they_are_the_most() -> None:
    runs = a_little_uneven([1.0, 0.62, 0.45, 0.45, 0.45, 0.45] * 10 + [1.0, 0.62, 0.45, 0.45])
    opinion = read(runs, 0.45, 0.45)
    assert opinion.ectopic > 0.5
    assert opinion.ln_odds_early > 2


def test_runs_between_beats_of_a_slow_sinus_node_that_is_late_to_come_back_are_ectopic() -> None:
    run = [0.6, 0.58, 0.6, 0.61, 0.59]
    rr_s = a_little_uneven([1.4, *run, 2.1, 1.3, *run, 2.8] * 5)[:64]
    in_run = read(rr_s, 0.6, 0.6)
    assert in_run.ectopic > 0.5
    assert in_run.ln_odds_early > 2
    assert read(rr_s, 1.5, 0.6).ln_odds_early < -2


def test_irregular_through_and_through_is_fibrillation() -> None:
    rng = np.random.default_rng(1)
    opinion = read((0.7 * np.exp(0.25 * rng.standard_normal(64))).tolist(), 0.6, 0.75)
    assert opinion.atrial_fibrillation > 0.5
