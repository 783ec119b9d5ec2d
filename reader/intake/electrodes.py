"""Whether the arm electrodes were exchanged, or the heart lies on the right: told by lead I beside V6.

Exchanged arms turn lead I over and leave the chest leads as they are, so that its QRS complex runs against that of V6,
with which it goes otherwise (Batchvarov et al. 2007, Europace 9:1081). In dextrocardia V6 looks from the far side as
well: both are turned over, and the QRS complexes become smaller from V1 to V6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.rhythm.beats_of_leads import QRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.samples import FloatArray

__all__ = ["doubts_about_electrodes"]

_AGAINST: Final = 0.0
_UPRIGHT: Final = 0.2
"""Correlation of the QRS complexes of I and V6 below which, and balance of that of I below which, the arms are
suspected. Chosen on the folds 1 to 8 of PTB-XL with the arms exchanged in software (`python benchmarks/twelve_leads.py
electrodes`): 98 % of them suspected, and 3 of 1,491 that are as recorded. The P wave added nothing."""

_DOWNWARD: Final = -0.2
"""Balance of the QRS complexes of I and V6 below which both are turned over; 2 of 1,734 recordings of PTB-XL."""

_INVERTED_P_MV: Final = -0.04
"""Height of a P wave in lead I that is surely upside down; wide QRS complexes alone turn I and V6 over too."""

_LEAST_MV: Final = 0.05
"""Added to the height that a balance is a share of, so that a QRS complex that is hardly there has none."""

_P_WAVE: Final = slice(24, 77)  # 208 to 61 ms before the R peak


def doubts_about_electrodes(median_beats: Mapping[str, FloatArray]) -> str:
    """What is doubtful about the place of the electrodes, as a sentence; empty if nothing is.

    Args:
        median_beats: as `reader.rhythm` gives them, of leads that were recorded.
    """
    if any(lead not in median_beats for lead in ("I", "V1", "V6")):
        return ""
    one, first, last = (median_beats[lead][QRS] for lead in ("I", "V1", "V6"))
    of_one, of_first, of_last = _balance(one), _balance(first), _balance(last)
    if np.ptp(one) > 0 and np.ptp(last) > 0 and np.corrcoef(one, last)[0, 1] < _AGAINST and of_one < _UPRIGHT:
        return (
            "the arm electrodes may be exchanged (lead I runs against V6): then I is upside down, and II and III, aVR "
            "and aVL stand for each other"
        )
    if (
        of_one < _DOWNWARD
        and of_last < _DOWNWARD
        and of_last <= of_first
        and _p_wave_mv(median_beats["I"]) < _INVERTED_P_MV
    ):
        return "lead I and V6 are both upside down: dextrocardia, or electrodes on the right of the chest"
    return ""


def _balance(qrs: FloatArray) -> float:
    """Height less depth of a QRS complex over their sum, -1 to 1."""
    highest, lowest = float(qrs.max()), float(qrs.min())
    return (highest + lowest) / (highest - lowest + _LEAST_MV)


def _p_wave_mv(beat: FloatArray) -> float:
    """Height of the P wave, or its depth if it is deeper, from the level before it."""
    before, wave = beat[: _P_WAVE.start], beat[_P_WAVE]
    wave = wave - np.median(before)
    return float(wave.max() + wave.min())
