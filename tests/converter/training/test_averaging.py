"""The running average of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.training.averaging import WeightAverage

if TYPE_CHECKING:
    from pathlib import Path


class Weights:
    """The one method of a Keras model that the average asks for."""

    def __init__(self, value: float) -> None:
        self.value = value

    def get_weights(self) -> list[np.ndarray]:
        return [np.full((2, 3), self.value, np.float32)]


def test_without_decay_it_is_the_newest_weights() -> None:
    average = WeightAverage(Weights(1.0), 0.0)
    average.update(Weights(5.0))
    assert (average.weights[0] == 5.0).all()


def test_it_forgets_by_its_decay() -> None:
    average = WeightAverage(Weights(0.0), 0.9)
    for _ in range(10):
        average.update(Weights(1.0))
    assert average.weights[0] == pytest.approx(1 - 0.9**10)


def test_it_survives_a_restart(tmp_path: Path) -> None:
    average = WeightAverage(Weights(0.0), 0.5)
    average.update(Weights(1.0))
    average.save(tmp_path / "average.npz")
    again = WeightAverage(Weights(7.0), 0.5)
    again.load(tmp_path / "average.npz")
    again.update(Weights(1.0))
    assert again.weights[0] == pytest.approx(0.75)
