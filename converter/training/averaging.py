"""A running average of a model's weights over the steps of its training.

Polyak and Juditsky 1992 (Acceleration of stochastic approximation by averaging), with exponential forgetting. From one
epoch to the next the figures on other patients jump about with the last few batches; those of the average do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["WeightAverage"]


class WeightAverage:
    """The average, begun at a model's present weights.

    Args:
        model: a Keras model; the moving statistics of its batch normalisations are averaged too.
        decay: what the average keeps of itself at each step; 0: it is the newest weights.
    """

    def __init__(self, model: Any, decay: float) -> None:
        self._decay = decay
        self.weights: list[Any] = model.get_weights()

    def update(self, model: Any, most: float = 1.0) -> None:
        """Take the weights after one more step; the average keeps `most` of itself at most."""
        kept = min(self._decay, most)
        self.weights = [
            kept * average + (1 - kept) * new for average, new in zip(self.weights, model.get_weights(), strict=True)
        ]

    def save(self, path: Path) -> None:
        """Write the average to an `.npz` file."""
        np.savez(path, *self.weights)

    def load(self, path: Path) -> None:
        """Take up the average that `save` wrote."""
        with np.load(path) as arrays:
            self.weights = [arrays[name] for name in arrays.files]
