"""Beats of two annotations are paired one to one, nearest first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from converter.datasets.matching import MATCH_WINDOW, match_beats

indices = st.lists(st.integers(0, 4000), max_size=40, unique=True).map(
    lambda values: np.array(sorted(values), dtype=np.int64)
)


@given(indices)
def test_an_annotation_matches_itself_beat_by_beat(index: np.ndarray) -> None:
    assert match_beats(index, index).tolist() == list(range(len(index)))


@given(indices, indices)
def test_pairs_are_one_to_one_and_within_the_window(reference: np.ndarray, test: np.ndarray) -> None:
    partner = match_beats(reference, test)
    used = partner[partner >= 0]
    assert len(set(used.tolist())) == len(used)
    assert (np.abs(reference[partner >= 0] - test[used]) <= MATCH_WINDOW).all()


@given(indices, indices)
def test_no_two_beats_within_the_window_are_both_left_over(reference: np.ndarray, test: np.ndarray) -> None:
    partner = match_beats(reference, test)
    left_over = np.setdiff1d(np.arange(len(test)), partner)
    distances = np.abs(reference[partner < 0][:, np.newaxis] - test[left_over][np.newaxis, :])
    assert (distances > MATCH_WINDOW).all()


@given(indices, indices)
def test_swapping_the_sides_pairs_the_same_number_of_beats(reference: np.ndarray, test: np.ndarray) -> None:
    assert (match_beats(reference, test) >= 0).sum() == (match_beats(test, reference) >= 0).sum()


def test_a_detection_between_two_beats_goes_to_the_nearer_one() -> None:
    assert match_beats(np.array([100, 160]), np.array([140])).tolist() == [-1, 0]


def test_the_beat_that_lost_its_nearest_detection_takes_the_next() -> None:
    assert match_beats(np.array([100, 130]), np.array([85, 120])).tolist() == [0, 1]
    assert match_beats(np.array([100, 110]), np.array([111, 140])).tolist() == [1, 0]
