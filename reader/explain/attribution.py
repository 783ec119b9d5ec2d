"""Weights of the parts of an ECG in an answer, by three methods that only ask the model.

- Occlusion: what the answer loses without a part (Zeiler and Fergus 2014).
- SHAP: the mean of what a part adds over all orders in which the parts may come, by weighted least squares over random
  sets of parts and their complements (KernelSHAP, Lundberg and Lee 2017; paired, Covert and Lee 2021).
- LIME: the slopes of a ridge regression near the ECG as it is (Ribeiro et al. 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["Ask", "lime", "occlusion", "shapley", "slopes"]

if TYPE_CHECKING:
    Ask = Callable[[NDArray[np.bool_]], FloatArray]
    """From the parts that are kept, shape (parts,), to the log odds, shape (labels,)."""

_SHAP_PAIRS: Final = 250
_LIME_SAMPLES: Final = 500
_LIME_WIDTH: Final = 0.25
"""Width of the kernel, share of the parts taken out."""
_RIDGE: Final = 1.0
_SEED: Final = 1


def occlusion(ask: Ask, parts: int) -> FloatArray:
    """What each answer loses without each part, shape (parts, labels)."""
    whole = ask(np.ones(parts, dtype=bool))
    return np.array([whole - ask(np.arange(parts) != part) for part in range(parts)])


def shapley(ask: Ask, parts: int) -> FloatArray:
    """Shapley values, estimated; shape (parts, labels). Their sum is what all parts add together."""
    whole, none = ask(np.ones(parts, dtype=bool)), ask(np.zeros(parts, dtype=bool))
    if parts == 1:
        return (whole - none)[np.newaxis]
    random = np.random.default_rng(_SEED)
    sizes = np.arange(1, parts)
    chances = 1 / (sizes * (parts - sizes))
    kept = np.zeros((2 * _SHAP_PAIRS, parts), dtype=bool)
    for pair in range(_SHAP_PAIRS):
        size = int(random.choice(sizes, p=chances / chances.sum()))
        kept[2 * pair, random.choice(parts, size, replace=False)] = True
        kept[2 * pair + 1] = ~kept[2 * pair]
    answers = np.array([ask(each) for each in kept]) - none
    # The last part takes what the others leave, so that the sum holds exactly.
    design = kept[:, :-1].astype(np.float64) - kept[:, -1:]
    target = answers - kept[:, -1:] * (whole - none)
    found, *_ = np.linalg.lstsq(design, target, rcond=None)
    values: FloatArray = np.vstack([found, (whole - none) - found.sum(axis=0)])
    return values


def lime(ask: Ask, parts: int) -> FloatArray:
    """Slopes of a linear model near the whole ECG, shape (parts, labels)."""
    random = np.random.default_rng(_SEED)
    kept = random.random((_LIME_SAMPLES, parts)) < random.uniform(0.3, 1.0, (_LIME_SAMPLES, 1))
    answers = np.array([ask(each) for each in kept])
    gone = 1 - kept.mean(axis=1)
    return slopes(kept, answers, np.exp(-((gone / _LIME_WIDTH) ** 2)))


def slopes(kept: NDArray[np.bool_], answers: FloatArray, weights: FloatArray) -> FloatArray:
    """Slopes of a ridge regression, shape (parts, labels).

    Args:
        kept: shape (samples, parts), the parts that each sample has.
        answers: shape (samples, labels).
        weights: shape (samples,).
    """
    share = weights / weights.sum()
    x = kept - share @ kept
    y = answers - share @ answers
    weighted = x * weights[:, np.newaxis]
    found: FloatArray = np.linalg.solve(weighted.T @ x + _RIDGE * np.eye(x.shape[1]), weighted.T @ y)
    return found
