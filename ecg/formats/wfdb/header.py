"""Header files (`.hea`) of WFDB records.

Format: WFDB Applications Guide, header(5), https://physionet.org/physiotools/wag/header-5.htm.
What comes after the fields that a record needs is read leniently: dates in other orders, descriptions where numbers
should be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.dates import read_date
from ecg.formats.options import HIGHEST_RATE_HZ
from ecg.formats.packed import is_file, open_packed, reading
from ecg.formats.units import mv_per_unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Header", "Signal", "read_header", "record_path", "render_header"]

DEFAULT_RATE_HZ = "250"
"""header(5): the rate where the record line has none."""

DEFAULT_GAIN_PER_MV = 200.0
"""header(5): the gain of a signal whose gain is absent or 0 ('uncalibrated')."""

MOST_BYTES = 4 << 20
"""Of a header. It is read as a whole."""

_NUMBER = r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,2})?"
_RECORD = re.compile(
    r"""(?P<name>[^\s/]+)(?:/(?P<segments>\d{1,9}))?
    \s+(?P<signals>\d{1,9})
    (?:\s+(?P<rate>\d{1,9}(?:[.,]\d{0,18})?(?:[eE][-+]?\d{1,2})?|\.\d{1,18})(?:/[-+.\deE]+)?(?:\([-+.\deE]+\))?(?=\s|$)
    (?:\s+(?P<length>\d{1,15})(?=\s|$))?)?
    (?P<rest>\s.*)?""",
    re.VERBOSE,
)
_SEGMENT = re.compile(r"(?P<name>[^\s/]+)\s+(?P<length>\d{1,15})(?:\s.*)?")
_SIGNAL = re.compile(
    r"""(?P<file>\S+)
    \s+(?P<format>\d{1,9})(?:x(?P<per_frame>\d{1,9}))?(?::(?P<skew>\d{1,9}))?(?:\+(?P<offset>\d{1,15}))?
    (?:\s+(?P<rest>.*))?""",
    re.VERBOSE,
)
_GAIN = re.compile(rf"(?P<gain>{_NUMBER})(?:\((?P<baseline>{_NUMBER})\))?(?:/(?P<unit>\S+))?(?:\s+|$)")
_FIELD = re.compile(rf"(?P<number>{_NUMBER}|nan)(?:\s+|$)", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)(\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?(?!\d)")


@dataclass(frozen=True, slots=True)
class Signal:
    """One line of a header: where a signal's samples lie and what they mean.

    Attributes:
        name: the description, such as `MLII`; empty where absent.
        file: the `.dat` file.
        format: storage format number.
        offset: bytes before the first sample of the file.
        gain_per_mv: ADC steps a mV; None where the signal is no voltage.
        baseline: ADC value of 0 mV.
        unit: physical unit as written.
        checksum: sum of all samples, modulo 65,536; None where absent.
        initial: value of the first sample; None where absent.
        per_frame: samples in a frame of the record.
        skew: frames by which the signal lies too late in its file.
        gain: ADC steps a unit.
    """

    name: str
    file: Path
    format: int
    offset: int
    gain_per_mv: float | None
    baseline: int
    unit: str
    checksum: int | None
    initial: int | None = None
    per_frame: int = 1
    skew: int = 0
    gain: float = DEFAULT_GAIN_PER_MV


@dataclass(frozen=True, slots=True)
class Header:
    """A record's header.

    Attributes:
        path: the `.hea` file.
        name: the record's name, after the file.
        rate_hz: frames a second, as exact as it was written. A frame has one sample of each signal, or several.
        length: frames; None where absent (the file's size then tells).
        start_utc: time of the first sample, taken as UTC as the format knows no zone; None without time and date.
        signals: in the order of the file.
        comments: lines after `#`.
        segments: name and frames of each, of a record of several; `~` is a gap. The first has no frames where it tells
            the signals of all.
        odd_date: what stands in the place of time and date, and is none.
    """

    path: Path
    name: str
    rate_hz: Fraction
    length: int | None
    start_utc: datetime | None
    signals: tuple[Signal, ...]
    comments: tuple[str, ...]
    segments: tuple[tuple[str, int], ...] = ()
    odd_date: str = ""


def _start(rest: str) -> datetime | None:
    """Time and date, in any order, the date as 31/12/2024, 31-Dec-2024 or 2024-12-31. None where one is missing."""
    day, clock = read_date(rest, "dmy"), _CLOCK.search(rest)
    if day is None or clock is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[3] is None:
        hour, minute, second = 0, hour, minute
    fraction_s = int(clock[4]) / 10 ** len(clock[4]) if clock[4] else 0.0
    try:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
            hours=hour, minutes=minute, seconds=second + fraction_s
        )
    except OverflowError:
        return None


def _signal(line: str, path: Path, number: int) -> Signal:
    match = _SIGNAL.fullmatch(line)
    if match is None:
        raise InputError(f"{path}: signal {number} is not described as WFDB headers do ({line[:60]!r}); copy it again")
    rest = match["rest"] or ""
    gain = _GAIN.match(rest)
    rest = rest[gain.end() :] if gain else rest
    fields: list[float] = []  # resolution, zero, initial value, checksum, block size
    while gain and len(fields) < 5 and (field := _FIELD.match(rest)):
        fields.append(float(field["number"]))
        rest = rest[field.end() :]
    whole = [int(field) if field == field and abs(field) < 1e15 else 0 for field in fields]  # noqa: PLR0124 - nan
    whole += [0] * (5 - len(whole))
    unit = gain["unit"] or "mV" if gain else "mV"
    millivolts = mv_per_unit(unit)
    baseline = gain["baseline"] if gain else None
    steps = (float(gain["gain"]) if gain else 0.0) or DEFAULT_GAIN_PER_MV
    name = PurePath(match["file"])
    return Signal(
        name=rest.strip(),
        file=path.parent / (name.name if name.is_absolute() or ".." in name.parts else name),
        format=int(match["format"]),
        offset=int(match["offset"] or 0),
        gain_per_mv=None if millivolts is None else steps / millivolts,
        baseline=whole[1] if baseline is None else round(float(baseline)),
        unit=unit,
        checksum=whole[3] % 65536 if len(fields) > 3 else None,
        initial=whole[2] if len(fields) > 2 else None,
        per_frame=int(match["per_frame"] or 1) or 1,
        skew=int(match["skew"] or 0),
        gain=steps,
    )


def record_path(path: Path) -> Path:
    """Where a new record is to lie, without suffix.

    Args:
        path: with or without `.hea`.

    Raises:
        InputError: WFDB tools would not take that name.
    """
    path = path.with_name(path.name.removesuffix(".hea"))
    if not path.name.replace("_", "").replace("-", "").isalnum():
        raise InputError(f"{path}: no name for a WFDB record; use letters, digits, - and _")
    return path


def read_header(path: Path) -> Header:
    """Read the header of a record of one segment or of several.

    Args:
        path: the `.hea` file.

    Raises:
        InputError: it is missing, unreadable or no WFDB header.
    """
    if not is_file(path):
        raise InputError(f"{path}: no such header file; a WFDB record is NAME.hea with its NAME.dat beside it")
    with reading(path), open_packed(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}: not a WFDB header (it has more than {MOST_BYTES >> 20} MiB); check the name")
    rows = [line.strip(" \t\0\ufeff") for line in re.split(r"\r\n|\n|\r", _decoded(content))]
    comments = tuple(line[1:].strip() for line in rows if line.startswith("#"))
    lines = [line for line in rows if line and not line.startswith("#")]
    match = _RECORD.fullmatch(lines[0]) if lines else None
    if match is None:
        first = repr(lines[0][:60]) if lines else "it is empty"
        raise InputError(f"{path}: not a WFDB header ({first}); its first line must be NAME SIGNALS RATE SAMPLES")
    rate_hz = Fraction((match["rate"] or DEFAULT_RATE_HZ).replace(",", "."))
    if rate_hz <= 0 or rate_hz > HIGHEST_RATE_HZ:
        raise InputError(f"{path}: a sampling rate of {match['rate']} Hz; correct its first line")
    rest = (match["rest"] or "").strip()
    start_utc = _start(rest)
    return Header(
        path=path,
        name=path.stem,
        rate_hz=rate_hz,
        length=int(match["length"] or 0) or None,
        start_utc=start_utc,
        signals=() if match["segments"] else _signals(lines[1:], int(match["signals"]), path),
        comments=comments,
        segments=_segments(lines[1:], int(match["segments"]), path) if match["segments"] else (),
        odd_date="" if start_utc is not None or not re.search(r"\d[-/ ]\w+[-/ ]\d", rest) else rest[:40],
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _signals(lines: Sequence[str], count: int, path: Path) -> tuple[Signal, ...]:
    if count == 0 or len(lines) < count:
        raise InputError(f"{path}: it promises {count} signals and describes {len(lines)}; copy the record again")
    return tuple(_signal(line, path, number) for number, line in enumerate(lines[:count]))


def _segments(lines: Sequence[str], count: int, path: Path) -> tuple[tuple[str, int], ...]:
    found = [match for line in lines[:count] if (match := _SEGMENT.fullmatch(line))]
    if count == 0 or len(found) < count:
        raise InputError(f"{path}: it promises {count} segments and names {len(found)}; copy the record again")
    return tuple((match["name"], int(match["length"])) for match in found)


def render_header(header: Header) -> str:
    """Write what `read_header` reads: a record of signals that are all in mV.

    Args:
        header: its length is known, each signal's gain and checksum too; the time is written in ms.
    """
    start = ""
    if header.start_utc is not None:
        moment = header.start_utc.astimezone(UTC)
        start = f" {moment.time().isoformat('milliseconds')} {moment:%d/%m/%Y}"
    lines = [f"{header.name} {len(header.signals)} {float(header.rate_hz):.12g} {header.length}{start}"]
    for signal in header.signals:
        checksum = ((signal.checksum or 0) + 0x8000) % 0x10000 - 0x8000  # header(5): a signed 16-bit number
        lines.append(
            f"{signal.file.name} {signal.format} {signal.gain_per_mv:.12g}({signal.baseline})/mV {signal.format} 0 "
            f"{signal.initial or 0} {checksum} 0 {signal.name}"
        )
    lines += [f"# {comment}" for comment in header.comments]
    return "\n".join(lines) + "\n"
