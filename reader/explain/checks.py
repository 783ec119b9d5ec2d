"""Whether an explanation holds: the waves that it names are those whose loss the model feels.

Deletion and insertion: Petsiuk, Das and Saenko 2018 (RISE). The baseline is the ECG without any of its waves; parts are
taken out, or put in, in ten steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from reader.explain.attribution import Ask

__all__ = ["LEAST_AGREEMENT", "AtRandom", "areas", "ask_at_random", "rank_correlation"]

_STEPS: Final = 10
_ORDERS: Final = 3
_SEED: Final = 2
LEAST_AGREEMENT: Final = 0.2
"""Rank correlation of two methods below which they do not tell the same."""


@dataclass(frozen=True, slots=True, eq=False)
class AtRandom:
    """What the model answers while parts go, or come, in random orders.

    Attributes:
        deletion, insertion: mean areas, shape (labels,).
        kept: the sets of parts that were asked for, shape (samples, parts).
        answers: to them, shape (samples, labels).
    """

    deletion: FloatArray
    insertion: FloatArray
    kept: NDArray[np.bool_]
    answers: FloatArray


def areas(ask: Ask, order: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Mean answers while the parts are taken out, and put in, in an order; each of shape (labels,)."""
    sets = _sets(order)
    return (
        np.mean([ask(~taken) for taken in sets], axis=0),
        np.mean([ask(taken) for taken in sets], axis=0),
    )


def ask_at_random(ask: Ask, parts: int) -> AtRandom:
    """The same in random orders."""
    random = np.random.default_rng(_SEED)
    kept = []
    for _ in range(_ORDERS):
        sets = _sets(random.permutation(parts).tolist())
        kept += [[~taken for taken in sets], list(sets)]
    answers = np.array([[ask(each) for each in sets] for sets in kept])
    means = answers.mean(axis=1)
    return AtRandom(
        deletion=means[0::2].mean(axis=0),
        insertion=means[1::2].mean(axis=0),
        kept=np.array(kept).reshape(-1, parts),
        answers=answers.reshape(-1, answers.shape[-1]),
    )


def rank_correlation(one: FloatArray, other: FloatArray) -> float:
    """Spearman's rank correlation; 0 where one of them is the same everywhere."""
    ranks = [each.argsort().argsort().astype(np.float64) for each in (one, other)]
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _sets(order: Sequence[int]) -> list[NDArray[np.bool_]]:
    """The first tenth, two tenths, ... of the parts in an order."""
    sets = []
    for step in range(1, _STEPS + 1):
        taken = np.zeros(len(order), dtype=bool)
        taken[list(order[: round(step * len(order) / _STEPS)])] = True
        sets.append(taken)
    return sets
