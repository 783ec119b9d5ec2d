"""The samples of an SCP-ECG record: sections 3 to 6 (EN 1064:2020, clauses 5.6 to 5.9).

What may have been done to the samples is undone in the reverse order: Huffman codes, differences, bimodal compression
(outside the protected zones around the QRS complexes, samples were averaged in groups of up to four), and the
subtraction of a reference beat.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.formats.scp.huffman import decode
from ecg.formats.scp.sections import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.formats.scp.huffman import Table

__all__ = ["Complexes", "LeadPlace", "Samples", "expand", "read_complexes", "read_leads", "read_samples"]

_MOST_SAMPLES: Final = 1 << 22
"""Of all leads together: 5 minutes of twelve leads at 1000 Hz. The lengths of the format allow hardly more."""

_MOST_DECIMATION: Final = 4
_LEAD: Final = struct.Struct("<IIB")
_COMPLEX: Final = struct.Struct("<HIII")
_ZONE: Final = struct.Struct("<II")
_REFERENCE_SUBTRACTED: Final = 1


@dataclass(frozen=True, slots=True)
class LeadPlace:
    """A lead in section 3.

    Attributes:
        first: number of its first sample, from 1 on.
        last: number of its last sample.
        number: of the lead, see `ecg.formats.lead_ids`.
    """

    first: int
    last: int
    number: int

    @property
    def length(self) -> int:
        """Samples of the lead."""
        return self.last - self.first + 1


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


@dataclass(frozen=True, slots=True)
class Samples:
    """Section 5 or 6.

    Attributes:
        step_nv: worth of a number (AVM), in nV.
        interval_us: time between samples, in us.
        is_bimodal: whether there are fewer samples outside the protected zones; in section 6 only.
        leads: the numbers of each lead.
    """

    step_nv: int
    interval_us: int
    is_bimodal: bool
    leads: list[NDArray[np.int64]]


def read_leads(section: bytes) -> tuple[list[LeadPlace], bool]:
    """The leads of section 3, and whether a reference beat was subtracted from them.

    Raises:
        DamagedError: the section ends early, or a lead has an impossible length.
    """
    if len(section) < 2 or section[0] == 0:
        raise DamagedError("no lead is in it (section 3)")
    count = section[0]
    if 2 + count * _LEAD.size > len(section):
        raise DamagedError(f"it promises {count} leads and tells of {(len(section) - 2) // _LEAD.size}")
    leads = [LeadPlace(*each) for each in _LEAD.iter_unpack(section[2 : 2 + count * _LEAD.size])]
    for lead in leads:
        if not lead.first <= lead.last:
            raise DamagedError(f"a lead ends (sample {lead.last}) before it begins (sample {lead.first})")
    return leads, bool(section[1] & _REFERENCE_SUBTRACTED)


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


def read_samples(section: bytes, counts: Sequence[int] | None, leads: int, tables: Sequence[Table]) -> Samples:
    """The samples of section 5 or 6, without Huffman codes and differences.

    Args:
        section: its data.
        counts: samples at most of each lead; None for as many as there are, without Huffman codes.
        leads: how many there are.
        tables: Huffman tables; none where the samples are plain numbers of 16 bits.

    Raises:
        DamagedError: the section ends early, has too many samples, or its coding is unknown.
    """
    start = 6 + 2 * leads
    if len(section) < start:
        raise DamagedError("it ends before its samples")
    step_nv, interval_us, differences, is_bimodal = struct.unpack_from("<HHBB", section)
    if differences > 2:
        raise DamagedError(f"its samples are coded in an unknown way ({differences})")
    if not interval_us:
        raise DamagedError("it says that 0 us lie between its samples")
    found = []
    for number, size in enumerate(np.frombuffer(section, "<u2", leads, 6).tolist()):
        data = section[start : start + size]
        if len(data) < size:
            raise DamagedError(f"lead {number + 1} of {leads} ends early")
        start += size
        count = size // 2 if counts is None else counts[number]
        if tables:
            numbers = decode(data, count, tables)
        else:
            numbers = np.frombuffer(data, "<i2", min(count, size // 2)).astype(np.int64)
        found.append(_summed(numbers, differences))
    return Samples(step_nv, interval_us, bool(is_bimodal), found)


def check_length(leads: Sequence[LeadPlace]) -> None:
    """Refuse more samples than a record can hold.

    Raises:
        DamagedError: there are too many.
    """
    total = sum(lead.length for lead in leads)
    if total > _MOST_SAMPLES:
        raise DamagedError(f"its leads promise {total} samples, more than {_MOST_SAMPLES}")


def _summed(numbers: NDArray[np.int64], differences: int) -> NDArray[np.int64]:
    """Samples from their first or second differences. They are numbers of 16 bits, and encoders let them overflow."""
    if differences == 0 or len(numbers) == 0:
        return numbers
    summed = numbers.copy()
    if differences == 2 and len(numbers) > 1:  # the first two are samples
        summed[1] -= summed[0]
        summed[1:] = np.cumsum(summed[1:])
    return np.cumsum(summed).astype(np.int16).astype(np.int64)


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
