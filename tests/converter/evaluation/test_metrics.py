"""ROC and calibration of hand-made probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.evaluation.metrics import reliability, roc


def test_a_class_that_is_always_likelier_where_it_is_has_the_whole_area() -> None:
    curve = roc(np.array([0, 1, 0, 1]), np.array([0.1, 0.8, 0.2, 0.9]))
    assert curve is not None
    assert curve.area == 1.0


def test_scores_that_say_nothing_have_half_the_area() -> None:
    curve = roc(np.array([0, 1, 0, 1]), np.full(4, 0.5))
    assert curve is not None
    assert curve.area == 0.5
    assert curve.sensitivity == (0.0, 1.0)


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    curve = roc(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert curve is not None
    assert curve.area == 0.75


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_area_counts_ties_as_half(beats: list[tuple[int, int]]) -> None:
    is_class, score = np.array(beats).T
    curve = roc(is_class, score / 5)
    members, others = score[is_class == 1], score[is_class == 0]
    if not len(members) or not len(others):
        assert curve is None
        return
    above = (members[:, np.newaxis] > others).mean() + 0.5 * (members[:, np.newaxis] == others).mean()
    assert curve is not None
    assert curve.area == pytest.approx(above)
    assert list(curve.sensitivity) == sorted(curve.sensitivity)


def test_the_calibration_error_is_the_mean_distance_of_probability_and_truth() -> None:
    probabilities = np.array([[0.95, 0.05]] * 10 + [[0.4, 0.6]] * 10)
    truth = np.array([0] * 9 + [1] + [1] * 6 + [0] * 4)
    found = reliability(truth, probabilities)
    assert found.beats[9] == found.beats[6] == 10
    assert found.accuracy[9] == pytest.approx(0.9)
    assert found.confidence[9] == pytest.approx(0.95)
    assert found.error == pytest.approx(0.025)  # 0.05 in one half, none in the other


def test_a_probability_of_one_stands_in_the_last_bin() -> None:
    assert reliability(np.array([0]), np.array([[1.0, 0.0]])).beats == (0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
