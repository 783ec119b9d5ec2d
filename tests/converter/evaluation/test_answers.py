"""ROC areas, their spread over patients, and calibration, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from converter.evaluation.answers import areas, bootstrap, brier_scores, calibration_errors
from converter.training.platt import cross_fitted, fit_calibration
from reader.classify.probability import probabilities


def drawn(count: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Truth and honest log odds of two labels."""
    rng = np.random.default_rng(0)
    log_odds = rng.normal((-1, 0.5), 1.5, (count, 2))
    return rng.random((count, 2)) < 1 / (1 + np.exp(-log_odds)), log_odds


def test_areas_are_those_of_scikit_learn_ties_too() -> None:
    truth, log_odds = drawn(300)
    for scores in (log_odds, np.round(log_odds)):
        expected = [roc_auc_score(truth[:, label], scores[:, label]) for label in range(2)]
        assert areas(truth, scores) == pytest.approx(expected)


def test_a_label_that_never_holds_has_no_area() -> None:
    assert np.isnan(areas(np.zeros((5, 1), dtype=bool), np.arange(5.0)[:, np.newaxis])).all()


def test_the_interval_holds_the_area_and_is_wider_for_fewer_patients() -> None:
    truth, log_odds = drawn(400)
    many = bootstrap(truth, log_odds, np.arange(400), 2)
    few = bootstrap(truth, log_odds, np.arange(400) // 40, 2)
    assert len(many) == 3
    assert all(each.low < each.value < each.high for each in many)
    assert many[2].value == pytest.approx((many[0].value + many[1].value) / 2)
    assert few[0].high - few[0].low != pytest.approx(many[0].high - many[0].low)


def test_honest_probabilities_have_no_calibration_error_and_sure_ones_have() -> None:
    truth, log_odds = drawn()
    honest, sure = (1 / (1 + np.exp(-factor * log_odds)) for factor in (1, 4))
    assert (calibration_errors(truth, honest) < 0.03).all()
    assert (calibration_errors(truth, sure) > 0.08).all()
    assert (brier_scores(truth, honest) < brier_scores(truth, sure)).all()


def test_calibration_finds_the_slope_and_the_offset_back() -> None:
    truth, log_odds = drawn(20_000)
    for found in fit_calibration(truth, (log_odds - 1) * 3):
        assert found.slope == pytest.approx(1 / 3, abs=0.03)
        assert found.offset == pytest.approx(1, abs=0.06)


def test_what_is_calibrated_is_not_what_the_calibration_was_chosen_on() -> None:
    truth, log_odds = drawn(400)
    part = np.arange(400) % 2
    found = cross_fitted(truth, log_odds, part)
    expected = probabilities(log_odds[part == 0], fit_calibration(truth[part == 1], log_odds[part == 1]))
    assert np.array_equal(found[part == 0], expected)
