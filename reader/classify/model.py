"""A model of the superclasses at work: from ten prepared seconds to log odds and features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

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

__all__ = ["FEATURE_MAP", "Answer", "Slopes", "SuperclassModel", "load", "shipped", "slope_of_prepared"]

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


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """How one log odds changes with what the model is shown.

    Attributes:
        log_odds: it, of the float network.
        leads: shape (1000, 12), the gradient in the prepared leads, before they are companded.
        heights: shape (`HEIGHTS`,), the gradient in the heights.
        activation: shape (positions,), the class activation map (Zhou et al. 2016): what each position of the last
            feature map adds, the features weighed as in the answer. Grad-CAM (Selvaraju et al. 2017) gives the same for
            a network that ends in a mean over time and one dense layer.
    """

    log_odds: float
    leads: FloatArray
    heights: FloatArray
    activation: FloatArray


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

    def slopes(self, leads: Float32Array, heights: Float32Array, label: int) -> Slopes:
        """How the log odds of one label change; arguments as for `answer`.

        Raises:
            InputError: the file holds no gradient; the message goes on after "the model".
        """
        inputs = {"leads": companded(leads), "heights": heights}
        found = self._quantised.gradient(inputs, np.eye(len(self.card.labels), dtype=np.float32)[label])
        return Slopes(
            log_odds=float(found.log_odds[label]),
            leads=slope_of_prepared(found.slopes["leads"], leads),
            heights=found.slopes["heights"],
            activation=(found.further[FEATURE_MAP] * found.slopes[FEATURE_MAP]).sum(axis=1),
        )

    def probabilities(self, log_odds: FloatArray) -> dict[str, float]:
        """Calibrated, by label."""
        found = probabilities(log_odds, self.card.calibration)
        return dict(zip(self.card.labels, found.tolist(), strict=True))


def slope_of_prepared(slope: FloatArray, leads: Float32Array) -> FloatArray:
    """A gradient in companded leads, as one in the leads before that: the slope of arcsinh is 1 / sqrt(1 + x^2)."""
    return slope / np.sqrt(1.0 + leads.astype(np.float64) ** 2)


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
