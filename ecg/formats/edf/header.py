"""Headers of EDF, EDF+ and BDF files.

Formats: Kemp et al. 1992 and 2003, https://www.edfplus.info/specs/; BDF has 24 bits,
https://www.biosemi.com/faq/file_format.htm.
Fields are texts of fixed width. What recorders write against the rules is read where it has one meaning: decimal
commas, Latin-1, padding with zeros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.options import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from ecg.formats.packed import open_packed, reading, size_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EdfHeader", "EdfSignal", "read_header"]

_BLOCK = 256
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Of the fields of a signal: label, transducer, dimension, physical and digital limits, filters, samples, reserve."""

_ANNOTATIONS = {"EDF Annotations", "BDF Annotations"}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True, slots=True)
class EdfSignal:
    """One signal of a file.

    Attributes:
        name: its label.
        unit: its dimension, as written.
        limits: physical and digital minimum and maximum, as written.
        scale: what a number is worth: (unit a step, value of the number 0); None where the limits do not tell.
        samples: in a data record.
        offset: bytes of a data record before its first sample.
        rate_hz: sampling rate; 0 where it is none that a recorder has.
        is_annotations: it contains no samples but texts.
    """

    name: str
    unit: str
    limits: tuple[str, str, str, str]
    scale: tuple[float, float] | None
    samples: int
    offset: int
    rate_hz: Fraction
    is_annotations: bool


@dataclass(frozen=True, slots=True)
class EdfHeader:
    """The header of a file.

    Attributes:
        kind: `EDF`, `EDF+` or `BDF`.
        signals: all, with annotations.
        bytes_a_sample: 2, or 3 in BDF.
        data_start: bytes before the first data record.
        record_bytes: of a data record.
        record_s: length of a data record.
        promised: data records as the header has it; -1 where the recorder did not know.
        present: whole data records that the file contains.
        is_interrupted: data records may follow each other with gaps, which the annotations tell.
        start_utc: taken as UTC as the format knows no zone; None where the date was made anonymous.
    """

    kind: str
    signals: tuple[EdfSignal, ...]
    bytes_a_sample: int
    data_start: int
    record_bytes: int
    record_s: Fraction
    promised: int
    present: int
    is_interrupted: bool
    start_utc: datetime | None


def read_header(path: Path) -> EdfHeader:
    """Read the header of a file.

    Raises:
        InputError: the file is missing, or not EDF or BDF.
    """
    size = size_of(path)
    with reading(path), open_packed(path) as file:
        fixed = file.read(_BLOCK)
        is_bdf = fixed[:8] == b"\xffBIOSEMI"
        if len(fixed) < _BLOCK or not (is_bdf or fixed[:8].strip(b" \0") == b"0"):
            raise _unreadable(path, "its first bytes are none of EDF")
        count = _whole(fixed[252:256])
        if count is None or not 0 < count < 10_000:
            raise _unreadable(path, "the number of its signals is none")
        described = file.read(count * _BLOCK)
    if len(described) < count * _BLOCK:
        raise _unreadable(path, f"it promises {count} signals and does not describe all")
    record_s = _number(fixed[244:252])
    promised = _whole(fixed[236:244])
    if record_s is None or promised is None:
        raise _unreadable(path, "the number or the length of its data records is none")
    signals, record_bytes = _signals(described, count, record_s, 3 if is_bdf else 2, path)
    reserved = fixed[192:236]
    data_start = (count + 1) * _BLOCK
    return EdfHeader(
        kind="BDF" if is_bdf else "EDF+" if any(each.is_annotations for each in signals) else "EDF",
        signals=signals,
        bytes_a_sample=3 if is_bdf else 2,
        data_start=data_start,
        record_bytes=record_bytes,
        record_s=record_s,
        promised=promised,
        present=max(0, size - data_start) // record_bytes,
        is_interrupted=not reserved.startswith((b"EDF+C", b"BDF+C")) and any(each.is_annotations for each in signals),
        start_utc=_start(_text(fixed[88:168]), _text(fixed[168:176]), _text(fixed[176:184])),
    )


def _signals(
    described: bytes, count: int, record_s: Fraction, bytes_a_sample: int, path: Path
) -> tuple[tuple[EdfSignal, ...], int]:
    """The signals, and the bytes of a data record."""
    fields: list[list[bytes]] = []
    start = 0
    for width in _WIDTHS:
        fields.append([described[start + number * width : start + (number + 1) * width] for number in range(count)])
        start += count * width
    signals: list[EdfSignal] = []
    offset = 0
    for label, _, unit, low, high, lowest, highest, _, samples, _ in zip(*fields, strict=True):
        number = _whole(samples)
        if number is None or number < 0:
            raise _unreadable(path, f"signal {_text(label)} has no number of samples")
        rate_hz = number / record_s if record_s > 0 else Fraction(0)
        limits = (_text(low), _text(high), _text(lowest), _text(highest))
        signals.append(
            EdfSignal(
                name=_text(label),
                unit=_text(unit),
                limits=limits,
                scale=_scale(_number(low), _number(high), _number(lowest), _number(highest)),
                samples=number,
                offset=offset,
                rate_hz=rate_hz if LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ else Fraction(0),
                is_annotations=_text(label) in _ANNOTATIONS,
            )
        )
        offset += number * bytes_a_sample
    if not offset:
        raise _unreadable(path, "its data records are empty")
    return tuple(signals), offset


def _scale(
    low: Fraction | None, high: Fraction | None, lowest: Fraction | None, highest: Fraction | None
) -> tuple[float, float] | None:
    """The value of a step and of the number 0, from the ends of the range."""
    if low is None or high is None or lowest is None or highest is None or low == high or lowest >= highest:
        return None
    step = (high - low) / (highest - lowest)
    return float(step), float(low - lowest * step)


def _text(field: bytes) -> str:
    return field.replace(b"\0", b" ").decode("latin-1").strip()


def _number(field: bytes) -> Fraction | None:
    """A number, with a decimal point or comma; None for none."""
    text = _text(field).replace(",", ".")
    if not re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?", text, re.ASCII):
        return None
    return Fraction(text)


def _whole(field: bytes) -> int | None:
    number = _number(field)
    return int(number) if number is not None and number.denominator == 1 else None


def _start(recording: str, date: str, time: str) -> datetime | None:
    """The start; EDF+ has the year with its century in the recording's field."""
    day_month_year, clock = re.findall(r"\d+", date), re.findall(r"\d+", time)
    if len(day_month_year) != 3 or len(clock) != 3:
        return None
    day, month, year = (int(part) for part in day_month_year)
    year += 0 if year > 99 else 1900 if year >= 85 else 2000
    full = re.match(r"Startdate (\d{1,2})-([A-Z]{3})-(\d{4})", recording, re.IGNORECASE)
    if full and full[2].upper() in _MONTHS:
        day, month, year = int(full[1]), _MONTHS.index(full[2].upper()) + 1, int(full[3])
    elif recording.upper().startswith("STARTDATE X") and (day, month, year) == (1, 1, 1985):
        return None  # how EDF+ makes a date anonymous
    try:
        hour, minute, second = (int(part) for part in clock)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _unreadable(path: Path, reason: str) -> InputError:
    return InputError(f"{path}: not a readable EDF+ file ({reason}); copy it again")
