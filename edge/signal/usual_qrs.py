"""The patient's usual QRS complex, and whether it goes on through waves that hide it from the eye.

Rhythmic shaking of 3 to 8 Hz looks like ventricular fibrillation between the QRS complexes, and does not stop them. The
complexes are steeper than any shaking: the second difference of the low-passed signal over 8 ms keeps them and takes
96 % of a wave of 4 Hz away. In that signal the patient's own complex (`edge.signal.beat_morphology`) is looked for
with a matched filter (Turin, IRE Trans Inf Theory 6:311, 1960).

Fibrillation has small steep parts everywhere, some of which look like a low QRS complex. Through tremor the complexes
hold most of what is steep. Chosen on simulated tremor (3 to 8 Hz, 0.2 to 1.2 mV, QRS complexes of 0.5 to 2 mV), whose
median share is 0.5 to 0.98, and on `vfdb`, where it is 0.1 to 0.3 of the shapes found within ventricular rhythms.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE
from edge.signal.quantisation import STEPS_PER_MV

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.signal.beat_morphology import BeatMorphology, UsualBeat
    from edge.signal.filters import FilteredSignals

__all__ = ["UsualQrs"]

_LAG: Final = 3  # 8 ms
_EDGES: Final = 20  # 56 ms: the steep parts of a QRS complex reach this far on either side of the R peak
_WHOLE: Final = 45  # 125 ms: the complex with its slow parts
_APART: Final = 72  # 200 ms: no two complexes lie nearer to each other
_SAME: Final = 0.8  # cosine from which on a complex is the usual one
_SIMILAR: Final = 0.7  # cosine from which on it may be one, where the others are known to go on
_NEAR: Final = 36  # 100 ms
_SIZE: Final = (0.4, 2.0)  # of the usual one's: a wave that is much larger is another thing
_FEWEST: Final = 8  # beats of one shape make it known

_FEWEST_FOUND: Final = 3
_LONGEST_GAP: Final = 648  # 1.8 s without one: a heart of 33 a minute
_SHORTEST_RR: Final = 155  # median, 0.43 s: 140 a minute; what is faster may itself be the arrhythmia
_MOST_VARIED: Final = 0.4  # standard deviation of the intervals over their mean; atrial fibrillation has 0.2 to 0.35
_SHARE: Final = 0.5  # of the power of the second difference lies within the complexes found


class UsualQrs:
    """Looks for the QRS complex of the patient's usual beat.

    Args:
        morphology: knows that beat.
    """

    def __init__(self, morphology: BeatMorphology) -> None:
        self._morphology = morphology

    @property
    def is_known(self) -> bool:
        """Whether enough beats of one shape were seen."""
        usual = self._morphology.usual
        return usual is not None and usual.count.beats >= _FEWEST

    def goes_on(self, filters: FilteredSignals, start: int, end: int) -> bool:
        """Whether the complex comes again and again, from one 360 Hz index to another, as beats of one heart do."""
        if not self.is_known:
            return False
        found = self._find(filters, start, end)
        if len(found) < _FEWEST_FOUND:
            return False
        rr = np.diff(found)
        if max(found[0] - start, end - found[-1], int(rr.max())) > _LONGEST_GAP:
            return False
        if median(rr.tolist()) < _SHORTEST_RR or rr.std() > _MOST_VARIED * rr.mean():
            return False
        return self._share(filters, start, end, found) >= _SHARE

    @property
    def height(self) -> float:
        """Peak to peak, quantisation steps; 0 while it is not known."""
        usual = self._morphology.usual
        return float(np.ptp(_steps(usual, _WHOLE))) if usual is not None and self.is_known else 0.0

    def places(self, filters: FilteredSignals, start: int, stop: int) -> list[int]:
        """R peaks of such complexes from one 360 Hz index up to another, each the best within 100 ms."""
        first = max(start - _NEAR, filters.low.start + _EDGES + _LAG)
        cosine = self._match(filters.low[first - _EDGES - _LAG : stop + _NEAR + _EDGES + _LAG])
        found = []
        for place in np.flatnonzero(cosine >= _SIMILAR).tolist():
            around = cosine[max(place - _NEAR, 0) : place + _NEAR + 1]
            if start <= first + place < stop and cosine[place] >= around.max():
                found.append(first + place)
        return found

    def _match(self, low: FloatArray) -> FloatArray:
        """Cosine with the usual complex at each place; 0 where what lies there is too small or too large."""
        line, usual = _second_difference(low), self._morphology.usual
        if usual is None or not self.is_known or len(line) < 2 * _EDGES + 1:
            return np.zeros(0)
        edges = _second_difference(_steps(usual, _EDGES + _LAG))
        size = math.sqrt(float(edges @ edges))
        match = np.correlate(line, edges / max(size, 1.0), "valid")
        total = np.concatenate((np.zeros(1), np.cumsum(line * line)))
        power = total[len(edges) :] - total[: -len(edges)]
        least, most = (share * size for share in _SIZE)
        within: FloatArray = np.where((match >= least) & (match <= most), match, 0.0)
        return within / np.sqrt(np.maximum(power, 1.0))

    def _find(self, filters: FilteredSignals, start: int, end: int) -> list[int]:
        """Where it lies, in order: the best match first, none near to a better one."""
        cosine = self._match(filters.low[start - _LAG : end + _LAG])
        if len(cosine) < end - start - 2 * _EDGES:
            return []
        found: list[int] = []
        while cosine[best := int(cosine.argmax())] >= _SAME:
            found.append(start + best + _EDGES)
            cosine[max(0, best - _APART) : best + _APART] = 0.0
        return sorted(found)

    @staticmethod
    def _share(filters: FilteredSignals, start: int, end: int, found: list[int]) -> float:
        """How much of the power of the second difference lies within the complexes found."""
        power = _second_difference(filters.low[start - _LAG : end + _LAG]) ** 2
        within = sum(float(power[max(each - start - _EDGES, 0) : each - start + _EDGES + 1].sum()) for each in found)
        return within / max(float(power.sum()), 1.0)


def _steps(usual: UsualBeat, reach: int) -> FloatArray:
    """The usual beat up to so many samples on either side of its R peak, quantisation steps."""
    return STEPS_PER_MV * usual.mean_mv[BEAT_BEFORE - reach : BEAT_BEFORE + reach + 1]


def _second_difference(line: FloatArray) -> FloatArray:
    return line[2 * _LAG :] - 2 * line[_LAG:-_LAG] + line[: -2 * _LAG]
