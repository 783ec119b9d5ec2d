"""How well a model file of one lead does on fold 9 of PTB-XL, by lead II and by each of the twelve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.superclasses import CLASSES
from converter.datasets.twelve_leads import TOLD_FOLD
from converter.evaluation.answers import areas, bootstrap, brier_scores, calibration_errors
from converter.evaluation.superclasses import shows
from converter.progress import track
from ecg.model_file.card import AnswerFigures, AnswerResults
from reader.classify.abstention import PEAKEDNESS, peakedness
from reader.classify.probability import probabilities
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.datasets.twelve_leads import TwelveLeadSet
    from ecg.samples import FloatArray
    from reader.classify.lead_model import LeadModel

__all__ = ["CHOSEN_LEAD", "evaluate", "peakedness_limit"]

CHOSEN_LEAD: Final = "II"
_QUANTILE: Final = 0.005
"""Share of the recordings of folds 1 to 8 whose lead II the limit on the signal turns away."""


def peakedness_limit(learned: TwelveLeadSet) -> float:
    """What a lead's peakedness must reach, of recordings of folds 1 to 8."""
    lead = LEADS.index(CHOSEN_LEAD)
    measured = [peakedness(leads[:, [lead]]) for leads in learned.leads]
    return round(float(np.quantile(measured, _QUANTILE)), 3)


def evaluate(model: LeadModel, recordings: TwelveLeadSet, float_log_odds: FloatArray | None = None) -> AnswerResults:
    """Judge a model.

    Args:
        model: as loaded from its file.
        recordings: of PTB-XL; fold 9 is looked at.
        float_log_odds: shape (n of fold 9, labels), of the float model by lead II; None: it is not at hand.
    """
    told = recordings.folds(TOLD_FOLD)
    truth = shows(told)
    log_odds = _answers(model, told, CHOSEN_LEAD)
    found = probabilities(log_odds, model.card.calibration)
    spreads = bootstrap(truth, log_odds, told.patient, len(CLASSES))
    in_float = np.full(truth.shape[1], np.nan) if float_log_odds is None else areas(truth, float_log_odds)
    errors, squares = calibration_errors(truth, found), brier_scores(truth, found)
    mean = spreads[-1]
    return AnswerResults(
        tested_on=f"fold 9 of PTB-XL, {len(told)} recordings, lead II alone; intervals over patients",
        examples=len(told),
        answers={
            label: AnswerFigures(
                examples=int(truth[:, number].sum()),
                float_auc=_rounded(in_float[number]),
                auc=_rounded(spreads[number].value),
                auc_95=(round(spreads[number].low, 4), round(spreads[number].high, 4)),
                ece=round(float(errors[number]), 4),
                brier=round(float(squares[number]), 4),
            )
            for number, label in enumerate(model.card.labels)
        },
        notes=(
            f"Mean AUC of the five superclasses: {mean.value:.3f} ({mean.low:.3f} to {mean.high:.3f}).",
            *_of_heights(told, truth, log_odds),
            _of_abstaining(model, told, truth, log_odds),
            f"Lead II that nobody named: {_told(truth, _answers(model, told, CHOSEN_LEAD, is_named=False))}.",
            *(f"Lead {lead}: {_told(truth, _answers(model, told, lead))}." for lead in LEADS if lead != CHOSEN_LEAD),
        ),
    )


def _answers(model: LeadModel, told: TwelveLeadSet, lead: str, *, is_named: bool = True) -> FloatArray:
    """Shape (n, labels)."""
    numbers = track(range(len(told)), f"lead {lead}")
    return np.array([model.answer(told.leads[n], told.heights[n], lead, is_named=is_named).log_odds for n in numbers])


def _of_heights(told: TwelveLeadSet, truth: NDArray[np.bool_], log_odds: FloatArray) -> list[str]:
    known = told.heights[:, 0] > 0
    return [
        f"{name} ({mask.sum()} recordings): {_told(truth[mask], log_odds[mask])}."
        for name, mask in (("Heights known", known), ("Heights lost", ~known))
        if mask.any() and not mask.all()
    ]


def _of_abstaining(model: LeadModel, told: TwelveLeadSet, truth: NDArray[np.bool_], log_odds: FloatArray) -> str:
    lead = LEADS.index(CHOSEN_LEAD)
    limit = model.card.abstention[PEAKEDNESS]
    stays = np.array([peakedness(leads[:, [lead]]) >= limit for leads in told.leads])
    of_all = f"{(~stays).sum()} of {len(told)} ({100 * (~stays).mean():.1f} %)"
    return f"Abstained: {of_all}; of the rest: {_told(truth[stays], log_odds[stays])}."


def _told(truth: NDArray[np.bool_], log_odds: FloatArray) -> str:
    found = areas(truth, log_odds)
    return f"MI or STTC {found[len(CLASSES)]:.3f}, mean of the five {found[: len(CLASSES)].mean():.3f}"


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
