"""From the probabilities of one lead to its waves: where each begins, is highest or deepest, and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import FloatArray

    PeakFinder = Callable[[FloatArray, int, int], float]

__all__ = ["NONE", "ORDER", "QRS", "FoundWave", "LeadWaves", "P", "T", "find_complexes", "find_waves", "top_between"]

ORDER: Final = ("P", "QRS", "T", "none")
P, QRS, T, NONE = range(4)
"""Columns of the probabilities."""

SURE: Final = 0.5
"""Probability at which a wave begins and ends: as likely as not."""
LEAST_MS: Final = (24.0, 32.0, 48.0)
"""Shortest P, QRS and T: shorter is what one in two hundred waves of LUDB is, and more often none."""
LONGEST_HOLE_MS: Final = 40.0
"""Between two parts of one complex that the network doubts."""
LEAST_R_SHARE: Final = 0.1
"""Of the height of a QRS complex: what is higher above the baseline is its R wave. Those who marked LUDB put the peak
on R waves as small as that, those of the QT Database where the complex is largest; chosen between them on one fold."""
REFRACTORY_MS: Final = 200.0
"""From one QRS complex to the next (Pan and Tompkins 1985); the larger of two stands."""


@dataclass(frozen=True, slots=True)
class FoundWave:
    """A wave; times in samples of the prepared lead, not whole.

    Attributes:
        begin, peak, end: its begin, its peak and its end.
        size: sum of its probabilities, samples.
    """

    begin: float
    peak: float
    end: float
    size: float


@dataclass(frozen=True, slots=True)
class LeadWaves:
    """All waves of a lead in order. P and T waves may outnumber the QRS complexes or be fewer."""

    p: tuple[FoundWave, ...]
    qrs: tuple[FoundWave, ...]
    t: tuple[FoundWave, ...]


def find_waves(probabilities: FloatArray, samples_mv: FloatArray, period_ms: float) -> LeadWaves:
    """The waves of a lead.

    Args:
        probabilities: shape (n, 4), of P, QRS, T and none at each sample.
        samples_mv: shape (n,), the prepared lead.
        period_ms: from a sample to the next.
    """
    p, t = (_waves(probabilities[:, kind], samples_mv, LEAST_MS[kind], period_ms, _farthest) for kind in (P, T))
    qrs = find_complexes(probabilities[:, QRS], samples_mv, period_ms)
    return LeadWaves(p=tuple(p), qrs=tuple(qrs), t=_largest_between(t, qrs))


def find_complexes(likely: FloatArray, samples_mv: FloatArray, period_ms: float) -> list[FoundWave]:
    """The QRS complexes alone, from their probability, shape (n,)."""
    return _apart(_waves(likely, samples_mv, LEAST_MS[QRS], period_ms, _r_peak), REFRACTORY_MS / period_ms)


def _waves(
    likely: FloatArray, samples_mv: FloatArray, least_ms: float, period_ms: float, peak: PeakFinder
) -> list[FoundWave]:
    joined: list[list[int]] = []
    for first, after in runs(likely > SURE):
        if joined and first - joined[-1][1] <= LONGEST_HOLE_MS / period_ms:
            joined[-1][1] = after
        else:
            joined.append([first, after])
    waves = []
    for first, after in joined:
        begin = _crossing(likely, first - 1, first)
        end = _crossing(likely, after - 1, after)
        if end - begin >= least_ms / period_ms:
            size = float(likely[first:after].sum())
            waves.append(FoundWave(begin, peak(samples_mv, first, after), end, size))
    return waves


def _crossing(likely: FloatArray, left: int, right: int) -> float:
    """Where the probability between two neighbouring samples passes `SURE`; the end of the lead is an end."""
    if left < 0 or right >= len(likely):
        return float(max(left, 0) if right >= len(likely) else right)
    rise = likely[right] - likely[left]
    return float(left + (SURE - likely[left]) / rise)


def _farthest(samples_mv: FloatArray, first: int, after: int) -> float:
    """Where a stretch is farthest from the line between its ends."""
    return first + top_between(np.abs(_over_line(samples_mv[first:after])))


def _r_peak(samples_mv: FloatArray, first: int, after: int) -> float:
    """The top of the R wave; of a complex that has none, or hardly any, where it is deepest."""
    height = _over_line(samples_mv[first:after])
    return first + top_between(height if height.max() >= LEAST_R_SHARE * np.ptp(height) else -height)


def _over_line(stretch: FloatArray) -> FloatArray:
    return stretch - np.linspace(stretch[0], stretch[-1], len(stretch))


def top_between(heights: FloatArray) -> float:
    """Place of the maximum, between samples by the parabola through it and its neighbours."""
    top = int(heights.argmax())
    if 0 < top < len(heights) - 1:
        left, middle, right = heights[top - 1 : top + 2]
        bend = left - 2 * middle + right
        return top + (float(0.5 * (left - right) / bend) if bend < 0 else 0.0)
    return float(top)


def _apart(complexes: list[FoundWave], refractory: float) -> list[FoundWave]:
    kept: list[FoundWave] = []
    for wave in complexes:
        if kept and wave.begin - kept[-1].begin < refractory:
            if wave.size > kept[-1].size:
                kept[-1] = wave
        else:
            kept.append(wave)
    return kept


def _largest_between(waves: list[FoundWave], complexes: list[FoundWave]) -> tuple[FoundWave, ...]:
    """Of the T waves between two QRS complexes the largest."""
    best: dict[int, FoundWave] = {}
    starts = [each.begin for each in complexes]
    for wave in waves:
        after = int(np.searchsorted(starts, wave.peak))
        if after not in best or wave.size > best[after].size:
            best[after] = wave
    return tuple(best[number] for number in sorted(best))
