"""R peaks: where each heartbeat of an ECG is, the same for all of its leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reader.rhythm.best_lead import best_lead, filter_leads, judge_leads
from reader.rhythm.watch import blocks_of, watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reader.twelve_leads import TwelveLeads

__all__ = ["r_peaks"]


def r_peaks(ecg: TwelveLeads) -> NDArray[np.int64]:
    """Find the heartbeats, with the monitor's own detector in the lead that shows them best (`best_lead`).

    The detector needs no time to learn: it judges the first two seconds once it has seen them. On the 166 records of
    `ludb` (10 s) it finds 1,515 of 1,518 marked QRS complexes and no other within the marked span; a second pass over
    the same 10 s, with what was learned on the first, finds none that the first did not.

    Returns:
        Indices of the R peaks among the samples of `ecg`, increasing; empty where no beat is found. An R peak is the
        largest deflection of the QRS complex in that one lead; in another lead it may lie some 10 ms beside its own.

    Raises:
        InputError: the rate cannot be resampled (50 Hz to 20 kHz can).
    """
    leads = filter_leads(ecg, ecg.present)
    best = best_lead(leads, judge_leads(leads))
    if best is None:
        return np.empty(0, dtype=np.int64)
    found = watch(blocks_of(ecg.lead_mv(best), ecg.rate_hz), ecg.rate_hz).r_indices
    return np.array([index for index in found if 0 <= index < ecg.length], dtype=np.int64)
