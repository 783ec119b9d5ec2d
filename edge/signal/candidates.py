"""Candidates for QRS complexes: the local maxima of the integrated energy, each with what the decision needs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.signal.filters import BAND_DELAY, FEATURE_DELAY, LOW_PASS_DELAY, FilterBank
from edge.signal.quantisation import STEPS_PER_MV

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["CANDIDATE_DELAY", "Candidate", "CandidateFinder"]

_RIVAL: Final = 36  # 100 ms: a maximum stands out among all samples this far on either side
_REACH: Final = 36  # 100 ms: the QRS complex lies this near the middle of its energy
_STEEP: Final = 4  # 11 ms: the rise of a QRS complex takes longer, that of P and T waves much longer
_SHAPE: Final = 26  # 72 ms: the QRS complex reaches this far on either side of its largest deflection
_STEEPNESS_SCALE: Final = STEPS_PER_MV / 1024
CANDIDATE_DELAY: Final = max(  # 104: 289 ms
    FEATURE_DELAY + _RIVAL, BAND_DELAY + _REACH, LOW_PASS_DELAY + _REACH + _SHAPE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A local maximum of the energy.

    Attributes:
        index: 360 Hz index of the largest deflection of the band-passed signal near the maximum.
        known_at: 360 Hz index of the newest sample that had to arrive to know it.
        energy: square root of the integrated energy (so that it grows with the amplitude, not with its square).
        height: largest deflection of the band-passed signal, 1/1024 mV.
        steepness: largest change of the low-passed signal within 11 ms near the maximum, 1/1024 mV.
        extent: peak-to-peak height of the low-passed signal within 72 ms, 1/1024 mV.
        shape: shape (53,), the low-passed signal within 72 ms, without its mean and of norm 1; None where it is flat or
            the stretch has only begun.
    """

    index: int
    known_at: int
    energy: float
    height: float
    steepness: float
    extent: float
    shape: FloatArray | None = field(default=None, compare=False)

    @property
    def slope(self) -> float:
        """Steepness over extent: 0.5 to 0.8 of narrow QRS complexes, 0.17 to 0.4 of wide ones and of P and T waves."""
        return self.steepness / max(self.extent, 1.0)


class CandidateFinder:
    """Finds the candidates of one gapless stretch in order."""

    def __init__(self, filters: FilterBank) -> None:
        self._filters = filters
        self._next = filters.energy.start + _RIVAL  # first index not yet looked at

    def find(self) -> list[Candidate]:
        """Candidates that became known since the last call."""
        energy = self._filters.energy
        count = energy.end - _RIVAL - self._next
        if count <= 0:
            return []
        line = energy[self._next - _RIVAL : energy.end]
        highest = _sliding_maximum(line, _RIVAL)
        here = line[_RIVAL : _RIVAL + count]
        # Strictly above what came before and not below what follows: of a plateau, the first sample.
        is_peak = (here > highest[:count]) & (here >= highest[_RIVAL + 1 : _RIVAL + 1 + count])
        found = [self._describe(self._next + int(i), float(here[i])) for i in np.flatnonzero(is_peak)]
        self._next += count
        return found

    def at(self, index: int) -> Candidate:
        """What a QRS complex with its R peak at a 360 Hz index looks like, known as soon as any other candidate."""
        energy = float(self._filters.energy[index - _REACH : index + _REACH + 1].max(initial=0.0))
        return replace(self._describe(index, energy), index=index, shape=_shape(self._around(index)))

    def _around(self, index: int) -> FloatArray:
        return self._filters.low[index - _SHAPE : index + _SHAPE + 1]

    def _describe(self, peak: int, energy: float) -> Candidate:
        near = slice(peak - _REACH, peak + _REACH + 1)
        band = np.abs(self._filters.band[near])
        at = int(band.argmax())
        index = max(peak - _REACH, self._filters.band.start) + at
        low = self._filters.low[peak - _REACH : peak + _REACH + 1]
        steepness = float(np.abs(low[_STEEP:] - low[:-_STEEP]).max()) / _STEEPNESS_SCALE
        around = self._around(index)
        extent = float(around.max() - around.min()) / _STEEPNESS_SCALE
        known_at = peak + CANDIDATE_DELAY
        return Candidate(index, known_at, energy**0.5, float(band[at]), steepness, extent, _shape(around))


def _shape(around: FloatArray) -> FloatArray | None:
    if len(around) < 2 * _SHAPE + 1:
        return None
    around = around - around.sum() / len(around)
    power = float(around @ around)
    return around / math.sqrt(power) if power > 0 else None


def _sliding_maximum(line: FloatArray, width: int) -> FloatArray:
    """Maximum of each `width` successive values; shape (len(line) - width + 1,)."""
    result, reached = line, 1
    while 2 * reached <= width:
        result = np.maximum(result[:-reached], result[reached:])
        reached *= 2
    rest = width - reached
    return np.maximum(result[: len(result) - rest], result[rest:]) if rest else result
