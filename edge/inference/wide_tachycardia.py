"""A sudden regular tachycardia of wide beats is ventricular until shown otherwise.

Of wide regular tachycardias four in five are ventricular, and to take one for supraventricular is the dangerous error
(Brugada et al., Circulation 83:1649, 1991; the 2017 AHA/ACC/HRS guideline says the same in those words). A model that
sees one beat and the intervals around it cannot tell it from an atrial tachycardia once its intervals are what is
usual. What tells it is what is known of the patient: it came at once, faster than the own rhythm, in a shape that is
not the own one, is wider, and never came slowly. A bundle branch block that is the patient's own shape is none.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import fmean, median
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from edge.signal.beat_morphology import FILING, LIKE, QRS, qrs_width_s

if TYPE_CHECKING:
    from edge.signal.beat_morphology import BeatMorphology, MeasuredBeat

__all__ = ["WideTachycardia"]

_IN_A_ROW: Final = 3
"""Beats that make a tachycardia."""
_ALIKE: Final = 0.15
"""By so much of their mean two successive intervals of a regular one differ at most."""
_LAST: Final = 6
_FOREIGN: Final = 5
"""Of the last six beats so many that are wide and unlike the usual one, at the rate of a tachycardia, are a polymorphic
one, ..."""
_UNLIKE: Final = 0.5
"""... where their correlations with the usual one differ by so much: its axis turns. A block of a bundle in atrial
fibrillation makes one shape."""

_TWO_CYCLES, _MOST_CYCLES, _MISFIT = 1.4, 3, 0.18
"""Shares of a cycle. Its R peaks lie in other places of its beats as their axis turns."""
_LOWEST_MV, _LOWER = 0.4, 0.5
"""Peak to peak, and as a share of the usual beat: what is lower may be noise that was found in a low ECG."""


class _Foreign(NamedTuple):
    rr_s: float
    is_foreign: bool  # wider than the usual beat, and unlike it
    to_usual: float


class WideTachycardia:
    """Follows how many of the last beats may be ventricular by shape, width and rate, one after the other.

    Args:
        morphology: the shapes of the beats so far.
    """

    def __init__(self, morphology: BeatMorphology) -> None:
        self._morphology = morphology
        self._in_a_row = 0
        self._rr_s: float | None = None
        self._last: deque[_Foreign] = deque(maxlen=_LAST - 1)

    def includes(self, beat: MeasuredBeat, *, moves: bool = False) -> bool:
        """Whether the next beat goes on with such a tachycardia; leaves no trace.

        Args:
            beat: the next one.
            moves: the baseline moves, by more than breath: what takes many shapes then may be motion.
        """
        is_regular = self._in_a_row + 1 >= _IN_A_ROW and self._is_of_one(beat)
        return is_regular or self._is_polymorphic(self._foreign(beat, moves=moves))

    def add(self, beat: MeasuredBeat, *, moves: bool = False) -> None:
        """Count the next beat; one that does not fit in, such as a captured one, begins the count anew."""
        self._in_a_row = self._in_a_row + 1 if self._is_of_one(beat) else 0
        self._rr_s = beat.rr_before_s
        self._last.append(self._foreign(beat, moves=moves))

    def _is_of_one(self, beat: MeasuredBeat) -> bool:
        rr_s, shape = beat.rr_before_s, beat.shape
        if rr_s is None or shape is None:
            return False
        if not (self._morphology.is_fast(rr_s) and self._morphology.may_be_ventricular(shape)):
            return False
        return self._rr_s is None or not self._in_a_row or abs(rr_s - self._rr_s) <= _ALIKE * (rr_s + self._rr_s) / 2

    def _foreign(self, beat: MeasuredBeat, *, moves: bool) -> _Foreign:
        rr_s, usual = beat.rr_before_s, self._morphology.usual
        if rr_s is None or usual is None or moves or beat.to_usual >= LIKE:
            return _Foreign(math.inf if rr_s is None else rr_s, is_foreign=False, to_usual=beat.to_usual)
        is_wide = qrs_width_s(beat.window_mv) >= usual.width_s + FILING.wider_s
        is_high = float(np.ptp(beat.window_mv[QRS])) >= max(_LOWEST_MV, _LOWER * float(np.ptp(usual.mean_mv[QRS])))
        return _Foreign(rr_s, is_foreign=is_wide and is_high, to_usual=beat.to_usual)

    def _is_polymorphic(self, beat: _Foreign) -> bool:
        """Whether the beat goes on with a tachycardia of many shapes."""
        last = [*self._last, beat]
        foreign = [each.to_usual for each in last if each.is_foreign]
        if not last[-1].is_foreign or len(foreign) < _FOREIGN or max(foreign) - min(foreign) < _UNLIKE:
            return False
        rr_s = [each.rr_s for each in last]
        return self._morphology.is_fast(fmean(rr_s)) and _are_of_one_cycle(rr_s)


def _are_of_one_cycle(rr_s: list[float]) -> bool:
    """Whether all intervals but one are one to three cycles long, as where beats were missed; motion has no cycle."""
    cycle_s = median(each for each in rr_s if each < _TWO_CYCLES * min(rr_s))
    cycles = [each / cycle_s for each in rr_s if math.isfinite(each)]
    fit = sum(abs(each - min(round(each), _MOST_CYCLES)) <= _MISFIT for each in cycles)
    return fit >= len(rr_s) - 1
