"""Running mean of shapes, with which the next one is compared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["RunningMean"]

_WEIGHT: Final = 1 / 16  # of the newest


class RunningMean:
    """Mean of vectors: of all while there are few, then with a fixed weight of the newest.

    Attributes:
        number: of vectors that took part.
    """

    def __init__(self, length: int) -> None:
        self.number = 0
        self._mean = np.zeros(length)
        self._norm: float | None = 0.0  # None: changed since

    @property
    def mean(self) -> FloatArray:
        """The mean, shape (length,); zeros while there is none."""
        return self._mean

    def product(self, vector: FloatArray) -> float | None:
        """Inner product of a vector with the mean; None where there is none."""
        return float(vector @ self._mean) if self.number else None

    def cosine(self, vector: FloatArray) -> float | None:
        """As `product`, with the mean brought to unit length."""
        if self._norm is None:
            self._norm = math.sqrt(float(self._mean @ self._mean))
        return float(vector @ self._mean) / self._norm if self._norm > 0 else None

    def add(self, vector: FloatArray) -> None:
        """Let a vector take part."""
        self.number += 1
        self._mean += max(1 / self.number, _WEIGHT) * (vector - self._mean)
        self._norm = None
