"""Whether an answer counts: enough leads and time, the ECG of a heart, and leads that agree.

What is measured here is chosen, and its limits, on folds 1 to 8 of PTB-XL; the limits stand on the model's card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.heights import lead_heights
from reader.classify.probability import probabilities
from reader.twelve_leads import LEADS, LIMB_LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.model_file.card import Calibration
    from ecg.samples import Float32Array, FloatArray
    from reader.classify.model import SuperclassModel
    from reader.classify.preparation import Prepared

__all__ = [
    "DIPOLE_SHARE",
    "DISAGREEMENT",
    "LEADS_MISSING",
    "PEAKEDNESS",
    "SECONDS",
    "difference",
    "dipole_share",
    "disagreement",
    "halves",
    "peakedness",
    "reason_to_abstain",
]

LEADS_MISSING: Final = "most leads missing"
SECONDS: Final = "least seconds"
DIPOLE_SHARE: Final = "least dipole share"
PEAKEDNESS: Final = "least peakedness"
DISAGREEMENT: Final = "most disagreement"
"""Names of the limits on a card."""

_LIMB: Final = np.array([lead in LIMB_LEADS for lead in LEADS])
_LEAST_TOGETHER: Final = 200
"""Samples, 2 s, that the leads must have in common to be compared."""
_COMPONENTS: Final = 3


def reason_to_abstain(prepared: Prepared, model: SuperclassModel) -> str | None:
    """Why an answer does not count; None where it does.

    Args:
        prepared: what the model was shown.
        model: asked twice more, for either half of the leads.
    """
    limits = model.card.abstention
    missing = [lead for lead, present in zip(LEADS, prepared.present, strict=True) if not present]
    if len(missing) > limits[LEADS_MISSING]:
        return f"leads without a signal: {' '.join(missing)}"
    if prepared.duration_s < limits[SECONDS]:
        return f"only {prepared.duration_s:.1f} s of signal"
    if peakedness(prepared.leads) < limits[PEAKEDNESS]:
        return "no QRS complexes stand out: noise, or no ECG"
    if dipole_share(prepared.leads) < limits[DIPOLE_SHARE]:
        return "the leads do not show one heart: noise, or no ECG"
    if disagreement(prepared, model) > limits[DISAGREEMENT]:
        return "limb leads and chest leads tell different things"
    return None


def peakedness(leads: Float32Array) -> float:
    """Median kurtosis of the leads that have a signal: about 3 in noise and EEG, above 5 with QRS complexes.

    Args:
        leads: shape (samples, leads), standardised.
    """
    values = [_kurtosis(lead[lead != 0].astype(np.float64)) for lead in leads.T if np.count_nonzero(lead) > 1]
    return float(np.median(values)) if values else 0.0


def dipole_share(leads: Float32Array) -> float:
    """Share of the variance of all leads in three components: a heart's field is nearly a dipole's.

    Args:
        leads: shape (samples, leads), standardised.

    Returns:
        0 to 1; 1 where the leads have less than 2 s in common, so that nothing is known.
    """
    present = leads[:, leads.any(axis=0)]
    together = present[(present != 0).all(axis=1)].astype(np.float64)
    if present.shape[1] <= _COMPONENTS or len(together) < _LEAST_TOGETHER:
        return 1.0
    spread = together.std(axis=0)
    if not spread.all():
        return 1.0
    values = np.linalg.eigvalsh(np.corrcoef(together.T))
    return float(values[-_COMPONENTS:].sum() / values.sum())


def halves(prepared: Prepared) -> list[tuple[Float32Array, Float32Array]]:
    """Leads and heights without the chest leads, and without the limb leads."""
    found = []
    for dropped in (~_LIMB, _LIMB):
        leads, heights = prepared.leads.copy(), prepared.heights.copy()
        leads[:, dropped] = 0.0
        heights[lead_heights()[dropped].any(axis=0)] = 0.0
        found.append((leads, heights))
    return found


def disagreement(prepared: Prepared, model: SuperclassModel) -> float:
    """Largest difference of a probability between limb leads alone and chest leads alone; 0 without either."""
    if not (prepared.present & _LIMB).any() or not (prepared.present & ~_LIMB).any():
        return 0.0
    limb, chest = (model.answer(leads, heights).log_odds for leads, heights in halves(prepared))
    return difference(limb, chest, model.card.calibration)


def difference(limb: FloatArray, chest: FloatArray, calibration: Sequence[Calibration]) -> float:
    """As `disagreement`, of the two answers."""
    return float(np.abs(probabilities(limb, calibration) - probabilities(chest, calibration)).max())


def _kurtosis(values: FloatArray) -> float:
    centred = values - values.mean()
    variance = float((centred**2).mean())
    return float((centred**4).mean()) / variance**2 if variance > 0 else 0.0
