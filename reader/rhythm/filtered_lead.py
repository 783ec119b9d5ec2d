"""A lead behind the monitor's filters: what quality, the choice of a lead and P waves are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ, FloatArray, runs
from edge.signal.filters import BEAT_DELAY, FEATURE_DELAY, FilterBank
from edge.signal.quantisation import to_steps
from edge.signal.resampler import Resampler

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["FilteredLead", "FilteredStretch", "filter_lead"]


@dataclass(frozen=True, slots=True, eq=False)
class FilteredStretch:
    """A stretch without a lost sample.

    Attributes:
        filters: with their delay flushed, as if the last sample stayed.
        start, end: 360 Hz indices of its first sample and of the one after its last.
    """

    filters: FilterBank
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class FilteredLead:
    """One lead.

    Attributes:
        stretches: in order; those shorter than a second are left out.
        duration_s: of the lead, with what was lost.
    """

    stretches: tuple[FilteredStretch, ...]
    duration_s: float

    @property
    def qrs_energy(self) -> float:
        """The usual size of its QRS complexes, on the scale on which the monitor's detector seeks them (not mV).

        The highest integrated slope of each second, the median over the seconds; 0 without a signal.
        """
        highest: list[float] = []
        for stretch in self.stretches:
            energy = stretch.filters.energy[stretch.start : stretch.end - FEATURE_DELAY]
            seconds = len(energy) // SAMPLE_RATE_HZ
            highest += energy[: seconds * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ).max(axis=1).tolist()
        return float(np.sqrt(np.median(highest))) if highest else 0.0


def filter_lead(samples_mv: FloatArray, rate_hz: Fraction) -> FilteredLead:
    """Filter a lead as the monitor does.

    Args:
        samples_mv: shape (n,), mV. NaN marks a lost sample.
        rate_hz: their rate.

    Raises:
        InputError: the rate cannot be resampled.
    """
    found = [
        _stretch(samples_mv[start:stop], start, rate_hz)
        for start, stop in runs(np.isfinite(samples_mv))
        if stop - start >= rate_hz
    ]
    return FilteredLead(tuple(found), float(len(samples_mv) / rate_hz))


def _stretch(samples_mv: FloatArray, first_index: int, rate_hz: Fraction) -> FilteredStretch:
    resampler = Resampler(rate_hz=rate_hz, first_index=first_index)
    start = resampler.next_index
    filters = FilterBank(first_index=start)
    steps = resampler.push(to_steps(samples_mv))
    filters.push(np.concatenate((steps, resampler.finish())))
    end = filters.raw.end
    filters.push(np.full(BEAT_DELAY, filters.raw[end - 1 : end][0]))
    return FilteredStretch(filters, start, end)
