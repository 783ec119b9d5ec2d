"""How well a model file of the superclasses does on PTB-XL, by the reader's own way from prepared seconds to an answer.

Limits to abstain by are chosen on folds 1 to 8; every figure is of fold 9, which nothing was chosen on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.superclasses import CLASSES
from converter.datasets.twelve_leads import TOLD_FOLD
from converter.evaluation.answers import areas, bootstrap, brier_scores, calibration_errors
from converter.evaluation.tables import Table
from converter.progress import track
from ecg.model_file.card import AnswerFigures, AnswerResults
from reader.classify.abstention import (
    DIPOLE_SHARE,
    PEAKEDNESS,
    dipole_share,
    halves,
    peakedness,
    reason_to_abstain,
)
from reader.classify.heights import lead_heights
from reader.classify.preparation import DURATION_S, Prepared
from reader.classify.probability import probabilities
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.datasets.twelve_leads import TwelveLeadSet
    from ecg.samples import FloatArray
    from reader.classify.model import SuperclassModel

__all__ = ["SIGNAL_QUANTILE", "evaluate", "prepared_of", "shows", "signal_limits", "table"]

SIGNAL_QUANTILE: Final = 0.005
"""Share of the recordings of folds 1 to 8 that either limit on the signal turns away."""
_MISSING: Final = (1, 3, 6)
_SPOKEN: Final = {"MI-or-STTC": "MI or STTC", "mean": "mean of the five"}


def shows(recordings: TwelveLeadSet) -> NDArray[np.bool_]:
    """Shape (n, 6): the superclasses, and whether MI or STTC holds."""
    either = recordings.shows[:, [CLASSES.index("MI"), CLASSES.index("STTC")]].any(axis=1)
    return np.column_stack([recordings.shows, either])


def prepared_of(recordings: TwelveLeadSet, number: int) -> Prepared:
    """A recording as the reader prepares it."""
    leads = recordings.leads[number]
    return Prepared(
        leads=leads, heights=recordings.heights[number], present=leads.any(axis=0), duration_s=float(DURATION_S)
    )


def signal_limits(recordings: TwelveLeadSet) -> dict[str, float]:
    """Limits on the signal, of recordings of folds 1 to 8."""
    measured = {PEAKEDNESS: peakedness, DIPOLE_SHARE: dipole_share}
    return {
        name: round(float(np.quantile([measure(leads) for leads in recordings.leads], SIGNAL_QUANTILE)), 3)
        for name, measure in measured.items()
    }


def evaluate(
    model: SuperclassModel, recordings: TwelveLeadSet, float_log_odds: FloatArray | None = None
) -> AnswerResults:
    """Judge a model.

    Args:
        model: as loaded from its file.
        recordings: of PTB-XL; fold 9 is looked at.
        float_log_odds: shape (n of fold 9, labels), of the float model; None: it is not at hand.
    """
    told = recordings.folds(TOLD_FOLD)
    truth = shows(told)
    log_odds = np.array([_answer(model, prepared_of(told, number)) for number in track(range(len(told)), "fold 9")])
    found = probabilities(log_odds, model.card.calibration)
    spreads = bootstrap(truth, log_odds, told.patient, len(CLASSES))
    in_float = np.full(truth.shape[1], np.nan) if float_log_odds is None else areas(truth, float_log_odds)
    errors, squares = calibration_errors(truth, found), brier_scores(truth, found)
    answers = {
        label: AnswerFigures(
            examples=int(truth[:, number].sum()),
            float_auc=_rounded(in_float[number]),
            auc=_rounded(spreads[number].value),
            auc_95=(round(spreads[number].low, 4), round(spreads[number].high, 4)),
            ece=round(float(errors[number]), 4),
            brier=round(float(squares[number]), 4),
        )
        for number, label in enumerate(model.card.labels)
    }
    mean = spreads[-1]
    notes = (
        f"Mean AUC of the five superclasses: {mean.value:.3f} ({mean.low:.3f} to {mean.high:.3f}).",
        *_of_heights(told, truth, log_odds),
        _of_abstaining(model, told, truth, log_odds),
        *_of_missing_leads(model, told, truth),
    )
    return AnswerResults(
        tested_on=f"fold 9 of PTB-XL, {len(told)} recordings; intervals over patients",
        examples=len(told),
        answers=answers,
        notes=notes,
    )


def table(results: AnswerResults) -> Table:
    """The same for people."""
    rows = [
        (
            _SPOKEN.get(label, label),
            f"{each.examples}",
            f"{each.auc:.3f} ({each.auc_95[0]:.3f} to {each.auc_95[1]:.3f})" if each.auc and each.auc_95 else "",
            "" if each.float_auc is None else f"{each.float_auc:.3f}",
            f"{each.ece:.3f}",
            f"{each.brier:.3f}",
        )
        for label, each in results.answers.items()
    ]
    columns = ("", "shown by", "AUC, int8 (95 %)", "AUC, float", "ECE", "Brier")
    return Table(results.tested_on, columns, rows, results.notes)


def _answer(model: SuperclassModel, prepared: Prepared) -> FloatArray:
    return model.answer(prepared.leads, prepared.heights).log_odds


def _of_heights(told: TwelveLeadSet, truth: NDArray[np.bool_], log_odds: FloatArray) -> list[str]:
    known = told.heights[:, 0] > 0
    return [
        f"{name} ({mask.sum()} recordings): {_told(truth[mask], log_odds[mask])}."
        for name, mask in (("Heights known", known), ("Heights lost", ~known))
        if mask.any() and not mask.all()
    ]


def _of_abstaining(model: SuperclassModel, told: TwelveLeadSet, truth: NDArray[np.bool_], log_odds: FloatArray) -> str:
    reasons = [reason_to_abstain(prepared_of(told, number), model) for number in track(range(len(told)), "abstaining")]
    stays = np.array([reason is None for reason in reasons])
    counted = {reason: reasons.count(reason) for reason in sorted({reason for reason in reasons if reason})}
    why = "; ".join(f"{count} {reason}" for reason, count in counted.items())
    return (
        f"Abstained: {(~stays).sum()} of {len(told)} ({100 * (~stays).mean():.1f} %: {why or 'none'}); "
        f"of the rest: {_told(truth[stays], log_odds[stays])}."
    )


def _of_missing_leads(model: SuperclassModel, told: TwelveLeadSet, truth: NDArray[np.bool_]) -> list[str]:
    """Leads taken away at random, the same for each model."""
    lines = []
    for count in _MISSING:
        rng = np.random.default_rng(count)
        answers = []
        for number in track(range(len(told)), f"{count} missing"):
            dropped = np.isin(np.arange(len(LEADS)), rng.choice(len(LEADS), count, replace=False))
            leads, heights = told.leads[number].copy(), told.heights[number].copy()
            leads[:, dropped] = 0.0
            heights[lead_heights()[dropped].any(axis=0)] = 0.0
            answers.append(model.answer(leads, heights).log_odds)
        lines.append(
            f"{count} lead{'s' if count > 1 else ''} missing, drawn at random: {_told(truth, np.array(answers))}."
        )
    halved = [[_answer(model, _half(told, number, half)) for number in range(len(told))] for half in (0, 1)]
    lines += [
        f"{name} leads alone: {_told(truth, np.array(answers))}."
        for name, answers in zip(("Limb", "Chest"), halved, strict=True)
    ]
    return lines


def _half(told: TwelveLeadSet, number: int, half: int) -> Prepared:
    prepared = prepared_of(told, number)
    leads, heights = halves(prepared)[half]
    present = np.asarray(leads.any(axis=0))
    return Prepared(leads=leads, heights=heights, present=present, duration_s=prepared.duration_s)


def _told(truth: NDArray[np.bool_], log_odds: FloatArray) -> str:
    found = areas(truth, log_odds)
    return f"MI or STTC {found[len(CLASSES)]:.3f}, mean of the five {found[: len(CLASSES)].mean():.3f}"


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
