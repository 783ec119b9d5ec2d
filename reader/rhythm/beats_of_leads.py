"""The same heartbeats in each lead: cut as the monitor cuts a beat, the median beat, and what goes before each beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, SAMPLE_RATE_HZ
from edge.signal.p_wave import PWaveMeter
from edge.signal.segmentation import cut_beat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray
    from reader.rhythm.filtered_lead import FilteredLead

__all__ = ["QRS", "cut_beats", "median_beat", "p_wave_evidence"]

_AROUND: Final = 36
"""Samples, 100 ms: the QRS complex lies within that on either side of the R peak."""

QRS: Final = slice(BEAT_BEFORE - 22, BEAT_BEFORE + 30)
"""The QRS complex in a beat of 259 samples: from 61 ms before the R peak of the best lead to 83 ms after it."""

_LEVEL: Final = slice(BEAT_BEFORE - 32, BEAT_BEFORE - 24)
"""The level before the QRS complex, from which heights are counted."""


def cut_beats(lead: FilteredLead, r_indices: Sequence[int]) -> list[FloatArray | None]:
    """The beats of a lead, shape (259,), mV, at 360 Hz; None where a part is lost.

    Args:
        lead: filtered.
        r_indices: 360 Hz indices of the R peaks, which may come from another lead.
    """
    return [_cut(lead, index) for index in r_indices]


def _cut(lead: FilteredLead, r_index: int) -> FloatArray | None:
    for stretch in lead.stretches:
        if stretch.start <= r_index < stretch.end:
            return cut_beat(stretch.filters, r_index, start=stretch.start, end=stretch.end)
    return None


def median_beat(beats: Sequence[FloatArray | None]) -> FloatArray | None:
    """The median of the beats of a lead, from the level before the QRS complex; None without a whole beat."""
    whole = [beat for beat in beats if beat is not None]
    if not whole:
        return None
    beat: FloatArray = np.median(whole, axis=0)
    beat -= np.median(beat[_LEVEL])
    return beat


def p_wave_evidence(beats: Sequence[FloatArray | None], r_indices: Sequence[int]) -> float:
    """How much the same wave precedes the beats, -1 to 1 (`edge.signal.p_wave`); 0 where it cannot be seen.

    About 0 in atrial fibrillation. Beats that follow fast do not count: the T wave before lies where the P wave is.
    """
    meter = PWaveMeter()
    found = []
    for place, (beat, r_index) in enumerate(zip(beats, r_indices, strict=True)):
        rr_s = (r_index - r_indices[place - 1]) / SAMPLE_RATE_HZ if place else None
        if beat is None or (rr_s is not None and not meter.can_be_seen(rr_s)):
            continue
        height_mv = float(np.ptp(beat[BEAT_BEFORE - _AROUND : BEAT_BEFORE + _AROUND]))
        evidence = meter.measure(beat, height_mv)
        if evidence is not None:
            found.append(evidence)
        meter.add(beat, height_mv)
    return float(np.mean(found)) if found else 0.0
