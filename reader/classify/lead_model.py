"""A model of one lead at work: from ten prepared seconds to log odds, by whichever lead."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.model_file.container import read
from ecg.model_file.loading import load_model
from models import DIRECTORY
from reader.classify.model import FEATURE_MAP, Answer, Slopes, slope_of_prepared
from reader.classify.one_lead import ABOUT, heights_told, one_lead
from reader.classify.preparation import SAMPLES
from reader.classify.probability import probabilities
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.model_file.card import ModelCard
    from ecg.model_file.quantised import QuantisedModel
    from ecg.samples import Float32Array, FloatArray

__all__ = ["BEST_FIRST", "LeadModel", "load", "shipped"]

BEST_FIRST: Final = ("V6", "V5", "II", "aVR", "I", "V4", "aVF", "V3", "V1", "aVL", "V2", "III")
"""The leads by how much they tell, the mean area over the five superclasses on folds 1 to 8 of PTB-XL
(`benchmarks/CHOICES.md`): the first of those that are there is asked."""


class LeadModel:
    """A model of the superclasses that is shown one lead.

    Args:
        card: of its file.
        quantised: the model.
    """

    def __init__(self, card: ModelCard, quantised: QuantisedModel) -> None:
        self.card = card
        self._quantised = quantised

    def answer(self, leads: Float32Array, heights: Float32Array, lead: str, *, is_named: bool = True) -> Answer:
        """The answer to one of the prepared leads.

        Args:
            leads: shape (1000, 12), see `reader.classify.preparation`.
            heights: shape (`HEIGHTS`,).
            lead: which of them is shown.
            is_named: whether it is sure that it is that lead.
        """
        output = self._quantised.run(_inputs(leads, heights, lead, is_named=is_named))
        features = self._quantised.further(FEATURE_MAP).mean(axis=0)
        return Answer(self._quantised.probabilities(output), features)

    def slopes(
        self, leads: Float32Array, heights: Float32Array, lead: str, label: int, *, is_named: bool = True
    ) -> Slopes:
        """How the log odds of one label change, 0 with the other leads; arguments as for `answer`.

        Raises:
            InputError: the file holds no gradient; the message goes on after "the model".
        """
        inputs = _inputs(leads, heights, lead, is_named=is_named)
        found = self._quantised.gradient(inputs, np.eye(len(self.card.labels), dtype=np.float32)[label])
        of_leads = np.zeros(leads.shape)
        column = LEADS.index(lead)
        of_leads[:, column] = slope_of_prepared(found.slopes["lead"][:, 0], leads[:, column])
        of_heights = np.zeros(len(heights))
        told, columns = heights_told(lead)
        of_heights[columns] = found.slopes["about"][told]
        return Slopes(
            log_odds=float(found.log_odds[label]),
            leads=of_leads,
            heights=of_heights,
            activation=(found.further[FEATURE_MAP] * found.slopes[FEATURE_MAP]).sum(axis=1),
        )

    def probabilities(self, log_odds: FloatArray) -> dict[str, float]:
        """Calibrated, by label."""
        found = probabilities(log_odds, self.card.calibration)
        return dict(zip(self.card.labels, found.tolist(), strict=True))


def _inputs(leads: Float32Array, heights: Float32Array, lead: str, *, is_named: bool) -> dict[str, Float32Array]:
    number = np.array([LEADS.index(lead)])
    inputs = one_lead(leads[np.newaxis], heights[np.newaxis], number, np.array([is_named]))
    return {name: values[0] for name, values in inputs.items()}


def load(path: Path, *, is_trusted: bool = False) -> LeadModel:
    """The model of a file.

    Args:
        path: of the file.
        is_trusted: it is part of this program, and is loaded without a trial.

    Raises:
        InputError: it cannot be read, does not run here, or is no model of one lead.
    """
    model_file = read(path)
    card = model_file.card
    shapes = {spec.name: spec.shape for spec in card.inputs}
    further = [spec.name for spec in card.further_outputs]
    wanted = {"lead": (SAMPLES, 1), "about": (len(ABOUT),)}
    if card.task != "lead" or shapes != wanted or further != [FEATURE_MAP] or not card.calibration:
        raise InputError(f"Model file {path} is no model of one lead that this version runs.")
    return LeadModel(card, load_model(model_file, is_trusted=is_trusted))


@cache
def shipped(name: str) -> LeadModel:
    """A model that is part of this program, loaded once.

    Raises:
        InputError: as `load`.
    """
    return load(DIRECTORY / f"{name}.tflite", is_trusted=True)
