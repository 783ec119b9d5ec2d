"""The patient's usual QRS complex, and whether it goes on through waves that hide it from the eye.

Rhythmic shaking of 3 to 8 Hz looks like ventricular fibrillation between the QRS complexes, and does not stop them. The
complexes are steeper than any shaking: the second difference of the low-passed signal over 8 ms keeps them and takes
96 % of a wave of 4 Hz away. In that signal the patient's own complex, learnt while no waves were seen, is looked for
with a matched filter (Turin, IRE Trans Inf Theory 6:311, 1960).

Fibrillation has small steep parts everywhere, some of which look like a low QRS complex. Through tremor the complexes
hold most of what is steep. Chosen on simulated tremor (3 to 8 Hz, 0.2 to 1.2 mV, QRS complexes of 0.5 to 2 mV), whose
median share is 0.5 to 0.98, and on `vfdb`, where it is 0.1 to 0.3 of the shapes found within ventricular rhythms.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray
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
_MEMORY: Final = 16  # beats that the size is averaged over
_FEWEST: Final = 8  # beats of one shape make it known
_LEAD: Final = 60  # so many more beats of another shape make that the usual one: an electrode was moved
_FIRST_LEAD: Final = 4  # while the first is not known yet

_FEWEST_FOUND: Final = 3
_LONGEST_GAP: Final = 648  # 1.8 s without one: a heart of 33 a minute
_SHORTEST_RR: Final = 155  # median, 0.43 s: 140 a minute; what is faster may itself be the arrhythmia
_MOST_VARIED: Final = 0.4  # standard deviation of the intervals over their mean; atrial fibrillation has 0.2 to 0.35
_SHARE: Final = 0.5  # of the power of the second difference lies within the complexes found


class _Shape:
    """A shape of QRS complexes.

    Attributes:
        edges: mean second difference, each of norm 1.
        whole: mean low-passed signal over its median, quantisation steps.
        size: mean norm of the second difference.
    """

    def __init__(self) -> None:
        self.edges = RunningMean(2 * _EDGES + 1)
        self.whole = RunningMean(2 * _WHOLE + 1)
        self.size = 0.0

    def is_like(self, unit_edges: FloatArray) -> bool:
        """Whether a complex is of this shape; any is of one without beats."""
        likeness = self.edges.cosine(unit_edges)
        return likeness is None or likeness >= _SAME

    def add(self, edges: FloatArray, size: float, whole: FloatArray) -> None:
        """Let a complex take part."""
        self.edges.add(edges / size)
        self.whole.add(whole - np.median(whole))
        self.size += (size - self.size) / min(self.edges.number, _MEMORY)


class UsualQrs:
    """Learns the complex of one patient, over all stretches of signal, and looks for it."""

    def __init__(self) -> None:
        self._usual = _Shape()
        self._rival = _Shape()
        self._lead = 0  # of the rival, in beats

    @property
    def is_known(self) -> bool:
        """Whether enough beats of one shape were seen."""
        return self._usual.edges.number >= _FEWEST

    def learn(self, filters: FilteredSignals, r_index: int) -> None:
        """Take a beat that was found where no waves were seen."""
        edges = _second_difference(filters.low[r_index - _EDGES - _LAG : r_index + _EDGES + _LAG + 1])
        whole = filters.low[r_index - _WHOLE : r_index + _WHOLE + 1]
        if len(edges) < 2 * _EDGES + 1 or len(whole) < 2 * _WHOLE + 1:
            return
        size = math.sqrt(float(edges @ edges))
        if size == 0:
            return
        if self._usual.is_like(edges / size):
            self._usual.add(edges, size, whole)
            self._lead = max(self._lead - 1, 0)
            return
        if not self._rival.is_like(edges / size):
            self._rival, self._lead = _Shape(), 0
        self._rival.add(edges, size, whole)
        self._lead += 1
        if self._lead >= (_LEAD if self.is_known else _FIRST_LEAD):
            self._usual, self._rival, self._lead = self._rival, _Shape(), 0

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
        if np.median(rr) < _SHORTEST_RR or rr.std() > _MOST_VARIED * rr.mean():
            return False
        return self._share(filters, start, end, found) >= _SHARE

    @property
    def height(self) -> float:
        """Peak to peak, quantisation steps; 0 while it is not known."""
        return float(np.ptp(self._usual.whole.mean)) if self.is_known else 0.0

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
        line = _second_difference(low)
        if not self.is_known or len(line) < 2 * _EDGES + 1:
            return np.zeros(0)
        usual = self._usual.edges.mean
        match = np.correlate(line, usual / math.sqrt(float(usual @ usual)), "valid")
        power = np.convolve(line * line, np.ones(len(usual)), "valid")
        least, most = (share * self._usual.size for share in _SIZE)
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


def _second_difference(line: FloatArray) -> FloatArray:
    return line[2 * _LAG :] - 2 * line[_LAG:-_LAG] + line[: -2 * _LAG]
