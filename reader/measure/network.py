"""The delineation network at work: probabilities of P, QRS and T at each sample of a lead."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.model_file.container import read
from ecg.model_file.loading import load_model
from models import DIRECTORY
from reader.measure.preparation import WINDOW_SAMPLES, network_input
from reader.measure.waves import ORDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecg.samples import Float32Array, FloatArray

__all__ = ["MODEL", "WaveNetwork", "over_windows", "shipped_network"]

MODEL: Final = DIRECTORY / "delineation.tflite"

MARGIN: Final = 256
"""Of a window that another window follows or goes before: about a second, in which a beat may be cut."""


class WaveNetwork:
    """A delineation network from its model file.

    Args:
        path: of the model file.
        is_trusted: it is part of this program, and is not tried in a process of its own first.

    Raises:
        InputError: the file is no delineation network for this version, or is damaged.
    """

    def __init__(self, path: Path, *, is_trusted: bool = False) -> None:
        model_file = read(path)
        self.card = model_file.card
        self._model = load_model(model_file, is_trusted=is_trusted)
        self._columns = [self.card.labels.index(label) for label in ORDER]

    def probabilities(self, samples_mv: FloatArray) -> FloatArray:
        """Shape (n, 4): P, QRS, T and none at each sample of a prepared lead, shape (n,)."""
        return over_windows(self._window, samples_mv)

    def _window(self, window: Float32Array) -> FloatArray:
        output = self._model.run({"leads": window[:, np.newaxis]})
        return self._model.probabilities(output)[:, self._columns]


def over_windows(network: Callable[[Float32Array], FloatArray], samples_mv: FloatArray) -> FloatArray:
    """Probabilities over a lead of any length, of windows that overlap.

    Args:
        network: from what the network is shown, shape (WINDOW_SAMPLES,), to probabilities (WINDOW_SAMPLES, 4).
        samples_mv: shape (n,), a prepared lead.
    """
    length = len(samples_mv)
    found = np.zeros((length, len(ORDER)))
    last = max(length - WINDOW_SAMPLES, 0)
    for first in (*range(0, last, WINDOW_SAMPLES - 2 * MARGIN), last):
        stretch = samples_mv[first : first + WINDOW_SAMPLES]
        window = np.zeros(WINDOW_SAMPLES, np.float32)
        window[: len(stretch)] = network_input(stretch)
        seen = MARGIN if first else 0
        found[first + seen : first + len(stretch)] = network(window)[seen : len(stretch)]
    return found


@cache
def shipped_network() -> WaveNetwork:
    """The network that ships, loaded once."""
    return WaveNetwork(MODEL, is_trusted=True)
