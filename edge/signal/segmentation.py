"""From a QRS complex to the R peak and to the beat's 259 samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_AFTER, BEAT_BEFORE, BEAT_SAMPLES, FloatArray
from edge.signal.quantisation import from_steps

if TYPE_CHECKING:
    from edge.signal.filters import FilterBank

__all__ = ["RPeakFinder", "cut_beat"]

_SEARCH: Final = 25  # 70 ms: the largest deflection lies this near the band-passed signal's
_LEVEL_BEFORE, _LEVEL_AFTER = 72, 33  # 200 ms before to 92 ms after: the level that deflections are measured from
_LOYALTY: Final = 1.3  # a deflection of the usual polarity counts this much more
_POLARITY_WEIGHT: Final = 1 / 8
_PEAK_SHARE: Final = 0.4  # of what rises on at the end of the search, a peak within it has to have


class RPeakFinder:
    """Finds R peaks on the low-passed signal that segmentation uses: the largest deflection of the QRS complex.

    In a lead where the R and S waves are of like size the choice would change from beat to beat; the polarity seen most
    of late is therefore preferred.
    """

    def __init__(self) -> None:
        self._polarity = 0.0  # -1: all negative of late, +1: all positive

    def refine(self, filters: FilterBank, index: int) -> int:
        """360 Hz index of the R peak of the QRS complex near `index`."""
        first = max(index - _SEARCH, filters.low.start)
        deflection = filters.low[first : index + _SEARCH + 1]
        around = filters.low[index - _LEVEL_BEFORE : index + _LEVEL_AFTER]
        deflection = deflection - np.partition(around, len(around) // 2)[len(around) // 2]
        highest, lowest = int(deflection.argmax()), int(deflection.argmin())
        up, down = float(deflection[highest]), -float(deflection[lowest])
        if self._polarity > 0:
            up *= _LOYALTY
        elif self._polarity < 0:
            down *= _LOYALTY
        positive = up >= down
        self._polarity += _POLARITY_WEIGHT * ((1 if positive else -1) - self._polarity)
        found = highest if positive else lowest
        if found == len(deflection) - 1:  # not a peak, but an ST segment that rises on
            found = _last_peak(deflection if positive else -deflection, found)
        return first + found


def _last_peak(deflection: FloatArray, end: int) -> int:
    """The highest peak before the end of a rise, if it is high enough; else the end."""
    inner = deflection[1:-1]
    peaks = 1 + np.flatnonzero((inner > deflection[:-2]) & (inner >= deflection[2:]))
    peaks = peaks[deflection[peaks] >= _PEAK_SHARE * deflection[end]]
    return int(peaks[deflection[peaks].argmax()]) if len(peaks) else end


def cut_beat(
    filters: FilterBank, r_index: int, *, start: int, end: int, baseline_end: int | None = None
) -> FloatArray | None:
    """The beat signal in mV, shape (259,), around an R peak; None where [start, end) does not hold it all.

    From `baseline_end` on, where it is given, the baseline is taken to stay as it was just before.
    """
    first = r_index - BEAT_BEFORE
    if first < start or r_index + BEAT_AFTER >= end:
        return None
    span = slice(first, first + BEAT_SAMPLES)
    if baseline_end is None or baseline_end >= span.stop:
        return from_steps(filters.low[span] - filters.baseline[span])
    known = filters.baseline[first:baseline_end]
    return from_steps(filters.low[span] - np.pad(known, (0, BEAT_SAMPLES - len(known)), mode="edge"))
