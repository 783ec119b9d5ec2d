"""An ECG without some of its waves, as a model is shown it.

A part is one wave (P, PR, QRS, ST or T) of every beat in one lead. It is taken out by a straight line between its ends,
so that no step arises that no ECG has. Heights are measured anew of what is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import runs
from reader.classify.heights import DEVIATIONS, TYPICAL_MV, heights
from reader.classify.preparation import RATE_HZ, SAMPLES
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.samples import Float32Array, FloatArray
    from reader.classify.preparation import Prepared
    from reader.measure.measurements import BeatWaves

__all__ = ["WAVES", "Perturbation", "wave_of_samples"]

WAVES: Final = ("P", "PR", "QRS", "ST", "T")
_NO_WAVE: Final = -1


def wave_of_samples(beats: Sequence[BeatWaves], duration_s: float) -> NDArray[np.int64]:
    """Number in `WAVES` of each sample that a model is shown, shape (1000,); -1 between T and P.

    Args:
        beats: of the lead in which most waves were found.
        duration_s: of the signal, which stands in the middle of the ten seconds.
    """
    found = np.full(SAMPLES, _NO_WAVE)
    first = (SAMPLES - round(duration_s * RATE_HZ)) // 2

    def mark(wave: str, begin_ms: float | None, end_ms: float | None) -> None:
        if begin_ms is None or end_ms is None:
            return
        begin, end = (first + round(each * RATE_HZ / 1000) for each in (begin_ms, end_ms))
        found[max(begin, 0) : max(end, 0)] = WAVES.index(wave)

    for beat in beats:
        if beat.qrs is None:
            continue
        if beat.p is not None:
            mark("P", beat.p.onset_ms, beat.p.end_ms)
            mark("PR", beat.p.end_ms, beat.qrs.onset_ms)
        if beat.t is not None:
            mark("ST", beat.qrs.end_ms, beat.t.onset_ms)
            mark("T", beat.t.onset_ms, beat.t.end_ms)
        mark("QRS", beat.qrs.onset_ms, beat.qrs.end_ms)
    return found


class Perturbation:
    """An ECG whose parts can be taken out.

    Args:
        prepared: what the model is shown.
        wave: of each sample, see `wave_of_samples`.
        leads: those whose waves are parts.

    Attributes:
        parts: lead and wave of each part.
    """

    def __init__(self, prepared: Prepared, wave: NDArray[np.int64], leads: Sequence[str]) -> None:
        self._prepared = prepared
        there = [number for number in range(len(WAVES)) if (wave == number).any()]
        self.parts = [(lead, WAVES[number]) for lead in leads for number in there]
        part_of: dict[tuple[str, str], int] = {part: number for number, part in enumerate(self.parts)}
        self._part = np.full((SAMPLES, len(LEADS)), _NO_WAVE)
        for lead in leads:
            for number in there:
                self._part[wave == number, LEADS.index(lead)] = part_of[lead, WAVES[number]]
        self._without = prepared.leads.copy()
        for number in there:
            for begin, end in runs(wave == number):
                ends = [max(begin - 1, 0), min(end, SAMPLES - 1)]
                at = np.arange(begin, end)
                for column in range(len(LEADS)):
                    self._without[begin:end, column] = np.interp(at, ends, prepared.leads[ends, column])
        self._deviation_mv = TYPICAL_MV * np.exp(prepared.heights[DEVIATIONS].astype(np.float64))

    def keeping(self, kept: NDArray[np.bool_]) -> tuple[Float32Array, Float32Array]:
        """Leads, shape (1000, 12), and heights, shape (`HEIGHTS`,), with only some of the parts, shape (parts,)."""
        is_kept = np.append(kept, True)[self._part]  # -1 is the last
        leads = np.where(is_kept, self._prepared.leads, self._without)
        if not self._prepared.heights[0]:
            return leads, self._prepared.heights
        return leads, heights(leads.T * self._deviation_mv[:, np.newaxis], self._prepared.present)

    def sums(self, weights: FloatArray) -> FloatArray:
        """Of weights of samples, shape (1000, 12), the sum over each part, shape (parts,)."""
        is_part = self._part != _NO_WAVE
        summed: FloatArray = np.bincount(self._part[is_part], weights[is_part], len(self.parts)).astype(np.float64)
        return summed

    def map_of(self, weights: FloatArray) -> FloatArray:
        """The weight of the part that each sample belongs to, shape (12, 1000); 0 between T and P."""
        weight_of_samples: FloatArray = np.append(weights, 0.0)[self._part].T
        return weight_of_samples
