"""How the differences between patients are drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["Range", "log_uniform", "wander"]

Range = tuple[float, float]
"""Lowest and highest value that a patient may have."""


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Drawn so that its logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def wander(
    rng: np.random.Generator, count: int, now: float, *, most: float, typical_beats: float, moves: tuple[int, int]
) -> FloatArray:
    """Change of a rate in ln, shape (count,), that stays, then moves to another one, and so on.

    Args:
        rng: the source of chance.
        count: beats.
        now: the change to begin with.
        most: the largest change either way.
        typical_beats: for which one stays, on average.
        moves: the fewest beats of a move, and one more than the most.
    """
    ln_change = np.empty(count)
    number = 0
    while number < count:
        stay = slice(number, number + 1 + int(rng.geometric(1 / typical_beats)))
        ln_change[stay] = now
        then = rng.uniform(-most, most)
        beats = int(rng.integers(*moves))
        move = ln_change[stay.stop : stay.stop + beats]
        move[:] = np.linspace(now, then, beats + 1)[1 : 1 + len(move)]
        number, now = stay.stop + beats, then
    return ln_change
