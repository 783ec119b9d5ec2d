"""Two lengths of RR intervals are told apart whichever is the more frequent, and a single one is not made two."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.rr_bimodality import RrBimodality, rr_bimodality


@pytest.mark.parametrize("slow", [4, 32, 60])
def test_the_slow_interval_is_found_be_it_rare_or_frequent(slow: int) -> None:
    rng = np.random.default_rng(1)
    intervals_s = np.concatenate([np.full(slow, 1.1), np.full(64 - slow, 0.6)]) * np.exp(0.03 * rng.standard_normal(64))
    found = rr_bimodality(rng.permutation(intervals_s).tolist(), 0.8, 0.8)
    assert found.ln_slow == pytest.approx(math.log(1.1), abs=0.04)
    assert found.ln_slow_to_fast == pytest.approx(math.log(1.1 / 0.6), abs=0.05)
    assert found.slow_share == slow / 64
    assert found.certainty > 0.75


def test_a_single_length_is_far_less_certain_than_two() -> None:
    rng = np.random.default_rng(1)
    found = rr_bimodality((0.8 * np.exp(0.03 * rng.standard_normal(64))).tolist(), 0.8, 0.8)
    assert found.certainty < 0.72
    assert found.ln_slow_to_fast < 0.06


def test_a_rhythm_without_any_spread_has_one_length() -> None:
    found = rr_bimodality([0.8] * 64, 0.5, 0.5)
    assert found.ln_slow == pytest.approx(math.log(0.8))
    assert found.ln_slow_to_fast == pytest.approx(0.0)


def test_too_few_intervals_say_nothing() -> None:
    assert rr_bimodality([0.4, 1.2] * 3, 0.4, 0.8) == RrBimodality(ln_slow=math.log(0.8))


def test_a_stretch_without_r_peaks_is_no_slow_rhythm() -> None:
    rhythm = [0.6, 1.0] * 20
    assert rr_bimodality([*rhythm, 9.0, 30.0], 0.8, 0.8) == rr_bimodality(rhythm, 0.8, 0.8)


def test_an_ectopic_run_begins_and_ends_at_once_and_the_sinus_node_takes_its_time() -> None:
    ramp = np.linspace(1.0, 0.6, 9).tolist()
    abrupt = rr_bimodality([*[1.0] * 10, *[0.6] * 10] * 3, 1.0, 0.8)
    gradual = rr_bimodality([*[1.0] * 6, *ramp, *[0.6] * 6, *ramp[::-1]] * 2, 1.0, 0.8)
    assert abrupt.speeding_up == pytest.approx(1.0)
    assert abrupt.slowing_down == pytest.approx(1.0)
    assert gradual.speeding_up < 0.4
    assert gradual.slowing_down < 0.4
    assert (abrupt.fast_runs, gradual.fast_runs) == (3, 2)


def test_a_pause_behind_each_run_is_more_abrupt_than_the_two_lengths_are_apart() -> None:
    found = rr_bimodality([*[0.8] * 7, *[0.5] * 3, 1.6] * 5, 0.8, 0.8)
    assert found.slowing_down > 1.2


def test_the_entry_is_that_of_the_run_that_goes_on() -> None:
    before = [*[1.0] * 20, *[0.5] * 3, *[0.9] * 10]
    assert rr_bimodality(before, 0.6, 0.8).ln_entry == pytest.approx(math.log(0.9 / 0.6))
    assert rr_bimodality([*before, 0.6, 0.55], 0.55, 0.8).ln_entry == pytest.approx(math.log(0.9 / 0.6))
    assert rr_bimodality([*before, 0.6], 0.95, 0.8).ln_entry == 0.0


@given(st.lists(st.floats(0.01, 100.0), max_size=64), st.floats(0.01, 100.0))
def test_whatever_comes_all_figures_stay_finite_and_in_range(intervals_s: list[float], next_s: float) -> None:
    found = rr_bimodality(intervals_s, next_s, 0.8)
    assert math.isfinite(found.ln_slow)
    assert math.isfinite(found.ln_entry)
    assert found.ln_slow_to_fast >= 0
    assert 0 < found.slow_share < 1
    assert 0 <= found.certainty <= 1
    assert 0 <= found.speeding_up <= 2
    assert 0 <= found.slowing_down <= 2
