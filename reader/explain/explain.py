"""Explains the findings of a reading: asks the model again without some of the waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.asked import asked_model
from reader.classify.preparation import RATE_HZ, prepare
from reader.explain.attribution import lime, occlusion, shapley, slopes
from reader.explain.checks import LEAST_AGREEMENT, areas, ask_at_random, rank_correlation
from reader.explain.explanation import Checks, Explanation, Place
from reader.explain.gradients import grad_cam, integrated_gradients, of_parts, saliency
from reader.explain.perturbation import Perturbation, wave_of_samples
from reader.explain.words import told_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from reader.classify.asked import AskedModel
    from reader.explain.attribution import Ask
    from reader.explain.checks import AtRandom
    from reader.explain.methods import Method
    from reader.measure.measurements import BeatWaves
    from reader.twelve_leads import TwelveLeads

__all__ = ["Explained", "explain"]

_BY_ASKING: Final = {"occlusion": occlusion, "shap": shapley, "lime": lime}
_BY_GRADIENT: Final = {"saliency": saliency, "grad-cam": grad_cam, "integrated-gradients": integrated_gradients}
_SMOOTH: Final = np.ones(5) / 5
"""Samples of a gradient stand out one by one; the heat is their mean over 50 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """An explanation, and where its weights stand in the ECG.

    Attributes:
        explanation: in figures and words.
        heat: shape (12, n), rows by `LEADS`, at `rate_hz` from the start of the ECG: the weight of each sample, by a
            gradient, or of the wave that it belongs to, over the largest of them, -1 to 1; 0 between the waves.
        rate_hz: of the heat.
    """

    explanation: Explanation
    heat: FloatArray
    rate_hz: float


def explain(
    ecg: TwelveLeads,
    beats: Mapping[str, Sequence[BeatWaves]],
    labels: Sequence[str],
    *,
    method: Method = "occlusion",
    model: AskedModel | None = None,
) -> list[Explained]:
    """Explain findings of an ECG of up to 10 s.

    Args:
        ecg: as read.
        beats: the waves of each beat, by lead (`reader.measure.measurements.Measurements.beats`).
        labels: the findings, as the model calls them.
        method: by which the waves are weighed.
        model: to explain; None: the one that reads such an ECG.

    Returns:
        An explanation of each finding; none where no waves were found.

    Raises:
        InputError: the model does not run here.
    """
    if not labels or not any(beats.values()):
        return []
    prepared = prepare(ecg.samples_mv, float(ecg.rate_hz), is_calibrated=ecg.is_calibrated)
    asked = model or asked_model(ecg, prepared)
    if asked is None:
        return []
    wave = wave_of_samples(max(beats.values(), key=_waves_found), prepared.duration_s)
    perturbation = Perturbation(prepared, wave, asked.leads)
    parts = len(perturbation.parts)
    if not parts:
        return []

    def ask(kept: NDArray[np.bool_]) -> FloatArray:
        return asked.log_odds(*perturbation.keeping(kept))

    columns = {label: asked.labels.index(label) for label in labels}
    if method in _BY_GRADIENT:
        weights, maps = _by_gradient(method, asked, perturbation, columns)
    else:
        weights = _BY_ASKING[method](ask, parts)
        maps = {label: perturbation.map_of(weights[:, column]) for label, column in columns.items()}
    at_random = ask_at_random(ask, parts)
    other = (
        slopes(at_random.kept, at_random.answers, np.ones(len(at_random.kept)))
        if method != "lime"
        else occlusion(ask, parts)
    )
    length = round(prepared.duration_s * RATE_HZ)
    first = (prepared.leads.shape[0] - length) // 2
    explained = []
    for label, column in columns.items():
        heat = maps[label][:, first : first + length]
        largest = float(np.abs(heat).max()) or 1.0
        explanation = _explanation(
            label, method, perturbation.parts, weights[:, column], _checks(ask, weights, other, at_random, column)
        )
        explained.append(Explained(explanation, heat / largest, RATE_HZ))
    return explained


def _by_gradient(
    method: Method, asked: AskedModel, perturbation: Perturbation, columns: Mapping[str, int]
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Weights of the parts, shape (parts, labels of the model), and the map of each finding, shape (12, 1000)."""
    weights = np.zeros((len(perturbation.parts), len(asked.labels)))
    maps = {}
    for label, column in columns.items():
        of_samples, of_heights = _BY_GRADIENT[method](asked, perturbation, column)
        weights[:, column] = of_parts(perturbation, of_samples, of_heights)
        maps[label] = np.array([np.convolve(of_lead, _SMOOTH, "same") for of_lead in of_samples.T])
    return weights, maps


def _checks(ask: Ask, weights: FloatArray, other: FloatArray, at_random: AtRandom, column: int) -> Checks:
    deletion, insertion = areas(ask, np.argsort(-weights[:, column], kind="stable").tolist())
    return Checks(
        deletion=round(float(deletion[column]), 4),
        deletion_at_random=round(float(at_random.deletion[column]), 4),
        insertion=round(float(insertion[column]), 4),
        insertion_at_random=round(float(at_random.insertion[column]), 4),
        agreement=round(rank_correlation(weights[:, column], other[:, column]), 3),
    )


def _explanation(
    label: str, method: Method, parts: Sequence[tuple[str, str]], weights: FloatArray, checks: Checks
) -> Explanation:
    order = np.argsort(-weights, kind="stable")
    places = tuple(
        Place(lead=parts[number][0], wave=parts[number][1], weight=round(float(weights[number]), 4)) for number in order
    )
    by_lead: dict[str, float] = {}
    for (lead, _), weight in zip(parts, weights.tolist(), strict=True):
        by_lead[lead] = by_lead.get(lead, 0.0) + max(weight, 0.0)
    whole = sum(by_lead.values())
    shares = {lead: round(weight / whole, 4) if whole else 0.0 for lead, weight in by_lead.items()}
    return Explanation(
        finding=label,
        method=method,
        told_by=told_by(places),
        most_active_lead=max(shares, key=lambda lead: shares[lead]) if whole else None,
        leads=shares,
        places=places,
        checks=checks,
        unreliable=_why_unreliable(checks),
    )


def _why_unreliable(checks: Checks) -> str | None:
    if checks.deletion >= checks.deletion_at_random:
        return "the model misses the waves that are named no more than others"
    if checks.insertion <= checks.insertion_at_random:
        return "the waves that are named tell the model no more than others"
    if checks.agreement < LEAST_AGREEMENT:
        return "another method names other waves"
    return None


def _waves_found(beats: Sequence[BeatWaves]) -> int:
    return sum(wave is not None for beat in beats for wave in (beat.p, beat.qrs, beat.t))
