"""Calibration of a trained model's probabilities by one temperature.

Guo et al. 2017, "On calibration of modern neural networks", ICML: the logits are divided by one number, chosen for the
least negative log-likelihood on beats that were not learned from. The order of the classes, and so each label, stays.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar

from converter.zoo import resecanet

if TYPE_CHECKING:
    from converter.datasets.annotations import IntArray
    from ecg.samples import Float32Array

__all__ = ["calibration_limit", "fit_temperature", "negative_log_likelihood", "scale_temperature"]

_BOUNDS = (0.2, 5.0)
_SMALLEST = 1e-7


def negative_log_likelihood(probabilities: Float32Array, truth: IntArray, temperature: float = 1.0) -> float:
    """Mean over the beats, in nats, after the logits are divided by `temperature`.

    Args:
        probabilities: shape (n, labels), at temperature 1.
        truth: shape (n,), number of each beat's class.
        temperature: above 1 it makes the model less sure, below more.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST)) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(logits).sum(axis=1))
    return float((normaliser - logits[np.arange(len(truth)), truth]).mean())


def fit_temperature(probabilities: Float32Array, truth: IntArray) -> float:
    """The temperature with the least negative log-likelihood, between 0.2 and 5."""
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(probabilities, truth, math.exp(log_t)),
        bounds=tuple(math.log(bound) for bound in _BOUNDS),
        method="bounded",
    )
    return math.exp(found.x)


def scale_temperature(model: Any, temperature: float) -> None:
    """Divide the logits of a model of the zoo by a temperature, in its weights."""
    for layer in resecanet.logit_layers(model):
        layer.set_weights([weights / temperature for weights in layer.get_weights()])


def calibration_limit(temperature: float) -> str:
    """What the figures of a model do not tell whose probabilities were calibrated so, a sentence."""
    return (
        f"The probabilities were made honest by one temperature ({temperature:.2f}), on the validation records: for "
        "another patient they may be too sure."
    )
