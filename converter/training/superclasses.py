"""Training a model on the superclasses of PTB-XL: networks by cross-validation over folds 1 to 8, together one model.

Each network answers for the part that it did not learn from: the calibration is chosen on those answers. Fold 9 is
only told about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from converter.datasets.superclasses import CLASSES
from converter.datasets.twelve_leads import LEARNED_FOLDS, TOLD_FOLD
from converter.evaluation.answers import areas, bootstrap, brier_scores, calibration_errors
from converter.training.lead_examples import of_lead
from converter.training.platt import cross_fitted, fit_calibration
from converter.training.superclass_network import fit, predict
from converter.training.superclass_run import SuperclassRun, TrainedOn
from converter.training.superclass_settings import LABELS
from converter.training.vary_leads import Examples
from reader.classify.probability import probabilities
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from converter.datasets.catalogue import Dataset
    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.lead_examples import LeadExamples
    from converter.training.superclass_settings import SuperclassSettings
    from converter.training.teacher import Teacher
    from ecg.samples import Float32Array, FloatArray

__all__ = ["examples_of", "parts_of", "train", "trained_on"]

_CHOSEN_LEAD: Final = "II"
"""The lead that figures, calibration and limits of a model of one lead are of."""


def examples_of(recordings: TwelveLeadSet) -> Examples:
    """The recordings as the network takes them; the last target is whether MI or STTC holds."""
    either = recordings.shows[:, [CLASSES.index("MI"), CLASSES.index("STTC")]].any(axis=1)
    targets = np.column_stack([recordings.shows, either]).astype(np.float32)
    return Examples(leads=recordings.leads, heights=recordings.heights, targets=targets)


def parts_of(recordings: TwelveLeadSet, parts: int) -> list[np.ndarray[Any, np.dtype[np.bool_]]]:
    """For each part the mask of its recordings, shape (n,): whole folds, and so whole patients."""
    return [np.isin(recordings.fold, folds) for folds in np.array_split(LEARNED_FOLDS, parts)]


def trained_on(datasets: Mapping[str, Dataset], recordings: TwelveLeadSet, teacher: Teacher | None = None) -> TrainedOn:
    """What a run notes of its data."""
    digests = {name: each.digest for name, each in datasets.items()}
    return TrainedOn(datasets=digests, prepared=recordings.digest(), teacher=teacher.digest if teacher else "")


def train(
    settings: SuperclassSettings,
    recordings: TwelveLeadSet,
    data: TrainedOn,
    out: Path,
    teacher: Teacher | None = None,
) -> dict[str, Any]:
    """Train, or go on training, and leave the run folder.

    Args:
        settings: of the run.
        recordings: of folds 1 to 9.
        data: what they are.
        out: the run folder.
        teacher: of a model of one lead, where there is one.

    Returns:
        What `metrics.json` holds: figures of the float model.

    Raises:
        InputError: `out` holds another run.
    """
    run = SuperclassRun(out)
    run.open(settings, data)
    learned = recordings.folds(*LEARNED_FOLDS)
    told = recordings.folds(TOLD_FOLD)
    kept = _share(learned, settings)
    unseen = np.zeros((len(learned), len(LABELS)))
    answers: list[Float32Array] = []
    by_lead = _ByLead(len(told)) if settings.one_lead is not None else None
    for number, part in enumerate(parts_of(learned, settings.parts), start=1):
        name = f"{settings.model}, network {number} of {settings.parts}"
        seed = settings.seed + number
        model = fit(run.network(number), settings, _lesson(learned.take(~part & kept), settings, teacher), seed, name)
        unseen[part] = predict(model, _shown(examples_of(learned.take(part)), settings))
        answers.append(predict(model, _shown(examples_of(told), settings)))
        if by_lead is not None:
            by_lead.add(model, examples_of(told))
    results = _results(learned, unseen, told, np.mean(answers, axis=0, dtype=np.float64))
    np.savez_compressed(
        run.predictions_path,
        ecg_id=np.concatenate([learned.ecg_id, told.ecg_id]),
        log_odds=np.concatenate([unseen, np.mean(answers, axis=0)]),
    )
    if by_lead is not None:
        results["told_auc_by_lead"] = by_lead.areas(examples_of(told).targets > 0.5)
    run.finish({"model": settings.model, "labels": list(LABELS), "recordings_learned": int(kept.sum()), **results})
    return run.results()


def _lesson(learned: TwelveLeadSet, settings: SuperclassSettings, teacher: Teacher | None) -> Examples:
    """What a network learns from: the labels, or the labels and what the teacher says."""
    examples = examples_of(learned)
    if settings.one_lead is None or teacher is None:
        return examples
    targets = teacher.taught(learned.ecg_id, examples.targets, settings.one_lead.taught)
    return Examples(leads=examples.leads, heights=examples.heights, targets=targets)


def _shown(examples: Examples, settings: SuperclassSettings) -> Examples | LeadExamples:
    """As a network of these settings is asked."""
    return examples if settings.one_lead is None else of_lead(examples, _CHOSEN_LEAD)


class _ByLead:
    """What the networks together say of recordings by each lead, and by lead II where nobody says that it is."""

    def __init__(self, count: int) -> None:
        self._log_odds = {name: np.zeros((count, len(LABELS))) for name in (*LEADS, "II, not named")}

    def add(self, model: Any, examples: Examples) -> None:
        """Add what one more network says."""
        for name in self._log_odds:
            lead, comma, _ = name.partition(",")
            self._log_odds[name] += predict(model, of_lead(examples, lead, is_named=not comma))

    def areas(self, truth: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
        """Areas under the ROC curves by lead and label."""
        return {
            name: dict(zip(LABELS, areas(truth, log_odds).tolist(), strict=True))
            for name, log_odds in self._log_odds.items()
        }


def _share(learned: TwelveLeadSet, settings: SuperclassSettings) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mask of the recordings of the share of patients that is learned from; a larger share holds a smaller one."""
    patients = np.random.default_rng(settings.seed).permutation(np.unique(learned.patient))
    return np.isin(learned.patient, patients[: round(settings.learned_share * len(patients))])


def _results(learned: TwelveLeadSet, unseen: FloatArray, told: TwelveLeadSet, answers: FloatArray) -> dict[str, Any]:
    truth, truth_told = (examples_of(each).targets > 0.5 for each in (learned, told))
    calibration = fit_calibration(truth, unseen)
    calibrated = np.concatenate([cross_fitted(truth, unseen, learned.fold), probabilities(answers, calibration)])
    both = np.concatenate([truth, truth_told])
    spreads = bootstrap(truth_told, answers, told.patient, len(CLASSES))
    return {
        "calibration": [{"slope": each.slope, "offset": each.offset} for each in calibration],
        "recordings": {"learned": len(learned), "told": len(told)},
        "positives": {
            name: dict(zip(LABELS, each.sum(axis=0).tolist(), strict=True))
            for name, each in (("learned", truth), ("told", truth_told))
        },
        "unseen_auc": dict(zip(LABELS, areas(truth, unseen).tolist(), strict=True)),
        "told_auc": {name: list(spread) for name, spread in zip((*LABELS, "mean"), spreads, strict=True)},
        "unseen_ece": dict(zip(LABELS, calibration_errors(both, calibrated).tolist(), strict=True)),
        "unseen_brier": dict(zip(LABELS, brier_scores(both, calibrated).tolist(), strict=True)),
    }
