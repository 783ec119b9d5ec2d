"""Simulated rhythms are what their names say, and the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.signal.irregularity import differing_shares
from edge.simulator.rhythms.atrial_ectopy import atrial_ectopy
from edge.simulator.rhythms.atrial_fibrillation import atrial_fibrillation
from edge.simulator.rhythms.atrial_flutter import atrial_flutter
from edge.simulator.rhythms.av_block import blocked
from edge.simulator.rhythms.sick_sinus import sick_sinus
from edge.simulator.rhythms.sinus import sinus

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import FloatArray
    from edge.simulator.rhythms import Rhythm

STEADY_S = np.full(400, 0.8)


# Models and the interval network that ship learned from these very draws.
@pytest.mark.parametrize(
    ("rhythm", "digest"),
    [
        (lambda rng: sinus(rng, 300), "f05f02f87ac42309"),
        (lambda rng: atrial_ectopy(rng, STEADY_S[:300]), "7c65e157067e80d9"),
        (lambda rng: sick_sinus(rng, 300), "a0e6c21947e7b231"),
        (lambda rng: blocked(rng, STEADY_S[:300]), "867bb8e94381b62a"),
        (lambda rng: atrial_fibrillation(rng, 300), "2842af97d9fd63ea"),
        (lambda rng: atrial_flutter(rng, 300), "1f4f7000b2b997d1"),
    ],
)
def test_the_same_seed_gives_the_same_intervals_in_each_version(
    rhythm: Callable[[np.random.Generator], FloatArray | Rhythm], digest: str, rounded_digest: Callable[..., str]
) -> None:
    drawn = [rhythm(np.random.default_rng(seed)) for seed in range(20)]
    arrays = [array for own in drawn for array in (own if isinstance(own, tuple) else (own,))]
    assert rounded_digest(*arrays) == digest


@given(st.integers(0, 2**32))
def test_a_sinus_node_beats_at_a_rate_that_one_can_have(seed: int) -> None:
    rr_s = sinus(np.random.default_rng(seed), 300)
    assert rr_s.shape == (300,)
    assert 0.33 <= rr_s.min() <= rr_s.max() <= 2.2


@given(st.integers(0, 2**32))
def test_ectopic_beats_come_early_and_the_others_do_not(seed: int) -> None:
    rr_s, is_ectopic = atrial_ectopy(np.random.default_rng(seed), STEADY_S)
    assert not is_ectopic[0]
    assert (rr_s[is_ectopic] <= 0.97 * 0.8 + 1e-9).all()
    follows = np.roll(is_ectopic, 1) & ~is_ectopic
    assert (rr_s[~is_ectopic & ~follows] == 0.8).all()
    assert (rr_s[follows] >= 0.3).all()  # a beat between two of the sinus node leaves the next where it is


def test_ectopic_beats_come_alone_in_patterns_and_in_runs() -> None:
    longest = []
    for seed in range(60):
        _, is_ectopic = atrial_ectopy(np.random.default_rng(seed), STEADY_S)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], is_ectopic.astype(int), [0]))))
        longest.append(int(np.diff(edges)[::2].max(initial=0)))
    assert longest.count(1) >= 10
    assert sum(2 <= beats <= 6 for beats in longest) >= 5
    assert sum(beats > 30 for beats in longest) >= 5


def test_long_runs_are_faster_than_90_a_minute_in_half_of_the_patients_and_of_any_rate_in_the_others() -> None:
    slow_s = np.full(400, 1.2)
    is_fast = []
    for seed in range(120):
        rr_s, is_ectopic = atrial_ectopy(np.random.default_rng(seed), slow_s)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], is_ectopic.astype(int), [0]))))
        in_long_runs_s = [rr_s[first:end] for first, end in edges.reshape(-1, 2).tolist() if end - first > 6]
        if in_long_runs_s:
            is_fast.append(np.median(np.concatenate(in_long_runs_s)) < 0.66)
    assert len(is_fast) > 40
    assert 0.4 < np.mean(is_fast) < 0.8


@given(st.integers(0, 2**32))
def test_intervals_of_a_sick_sinus_node_are_between_those_of_runs_and_pauses(seed: int) -> None:
    rr_s, is_ectopic = sick_sinus(np.random.default_rng(seed), 300)
    assert rr_s.shape == is_ectopic.shape == (300,)
    assert 0.24 <= rr_s.min() <= rr_s.max() <= 6.0
    assert (rr_s[is_ectopic] <= 0.95 * 2.0 + 1e-9).all()
    assert not is_ectopic[0]


def test_a_sick_sinus_node_is_slow_and_runs_are_faster() -> None:
    for seed in range(60):
        rr_s, is_ectopic = sick_sinus(np.random.default_rng(seed), 300)
        if 5 < is_ectopic.sum() < 295:
            assert np.median(rr_s[is_ectopic]) < np.median(rr_s[~is_ectopic])
            assert np.median(rr_s[~is_ectopic]) > 0.85
            assert np.median(rr_s[is_ectopic]) < 1.2


def test_runs_take_most_of_the_time_in_many_and_pauses_after_them_differ() -> None:
    shares, pauses = [], []
    for seed in range(60):
        rr_s, is_ectopic = sick_sinus(np.random.default_rng(seed), 300)
        shares.append(is_ectopic.mean())
        after_s = rr_s[np.roll(is_ectopic, 1) & ~is_ectopic]
        if len(after_s) > 5:
            pauses.append(np.ptp(np.log(after_s)))
    assert sum(share == 0 for share in shares) >= 5
    assert sum(share > 0.6 for share in shares) >= 15
    assert np.mean(np.array(pauses) > 0.3) > 0.6


@given(st.integers(0, 2**32))
def test_what_is_not_conducted_only_makes_intervals_longer_or_a_little_shorter(seed: int) -> None:
    rr_s = blocked(np.random.default_rng(seed), STEADY_S)
    assert rr_s.shape == STEADY_S.shape
    assert rr_s.min() >= 0.75 * 0.8
    assert rr_s.max() <= 3.0 * 0.8


def test_a_block_of_the_second_degree_doubles_the_interval() -> None:
    ratios = [np.max(blocked(np.random.default_rng(seed), STEADY_S)) / 0.8 for seed in range(60)]
    assert sum(1.7 < ratio < 2.2 for ratio in ratios) >= 30
    assert max(ratios) > 2.5  # a pause


def test_fibrillation_is_irregular_at_every_lag_and_flutter_has_multiples_of_one_interval() -> None:
    for seed in range(20):
        assert min(differing_shares(atrial_fibrillation(np.random.default_rng(seed), 60))) > 0.4
        rr_s = atrial_flutter(np.random.default_rng(seed), 400)
        ratios = rr_s[:, np.newaxis] / np.linspace(0.19, 0.29, 101)
        away = np.abs(ratios - np.round(ratios)).mean(axis=0)
        assert away.min() < 0.12
