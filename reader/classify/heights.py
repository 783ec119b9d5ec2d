"""How high an ECG is, in mV: what standardised leads do not tell, and hypertrophy is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray

__all__ = ["DEVIATIONS", "HEIGHTS", "HIGHEST", "LOWEST", "NAMES", "TYPICAL_MV", "heights", "lead_heights", "with_sums"]

NAMES: Final = (
    "known",
    *(f"{lead} highest" for lead in LEADS),
    *(f"{lead} lowest" for lead in LEADS),
    *(f"{lead} ln deviation" for lead in LEADS),
    "Sokolow-Lyon",
    "Cornell",
)
"""What each number is. `known` is 1 where the heights are; where it is 0, all the others are."""
HEIGHTS: Final = len(NAMES)
HIGHEST, LOWEST, DEVIATIONS = (slice(1 + part * len(LEADS), 1 + (part + 1) * len(LEADS)) for part in range(3))
"""Those of each lead, by `LEADS`; the deviations are logarithms."""

_PARTS: Final = 5
"""The highest and lowest sample are the medians of those of so many parts of the signal, 2 s each, which have a beat
down to 30 bpm: one artefact or extrasystole does not change them."""
_MOST_MV: Final = 5.0
"""Higher is no ECG; it keeps the steps of an int8 input small."""
TYPICAL_MV: Final = 0.15
"""Median of the deviations over leads and recordings of PTB-XL: their logarithm is told from here."""
_COMMON_MV: Final = 2.0
"""Sokolow-Lyon and Cornell are told in these, to have the size of the others."""


def heights(filtered_mv: FloatArray, present: NDArray[np.bool_]) -> Float32Array:
    """The heights of up to ten seconds.

    Sokolow and Lyon 1949: S in V1 and the higher R of V5 and V6. Casale et al. 1985 (Cornell): R in aVL and S in V3.

    Args:
        filtered_mv: shape (12, n), rows by `LEADS`, without baseline.
        present: shape (12,), the leads that have a signal; numbers that need another are 0.

    Returns:
        Shape (`HEIGHTS`,), in the order of `NAMES`.
    """
    told = np.zeros(HEIGHTS, np.float32)
    if filtered_mv.shape[1] < _PARTS or not present.any():
        return told
    parts = np.array_split(filtered_mv, _PARTS, axis=1)
    highest = np.median([part.max(axis=1) for part in parts], axis=0)
    lowest = np.median([part.min(axis=1) for part in parts], axis=0)
    deviation = np.log(np.maximum(filtered_mv.std(axis=1), 1e-3) / TYPICAL_MV)
    by_lead = np.concatenate([np.where(present, each, 0.0) for each in (highest, lowest, deviation)])
    told[0] = 1.0
    told[1 : 1 + len(by_lead)] = np.clip(by_lead, -_MOST_MV, _MOST_MV)
    whole: Float32Array = with_sums(told[np.newaxis])[0]
    whole[lead_heights()[~present].any(axis=0)] = 0.0
    return whole


def with_sums(told: Float32Array) -> Float32Array:
    """The same heights, shape (n, `HEIGHTS`), with Sokolow-Lyon and Cornell made anew of those of each lead."""
    r_mv = dict(zip(LEADS, told[:, HIGHEST].T, strict=True))
    s_mv = dict(zip(LEADS, -told[:, LOWEST].T, strict=True))
    whole = told.copy()
    whole[:, -2] = (s_mv["V1"] + np.maximum(r_mv["V5"], r_mv["V6"])) / _COMMON_MV
    whole[:, -1] = (r_mv["aVL"] + s_mv["V3"]) / _COMMON_MV
    return whole


def lead_heights() -> NDArray[np.bool_]:
    """Shape (12, `HEIGHTS`): the numbers that need each lead, rows by `LEADS`."""
    needed = np.array([[name.startswith(f"{lead} ") for name in NAMES] for lead in LEADS])
    for name, leads in {"Sokolow-Lyon": ("V1", "V5", "V6"), "Cornell": ("aVL", "V3")}.items():
        needed[[LEADS.index(lead) for lead in leads], NAMES.index(name)] = True
    return needed
