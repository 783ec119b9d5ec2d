"""What a few seconds show of the rhythm: its irregularity, whether P waves precede the beats, how alike these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ, VENTRICULAR
from edge.signal.irregularity import differing_shares
from reader.rhythm.beats_of_leads import p_wave_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecg.samples import Beat, FloatArray

__all__ = ["Evidence", "gather"]

_P_LEADS: Final = ("I", "II", "V1")
"""The leads in which P waves are looked for in practice. Over the folds 1 to 8 of PTB-XL their mean tells atrial
fibrillation better (AUC 0.989) than the mean of all twelve (0.982) or lead II alone (0.987)."""

_ALIKE: Final = 0.9
"""Cosine with the usual beat, from which on a beat is of the usual shape; noise that was taken for a beat is not."""

FEWEST_INTERVALS: Final = 3
"""As the monitor: fewer RR intervals tell no rhythm."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is seen.

    Attributes:
        intervals: RR intervals.
        heart_rate_bpm: by the median of them; None where there are too few.
        irregularity: smallest share of RR intervals that differ at any lag, 0 to 1 (`edge.signal.irregularity`).
        spread: standard deviation of the RR intervals over their mean.
        p_waves: evidence of P waves, -1 to 1.
        alike: share of the beats that have the usual shape or are ventricular, 0 to 1.
        ventricular: ventricular beats.
    """

    intervals: int
    heart_rate_bpm: float | None
    irregularity: float
    spread: float
    p_waves: float
    alike: float
    ventricular: int


def gather(beats: Sequence[Beat], in_leads: Mapping[str, Sequence[FloatArray | None]]) -> Evidence:
    """Look at the beats of a stretch.

    Args:
        beats: as the monitor labelled them.
        in_leads: the same beats in each lead, by the lead's name.
    """
    r_indices = [beat.index for beat in beats]
    rr = np.diff(np.array(r_indices, dtype=np.float64))
    inner = beats[1:-1]  # what is around the first and the last is not seen
    alike = [beat.label == VENTRICULAR or (beat.likeness is not None and beat.likeness >= _ALIKE) for beat in inner]
    leads = [lead for lead in _P_LEADS if lead in in_leads] or list(in_leads)
    enough = len(rr) >= FEWEST_INTERVALS
    return Evidence(
        intervals=len(rr),
        heart_rate_bpm=60 * SAMPLE_RATE_HZ / float(np.median(rr)) if enough else None,
        irregularity=min(differing_shares(rr), default=0.0),
        spread=float(rr.std() / rr.mean()) if enough else 0.0,
        p_waves=float(np.mean([p_wave_evidence(in_leads[lead], r_indices) for lead in leads])) if leads else 0.0,
        alike=float(np.mean(alike)) if alike else 0.0,
        ventricular=sum(beat.label == VENTRICULAR for beat in beats),
    )
