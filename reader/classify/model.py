"""A model of the superclasses at work: from ten prepared seconds to log odds and features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.model_file.container import read
from ecg.model_file.loading import load_model
from models import DIRECTORY
from reader.classify.heights import HEIGHTS
from reader.classify.preparation import SAMPLES, companded
from reader.classify.probability import probabilities

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.model_file.card import ModelCard
    from ecg.model_file.quantised import QuantisedModel
    from ecg.samples import Float32Array, FloatArray

__all__ = ["FEATURE_MAP", "Answer", "SuperclassModel", "load", "shipped"]

FEATURE_MAP: Final = "map"
"""Further output of such a model: its last feature map, shape (positions, features)."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model makes of ten seconds.

    Attributes:
        log_odds: shape (labels,), not calibrated.
        features: shape (features,), the feature map averaged over time.
    """

    log_odds: FloatArray
    features: FloatArray


class SuperclassModel:
    """A model of the superclasses.

    Args:
        card: of its file.
        quantised: the model.
    """

    def __init__(self, card: ModelCard, quantised: QuantisedModel) -> None:
        self.card = card
        self._quantised = quantised

    def answer(self, leads: Float32Array, heights: Float32Array) -> Answer:
        """The answer to prepared leads, shape (1000, leads), and heights, shape (`HEIGHTS`,)."""
        output = self._quantised.run({"leads": companded(leads), "heights": heights})
        features = self._quantised.further(FEATURE_MAP).mean(axis=0)
        return Answer(self._quantised.probabilities(output), features)

    def probabilities(self, log_odds: FloatArray) -> dict[str, float]:
        """Calibrated, by label."""
        found = probabilities(log_odds, self.card.calibration)
        return dict(zip(self.card.labels, found.tolist(), strict=True))


def load(path: Path, *, is_trusted: bool = False) -> SuperclassModel:
    """The model of a file.

    Args:
        path: of the file.
        is_trusted: it is part of this program, and is loaded without a trial.

    Raises:
        InputError: it cannot be read, does not run here, or is no model of the superclasses.
    """
    model_file = read(path)
    card = model_file.card
    shapes = {spec.name: spec.shape for spec in card.inputs}
    further = [spec.name for spec in card.further_outputs]
    wanted = {"leads": (SAMPLES, 12), "heights": (HEIGHTS,)}
    if card.task != "twelve-lead" or shapes != wanted or further != [FEATURE_MAP] or not card.calibration:
        raise InputError(f"Model file {path} is no model of the superclasses that this version runs.")
    return SuperclassModel(card, load_model(model_file, is_trusted=is_trusted))


@cache
def shipped(name: str) -> SuperclassModel:
    """A model that is part of this program, loaded once.

    Raises:
        InputError: as `load`.
    """
    return load(DIRECTORY / f"{name}.tflite", is_trusted=True)
