"""Rhythms made of a patient's own intervals: labelled as they were made, and what their names say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.simulation.own_rhythms import (
    any_rhythm,
    atrial_fibrillation,
    breathing,
    dropped,
    ectopic,
    sinus_intervals,
    wandering,
)

if TYPE_CHECKING:
    from collections.abc import Callable

STEADY_S = np.full(200, 0.8)


def test_bigeminy_is_every_second_beat_and_each_of_them_early() -> None:
    rr_s, is_ectopic = ectopic(np.random.default_rng(1), STEADY_S, sinus_beats=1, run_beats=1, is_regular=True)
    np.testing.assert_array_equal(is_ectopic, np.arange(200) % 2 == 1)
    assert rr_s[is_ectopic].max() <= 0.95 * 0.8
    assert rr_s[~is_ectopic].min() >= 0.85 * 0.8


@given(st.integers(0, 2**32), st.floats(1, 20), st.floats(1, 20))
def test_beats_s_are_early_in_runs_of_any_length_and_sinus_beats_are_not(seed: int, sinus: float, run: float) -> None:
    rr_s, is_ectopic = ectopic(np.random.default_rng(seed), STEADY_S, sinus_beats=sinus, run_beats=run)
    assert (rr_s[is_ectopic] <= 0.95 * 0.8 + 1e-9).all()
    assert (rr_s[~is_ectopic] >= 0.85 * 0.8 - 1e-9).all()
    assert not is_ectopic[0]


@pytest.mark.parametrize("rhythm", [dropped, breathing, atrial_fibrillation])
@given(seed=st.integers(0, 2**32))
def test_what_is_irregular_without_beats_s_has_none(
    rhythm: Callable[..., tuple[np.ndarray, np.ndarray]], seed: int
) -> None:
    rr_s, is_ectopic = rhythm(np.random.default_rng(seed), STEADY_S)
    assert not is_ectopic.any()
    assert rr_s.shape == STEADY_S.shape
    assert rr_s.min() > 0.2


@pytest.mark.parametrize("rhythm", [dropped, breathing, atrial_fibrillation])
def test_nearly_every_such_rhythm_is_irregular_within_two_hundred_beats(
    rhythm: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:
    spreads_s = [rhythm(np.random.default_rng(seed), STEADY_S)[0].std() for seed in range(100)]
    assert sum(spread_s > 0.01 for spread_s in spreads_s) >= 95  # one beat of thirty dropped may be none of 200


def test_a_blocked_beat_leaves_about_twice_the_interval() -> None:
    longest = [dropped(np.random.default_rng(seed), STEADY_S)[0].max() / 0.8 for seed in range(40)]
    assert sum(1.7 < ratio < 2.2 for ratio in longest) >= 20
    assert max(longest) > 2.5  # an arrest


@given(seed=st.integers(0, 2**32))
def test_a_rate_that_wanders_stays_near(seed: int) -> None:
    change = np.log(wandering(np.random.default_rng(seed), STEADY_S) / STEADY_S)
    assert 0 < np.abs(change).max() <= 0.35


def test_nearly_every_rate_that_wanders_goes_somewhere_within_two_hundred_beats() -> None:
    ranges = [np.ptp(np.log(wandering(np.random.default_rng(seed), STEADY_S))) for seed in range(100)]
    assert sum(most > 0.05 for most in ranges) >= 90


def test_most_changes_of_rate_take_more_than_one_beat() -> None:
    steps = []
    for seed in range(30):
        change = np.log(wandering(np.random.default_rng(seed), STEADY_S))
        is_moving = np.abs(np.diff(change)) > 1e-12
        edges = np.flatnonzero(np.diff(np.concatenate(([0], is_moving.astype(int), [0]))))
        steps += np.diff(edges)[::2].tolist()
    assert np.median(steps) > 3
    assert max(steps) <= 24  # two changes may follow each other


def test_the_sinus_node_keeps_its_own_variability_at_another_rate() -> None:
    own_s = np.array([0.7, 0.8, 0.9] * 30)
    rates = [sinus_intervals(np.random.default_rng(seed), own_s) for seed in range(50)]
    for rr_s in rates:
        np.testing.assert_allclose(rr_s / np.median(rr_s), own_s / 0.8)
        assert 0.6 <= np.median(rr_s) <= 1.5
    assert np.ptp([np.median(rr_s) for rr_s in rates]) > 0.5


def test_half_of_the_patients_have_beats_s_and_the_others_do_not() -> None:
    patients = [any_rhythm(np.random.default_rng(seed), STEADY_S)[1] for seed in range(200)]
    assert 80 <= sum(is_ectopic.any() for is_ectopic in patients) <= 120
    assert sum(is_ectopic.mean() > 0.5 for is_ectopic in patients) >= 20


def test_the_same_seed_makes_the_same_patients_in_each_version(rounded_digest: Callable[..., str]) -> None:
    """Models that ship learned from these very draws."""
    patients = [any_rhythm(np.random.default_rng(seed), np.full(300, 0.8)) for seed in range(60)]
    assert rounded_digest(*(array for own in patients for array in own)) == "d988acccf630c9c3"
