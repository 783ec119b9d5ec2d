"""Reads SCP-ECG records. Of the patient nothing is read."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.lead_ids import lead_name
from ecg.formats.scp.complexes import Complexes, add_beat, decimation, expand, read_complexes
from ecg.formats.scp.huffman import read_tables
from ecg.formats.scp.rhythm import Samples, check_length, read_leads, read_samples
from ecg.formats.scp.sections import DamagedError, Sections, read_sections
from ecg.formats.whole_file import Contents, Signal, WholeFileReader, read_limited

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.formats.scp.huffman import Table

__all__ = ["ScpReader"]

_MOST_BYTES: Final = 32 << 20
"""Of a file. The lengths of a rhythm of 255 leads add up to 16 MiB."""

_LAST_WITH_BIMODAL: Final = 29
"""From version 3.0 of the protocol on, the flag of bimodal compression is reserved."""

_DATE, _TIME, _ZONE, _LAST_TAG = 25, 26, 34, 255


class ScpReader(WholeFileReader):
    """An SCP-ECG record: its rhythm (section 6). A reference beat is read only to add it where it was subtracted."""

    def _decode(self, path: Path) -> Contents:
        content = read_limited(path, _MOST_BYTES)
        try:
            return _contents(read_sections(content))
        except DamagedError as error:
            raise InputError(f"{path}: not a readable SCP-ECG record ({error}); copy it again") from None


def _contents(sections: Sections) -> Contents:
    leads, is_subtracted = read_leads(sections.get(3))
    if not sections.get(6):
        only = ", only a reference beat" if sections.get(5) else ""
        raise DamagedError(f"it holds no rhythm{only}")
    check_length(leads)
    tables = read_tables(sections.get(2))
    rhythm = read_samples(sections.get(6), [lead.length for lead in leads], len(leads), tables)
    remarks = [f"{_part(number)} may be damaged: its checksum or its place is wrong" for number in sections.doubts]
    coding = ["Huffman codes"] if tables else []
    is_bimodal = rhythm.is_bimodal and sections.protocol <= _LAST_WITH_BIMODAL
    samples: list[NDArray[np.float64]] = [numbers.astype(np.float64) for numbers in rhythm.leads]
    interval_us = rhythm.interval_us
    if is_subtracted or is_bimodal:
        complexes = read_complexes(sections.get(4))
        beat = _reference_beat(sections.get(5), complexes, len(leads), tables)
        interval_us = beat.interval_us
        factor = decimation(interval_us, rhythm.interval_us)
        if factor > 1:
            zones = complexes.protected if is_bimodal else ()
            samples = [expand(numbers, lead, zones, factor) for numbers, lead in zip(rhythm.leads, leads, strict=True)]
            coding.append(f"1 of {factor} samples outside the QRS complexes")
            remarks.append(f"outside the QRS complexes it keeps 1 of {factor} samples; those between are interpolated")
        if is_subtracted:
            if not rhythm.step_nv or not beat.step_nv:
                raise DamagedError("a number of its reference beat or of its rhythm is worth 0 nV")
            for numbers, lead, of_lead in zip(samples, leads, beat.leads, strict=True):
                add_beat(numbers, lead, of_lead.astype(np.float64) * (beat.step_nv / rhythm.step_nv), complexes)
            coding.append("reference beat")
    begin = min(lead.first for lead in leads)
    short = [
        f"lead {lead_name(lead.number)} ends after {len(numbers)} of {lead.length} samples"
        for lead, numbers in zip(leads, samples, strict=True)
        if len(numbers) < lead.length - (lead.first == 0)  # some count from 0 on and end one too late
    ]
    return Contents(
        signals=[
            Signal(
                name=lead_name(lead.number),
                numbers=numbers,
                unit="uV",
                step=rhythm.step_nv / 1000 or None,
                first=lead.first - begin,
                rate_hz=Fraction(1_000_000, interval_us),
            )
            for lead, numbers in zip(leads, samples, strict=True)
        ],
        format=f"SCP-ECG {sections.protocol / 10:.1f}" + (f" ({', '.join(coding)})" if coding else ""),
        start_utc=_start(sections.get(1)),
        remarks=remarks,
        ends_early="; ".join(short[:1]),
    )


def _part(section: int) -> str:
    return f"section {section}" if section else "the record"


def _reference_beat(section: bytes, complexes: Complexes, leads: int, tables: list[Table]) -> Samples:
    """The reference beat of each lead, section 5.

    Raises:
        DamagedError: the section is missing or ends early.
    """
    if not section:
        raise DamagedError("its reference beat (section 5) is missing")
    interval_us = int.from_bytes(section[2:4], "little") or 1
    return read_samples(section, [complexes.beat_ms * 1000 // interval_us] * leads, leads, tables)


def _start(section: bytes) -> datetime | None:
    """Date and time of the recording, of section 1. Nothing else is taken from it."""
    found: dict[int, bytes] = {}
    place = 0
    while place + 3 <= len(section) and section[place] != _LAST_TAG:
        length = int.from_bytes(section[place + 1 : place + 3], "little")
        found[section[place]] = section[place + 3 : place + 3 + length]
        place += 3 + length
    try:
        year, month, day = struct.unpack("<HBB", found[_DATE][:4])
        hour, minute, second = found[_TIME][:3]
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        offset_min = int.from_bytes(found.get(_ZONE, b"")[:2], "little", signed=True)
        return start - timedelta(minutes=offset_min) if abs(offset_min) <= 24 * 60 else start
    except (KeyError, ValueError, OverflowError, struct.error):
        return None
