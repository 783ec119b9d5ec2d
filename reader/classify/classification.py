"""What an ECG may show: its superclasses with their probabilities, or a reason to abstain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.abstention import reason_to_abstain
from reader.classify.model import shipped
from reader.classify.preparation import prepare, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.card import ModelCard
    from ecg.samples import FloatArray
    from reader.classify.model import SuperclassModel
    from reader.twelve_leads import TwelveLeads

__all__ = ["Classification", "classify"]

MODEL: Final = "twelve-lead"
EITHER: Final = "MI-or-STTC"
MOST_WINDOWS: Final = 6
"""A long recording is read in so many places of ten seconds; one that is read in more takes longer than a second on
a Raspberry Pi 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What an ECG may show.

    Attributes:
        superclasses: calibrated probability of each superclass of PTB-XL, in its order; None: no lead has a signal.
        mi_or_ischaemia: probability of myocardial infarction or ST-T changes.
        abstained: why these do not count; None: they do.
        card: of the model.
    """

    superclasses: Mapping[str, float] | None
    mi_or_ischaemia: float | None
    abstained: str | None
    card: ModelCard

    @property
    def model(self) -> str:
        """Name and version of the model."""
        return f"{self.card.name} {self.card.version}"


def classify(ecg: TwelveLeads, model: SuperclassModel | None = None) -> Classification:
    """Tell what an ECG may show.

    Of a recording longer than 20 s up to six stretches of 10 s are read, and what counts of them is averaged.

    Args:
        ecg: as read.
        model: by default the one that is part of this program.

    Raises:
        InputError: the model does not run here.
    """
    model = shipped(MODEL) if model is None else model
    told: list[tuple[FloatArray, str | None]] = []
    for samples_mv, _ in windows(ecg, MOST_WINDOWS):
        prepared = prepare(samples_mv, float(ecg.rate_hz), is_calibrated=ecg.is_calibrated)
        if prepared.present.any():
            log_odds = model.answer(prepared.leads, prepared.heights).log_odds
            told.append((log_odds, reason_to_abstain(prepared, model)))
    if not told:
        return Classification(
            superclasses=None,
            mi_or_ischaemia=None,
            abstained="no lead has a signal for half of the time",
            card=model.card,
        )
    counting = [log_odds for log_odds, reason in told if reason is None] or [log_odds for log_odds, _ in told]
    found = model.probabilities(np.mean(counting, axis=0))
    either = found.pop(EITHER)
    reasons = [reason for _, reason in told]
    return Classification(
        superclasses=found,
        mi_or_ischaemia=either,
        abstained=None if None in reasons else reasons[0],
        card=model.card,
    )
