"""One temperature makes probabilities honest and leaves labels alone."""

from __future__ import annotations

import numpy as np
import pytest

from converter.training.calibration import fit_temperature, negative_log_likelihood


def beats(temperature: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model that is wrong by `temperature`, and classes drawn from the true ones."""
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 2, (count, 5))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes = (true.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)
    sharpened = np.exp(logits * temperature)
    return (sharpened / sharpened.sum(axis=1, keepdims=True)).astype(np.float32), classes


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_temperature_that_made_a_model_too_sure_is_found(temperature: float) -> None:
    probabilities, truth = beats(temperature)
    assert fit_temperature(probabilities, truth) == pytest.approx(temperature, rel=0.05)


def test_the_fitted_temperature_is_no_worse_than_none() -> None:
    probabilities, truth = beats(2.0)
    fitted = fit_temperature(probabilities, truth)
    before, after = (negative_log_likelihood(probabilities, truth, t) for t in (1.0, fitted))
    assert after < before
