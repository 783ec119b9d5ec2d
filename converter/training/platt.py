"""Calibration of each label's log odds by a slope and an offset.

Platt 1999, Probabilistic outputs for support vector machines: both are chosen for the least negative log-likelihood on
examples that were not learned from. The order of the examples, and so the ROC curve, stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from ecg.model_file.card import Calibration
from reader.classify.probability import probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["cross_fitted", "fit_calibration"]

_LEAST_SLOPE = 1e-3
"""Above 0, or the order of the examples would turn around."""


def fit_calibration(truth: NDArray[np.bool_], log_odds: FloatArray) -> tuple[Calibration, ...]:
    """Slope and offset of each label; arguments of shape (n, labels)."""
    return tuple(_fit(truth[:, label], log_odds[:, label].astype(np.float64)) for label in range(truth.shape[1]))


def cross_fitted(truth: NDArray[np.bool_], log_odds: FloatArray, part: NDArray[np.int64]) -> FloatArray:
    """Probabilities, shape (n, labels), each by a calibration that was chosen on the other parts; `part` is (n,)."""
    found = np.empty(log_odds.shape)
    for each in np.unique(part):
        others = part != each
        found[~others] = probabilities(log_odds[~others], fit_calibration(truth[others], log_odds[others]))
    return found


def _fit(truth: NDArray[np.bool_], log_odds: FloatArray) -> Calibration:
    sign = np.where(truth, 1.0, -1.0)

    def loss(values: FloatArray) -> float:
        return float(np.logaddexp(0.0, -sign * (values[0] * log_odds + values[1])).mean())

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=((_LEAST_SLOPE, None), (None, None)))
    return Calibration(slope=round(float(found.x[0]), 4), offset=round(float(found.x[1]), 4))
