"""The line through a learning curve."""

from __future__ import annotations

import numpy as np
import pytest

from converter.evaluation.learning_curve import extrapolate, power_law


def test_a_power_law_is_found_again() -> None:
    learned = np.array([200.0, 500.0, 1000.0, 2000.0])
    factor, exponent = power_law(learned, 0.9 * learned**-0.3)
    assert factor == pytest.approx(0.9)
    assert exponent == pytest.approx(0.3)


def test_less_noise_with_more_recordings_goes_on_beyond_them() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((2000, 3)) < 0.3
    learned = [100, 400, 1600]
    log_odds = [truth + rng.standard_normal(truth.shape) * 12 * count**-0.4 for count in learned]
    found = extrapolate(learned, log_odds, truth, np.arange(2000), wanted=6400, means_of=2)
    assert len(found.figures) == 4  # three labels, and the mean over the first two
    for spread in found.figures:
        assert spread.low < spread.value < spread.high < 1
        assert spread.value > 0.9
    assert all(exponent > 0 for exponent in found.exponents)


def test_what_does_not_get_better_stays_where_it_is() -> None:
    rng = np.random.default_rng(2)
    truth = rng.random((1500, 1)) < 0.4
    same = truth + rng.standard_normal(truth.shape)
    found = extrapolate([100, 1000], [same, same], truth, np.arange(1500), wanted=17_000, means_of=1)
    assert found.exponents[0] == pytest.approx(0, abs=1e-9)
    assert found.figures[0].low < found.figures[0].value < found.figures[0].high
