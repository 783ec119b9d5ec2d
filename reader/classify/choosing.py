"""Which model reads an ECG: that of twelve leads where there are enough of them, else that of one lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify import classification, lead_model
from reader.classify.abstention import PEAKEDNESS, SECONDS, peakedness
from reader.classify.classification import EITHER, MOST_WINDOWS, Classification
from reader.classify.preparation import prepare, windows
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from reader.classify.lead_model import LeadModel
    from reader.classify.model import SuperclassModel
    from reader.classify.preparation import Prepared
    from reader.twelve_leads import TwelveLeads

__all__ = ["FEWEST_OF_TWELVE", "LEAD_MODEL", "classify", "classify_lead", "lead_to_ask"]

LEAD_MODEL: Final = "lead-ii"
FEWEST_OF_TWELVE: Final = 6
"""Leads with a signal from which on the model of twelve is asked: with fewer it abstains. Two limb leads are enough,
since the other four are derived from them."""


def classify(ecg: TwelveLeads, model: SuperclassModel | None = None) -> Classification:
    """Tell what an ECG may show, by the model for as many leads as it has.

    Args:
        ecg: as read.
        model: a model of twelve leads to ask, whatever leads there are; None: the one that ships and fits.

    Raises:
        InputError: the model does not run here.
    """
    if model is not None or len(ecg.present) >= FEWEST_OF_TWELVE:
        return classification.classify(ecg, model)
    return classify_lead(ecg, lead_model.shipped(LEAD_MODEL))


def classify_lead(ecg: TwelveLeads, model_of_one: LeadModel) -> Classification:
    """Tell what an ECG of few leads may show: by the lead among those there that tells most.

    Of a recording longer than 20 s several stretches of 10 s are read, and what counts of them is averaged.
    """
    told: list[tuple[FloatArray, str | None]] = []
    for samples_mv, _ in windows(ecg, MOST_WINDOWS):
        prepared = prepare(samples_mv, float(ecg.rate_hz), is_calibrated=ecg.is_calibrated)
        lead = lead_to_ask(prepared)
        if lead is not None:
            answer = model_of_one.answer(prepared.leads, prepared.heights, lead, is_named=ecg.is_lead_known)
            told.append((answer.log_odds, _reason(prepared, lead, model_of_one)))
    if not told:
        return Classification(
            superclasses=None, mi_or_ischaemia=None, abstained="no lead has a signal", card=model_of_one.card
        )
    counting = [log_odds for log_odds, reason in told if reason is None] or [log_odds for log_odds, _ in told]
    found = model_of_one.probabilities(np.mean(counting, axis=0))
    either = found.pop(EITHER)
    reasons = [reason for _, reason in told]
    return Classification(
        superclasses=found,
        mi_or_ischaemia=either,
        abstained=None if None in reasons else reasons[0],
        card=model_of_one.card,
    )


def lead_to_ask(prepared: Prepared) -> str | None:
    """The lead that is asked; None where there is no signal."""
    present = {lead for lead, is_present in zip(LEADS, prepared.present, strict=True) if is_present}
    return next((lead for lead in lead_model.BEST_FIRST if lead in present), None)


def _reason(prepared: Prepared, lead: str, model_of_one: LeadModel) -> str | None:
    """Why an answer does not count; None where it does."""
    limits = model_of_one.card.abstention
    if prepared.duration_s < limits[SECONDS]:
        return f"only {prepared.duration_s:.1f} s of signal"
    if peakedness(prepared.leads[:, [LEADS.index(lead)]]) < limits[PEAKEDNESS]:
        return "no QRS complexes stand out: noise, or no ECG"
    return None
