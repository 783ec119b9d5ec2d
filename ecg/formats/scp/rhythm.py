"""The leads and the samples of an SCP-ECG record: sections 3, 5 and 6 (EN 1064:2020, clauses 5.6, 5.8 and 5.9).

Huffman codes and differences are undone here; what was done to the QRS complexes is in `ecg.formats.scp.complexes`.
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

__all__ = ["LeadPlace", "Samples", "check_length", "read_leads", "read_samples"]

_MOST_SAMPLES: Final = 1 << 22
"""Of all leads together: 5 minutes of twelve leads at 1000 Hz. The lengths of the format allow hardly more."""

_LEAD: Final = struct.Struct("<IIB")
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
