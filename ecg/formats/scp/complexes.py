"""What was done to an SCP-ECG around its QRS complexes: section 4 (EN 1064:2020, clause 5.7 and annex C).

A reference beat may have been subtracted from the complexes; and in bimodal compression, samples outside the protected
zones around them were averaged in groups of up to four. Both are undone here, the averages first.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.formats.scp.sections import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.formats.scp.rhythm import LeadPlace

__all__ = ["Complexes", "add_beat", "decimation", "expand", "read_complexes"]

_MOST_DECIMATION: Final = 4
_COMPLEX: Final = struct.Struct("<HIII")
_ZONE: Final = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Complexes:
    """Section 4: where the reference beat was subtracted, and what is protected. Samples count from 1 on.

    Attributes:
        beat_ms: length of the reference beat.
        fiducial: sample of the reference beat that lies on the fiducial point of a complex.
        subtracted: begin, fiducial point and end of each stretch from which the reference beat was subtracted.
        protected: begin and end of each zone with all its samples.
    """

    beat_ms: int = 0
    fiducial: int = 0
    subtracted: tuple[tuple[int, int, int], ...] = ()
    protected: tuple[tuple[int, int], ...] = ()


def read_complexes(section: bytes) -> Complexes:
    """The complexes of section 4.

    Raises:
        DamagedError: the section ends early.
    """
    if len(section) < 6:
        return Complexes()
    beat_ms, fiducial, count = struct.unpack_from("<HHH", section)
    end = 6 + count * _COMPLEX.size
    if end > len(section):
        raise DamagedError(f"it promises {count} complexes, and its section 4 ends before them")
    subtracted = tuple(
        (first, centre, last)
        for kind, first, centre, last in _COMPLEX.iter_unpack(section[6:end])
        if kind == 0  # only complexes of the kind of the reference beat have it subtracted
    )
    zones = section[end : end + count * _ZONE.size]
    zones = zones[: len(zones) // _ZONE.size * _ZONE.size]
    protected = tuple(sorted((first, last) for first, last in _ZONE.iter_unpack(zones) if 0 < first <= last))
    return Complexes(beat_ms, fiducial, subtracted, protected)


def expand(
    numbers: NDArray[np.int64], lead: LeadPlace, protected: Sequence[tuple[int, int]], factor: int
) -> NDArray[np.float64]:
    """Put the samples of a lead back to the full rate: those outside the protected zones are `factor` times too few.

    Each of these is the mean of a group, and lies in its middle. Between the middles the samples are interpolated; a
    group is never interpolated with one beyond a protected zone.

    Args:
        numbers: of the lead.
        lead: its first and last sample.
        protected: begin and end of the zones, in order.
        factor: how many samples a group had.

    Returns:
        Shape (n,), with n of `lead.length` at most: fewer where the numbers end early.
    """
    parts: list[NDArray[np.float64]] = []
    at, taken = lead.first, 0

    def take(count: int) -> NDArray[np.float64]:
        nonlocal taken
        part = numbers[taken : taken + count].astype(np.float64)
        taken += count
        return part

    for first, last in (*protected, (lead.last + 1, lead.last)):
        begin, end = max(at, min(first, lead.last + 1)), min(last, lead.last)
        outside = begin - at
        if outside > 0:
            means = take(-(-outside // factor))
            middles = np.arange(len(means)) * factor + (factor - 1) / 2
            length = min(outside, len(means) * factor)
            parts.append(np.interp(np.arange(length), middles, means) if len(means) else means)
        if end >= begin:
            parts.append(take(end - begin + 1))
        at = max(at, begin, end + 1)
    return np.concatenate(parts) if parts else np.empty(0)


def decimation(full_us: int, interval_us: int) -> int:
    """How many times fewer samples there are than at the full rate.

    Raises:
        DamagedError: it is none of 1 to 4.
    """
    factor, rest = divmod(interval_us, full_us)
    if rest or not 1 <= factor <= _MOST_DECIMATION:
        raise DamagedError(f"its reference beat has a sample each {full_us} us, its rhythm one each {interval_us} us")
    return factor


def add_beat(samples: NDArray[np.float64], lead: LeadPlace, beat: NDArray[np.float64], complexes: Complexes) -> None:
    """Add the reference beat wherever it was subtracted.

    Args:
        samples: of the lead, shape (n,); changed in place.
        lead: its first and last sample.
        beat: the reference beat, in the unit of the samples.
        complexes: where it was subtracted.
    """
    for begin, centre, end in complexes.subtracted:
        origin = centre - complexes.fiducial + 1  # the sample on which the first one of the beat lies
        first = max(begin, lead.first, origin)
        last = min(end, lead.first + len(samples) - 1, origin + len(beat) - 1)
        if first <= last:
            samples[first - lead.first : last - lead.first + 1] += beat[first - origin : last - origin + 1]
