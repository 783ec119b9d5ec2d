"""Simulated rhythms: labelled as they were made, of beats of the patient, and the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.beats import BeatSet
from converter.simulated import (
    BEATS,
    PATIENTS,
    breathing,
    dropped,
    ectopic,
    fibrillation,
    normal_beats,
    simulated_beats,
    sinus_intervals,
    wandering,
)
from edge.errors import InputError
from edge.inference.inputs import RHYTHM_FEATURES, RHYTHM_SCALES

if TYPE_CHECKING:
    from collections.abc import Callable

STEADY_S = np.full(200, 0.8)
COUNT = 700


def signal(symbol: np.ndarray, record: str = "svdb/800") -> BeatSet:
    """Beats 0.8 s apart, each with a height of its own."""
    count = len(symbol)
    shape = np.exp(-0.5 * ((np.arange(259) - 99) / 5.0) ** 2)
    height = 1 + 0.001 * np.arange(count)
    waveform = np.repeat((height[:, np.newaxis] * shape)[:, :, np.newaxis], 2, axis=2)
    return BeatSet(
        {"waveform": waveform.astype(np.float32), "rhythm": np.zeros((count, len(RHYTHM_FEATURES)), np.float32)},
        symbol,
        288 * np.arange(count, dtype=np.int64),
        np.full(count, record),
        np.zeros(count, dtype=np.int64),
    )


def test_only_normal_beats_after_normal_ones_are_used() -> None:
    symbol = np.array(["N", "N", "N", "V"] * 200)
    found = normal_beats(signal(symbol))
    assert found is not None
    windows, rr_s = found
    assert windows.shape == (400, 259)  # the second and the third of each three
    np.testing.assert_allclose(rr_s, 0.8)
    assert normal_beats(signal(symbol[:200])) is None


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


@pytest.mark.parametrize("rhythm", [dropped, breathing, fibrillation])
@given(seed=st.integers(0, 2**32))
def test_what_is_irregular_without_beats_s_has_none(
    rhythm: Callable[..., tuple[np.ndarray, np.ndarray]], seed: int
) -> None:
    rr_s, is_ectopic = rhythm(np.random.default_rng(seed), STEADY_S)
    assert not is_ectopic.any()
    assert rr_s.shape == STEADY_S.shape
    assert rr_s.min() > 0.2
    assert rr_s.std() > 0.01


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


def test_simulated_patients_are_built_as_the_monitor_would_build_them() -> None:
    beats = BeatSet.join([signal(np.full(COUNT, "N")), signal(np.full(100, "N"), "svdb/801")])
    made = simulated_beats(beats, 1)
    assert len(made) == PATIENTS * (BEATS - 1)
    assert set(made.record.tolist()) == {"svdb/800"}  # the other has too few
    assert set(made.symbol.tolist()) <= {"N", "A"}
    assert {name: values.shape[1:] for name, values in made.inputs.items()} == {
        "waveform": (259, 2),
        "rhythm": (len(RHYTHM_FEATURES),),
    }
    for patient in made.index.reshape(PATIENTS, BEATS - 1):
        assert (np.diff(patient) > 0).all()


def test_the_same_seed_makes_the_same_patients() -> None:
    beats = signal(np.full(COUNT, "N"))
    assert simulated_beats(beats, 3).digest() == simulated_beats(beats, 3).digest()
    assert simulated_beats(beats, 3).digest() != simulated_beats(beats, 4).digest()


def test_beats_s_come_before_the_slow_interval_has_passed() -> None:
    beats = BeatSet.join([signal(np.full(COUNT, "N"), f"svdb/{800 + number}") for number in range(12)])
    made = simulated_beats(beats, 1)
    middle, spread = RHYTHM_SCALES["ln_rr_before_to_slow"]
    before = middle + spread * made.inputs["rhythm"][:, RHYTHM_FEATURES.index("ln_rr_before_to_slow")]
    is_ectopic = made.symbol == "A"
    assert 0.1 < is_ectopic.mean() < 0.6
    assert np.median(before[is_ectopic]) < -0.2
    assert abs(np.median(before[~is_ectopic])) < 0.15


def test_too_few_normal_beats_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="set simulated_share to 0"):
        simulated_beats(signal(np.full(100, "N")), 1)
