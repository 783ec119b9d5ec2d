"""Atrial fibrillation: each interval is drawn for itself, none has to do with the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range

__all__ = ["AtrialFibrillationParameters", "atrial_fibrillation", "random_intervals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialFibrillationParameters:
    """The numbers of `atrial_fibrillation`.

    Attributes:
        typical_s: median interval.
        spread: standard deviation of the intervals in ln.
        shortest_s: interval.
    """

    typical_s: Range = (0.42, 1.1)
    spread: Range = (0.1, 0.32)
    shortest_s: float = 0.28


_FIBRILLATION: Final = AtrialFibrillationParameters()


def atrial_fibrillation(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of a patient in atrial fibrillation, shape (count,), in s."""
    own = _FIBRILLATION
    typical_s, spread = rng.uniform(*own.typical_s), rng.uniform(*own.spread)
    return np.maximum(random_intervals(rng, count, typical_s=typical_s, spread=spread), own.shortest_s)


def random_intervals(
    rng: np.random.Generator, count: int, *, typical_s: float, spread: float, ln_offset: float = 0.0
) -> FloatArray:
    """Intervals whose logarithms are normally distributed, shape (count,), in s.

    Args:
        rng: the source of chance.
        count: beats.
        typical_s: median, with an offset of 0; mean, with one of minus half the square of `spread`.
        spread: standard deviation in ln.
        ln_offset: added to each logarithm.
    """
    return np.asarray(typical_s * np.exp(spread * rng.standard_normal(count) + ln_offset))
