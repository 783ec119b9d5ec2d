"""Header files (`.hea`) of WFDB records.

Format: WFDB Applications Guide, header(5), https://physionet.org/physiotools/wag/header-5.htm.
Records of one segment and of one sample a frame are read; others are refused with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.units import mv_per_unit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Header", "Signal", "read_header", "record_path", "render_header"]

DEFAULT_RATE_HZ = "250"
"""header(5): the rate where the record line has none."""

DEFAULT_GAIN_PER_MV = 200.0
"""header(5): the gain of a signal whose gain is absent or 0 ('uncalibrated')."""

_RECORD = re.compile(
    r"""(?P<name>[^\s/]+)(?:/(?P<segments>\d+))?
    \s+(?P<signals>\d+)
    (?:\s+(?P<rate>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)(?:/[-+.\deE]+)?(?:\([-+.\deE]+\))?
    (?:\s+(?P<length>\d+)
    (?:\s+(?P<time>\d+(?::\d+){0,2}(?:\.\d*)?)
    (?:\s+(?P<date>\d+/\d+/\d+))?)?)?)?""",
    re.VERBOSE,
)
_SIGNAL = re.compile(
    r"""(?P<file>\S+)
    \s+(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?
    (?:\s+(?P<gain>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)(?:\((?P<baseline>[-+]?\d+)\))?(?:/(?P<unit>\S+))?
    (?:\s+(?P<resolution>\d+)
    (?:\s+(?P<zero>[-+]?\d+)
    (?:\s+(?P<initial>[-+]?\d+)
    (?:\s+(?P<checksum>[-+]?\d+)
    (?:\s+(?P<block>[-+]?\d+)
    (?:\s+(?P<description>.*))?)?)?)?)?)?)?""",
    re.VERBOSE,
)


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


@dataclass(frozen=True, slots=True)
class Header:
    """A record's header.

    Attributes:
        path: the `.hea` file.
        name: the record's name, after the file.
        rate_hz: sampling rate, as exact as it was written.
        length: samples of each signal; None where absent (the file's size then tells).
        start_utc: time of the first sample, taken as UTC as the format knows no zone; None without time and date.
        signals: in the order of the file.
        comments: lines after `#`.
    """

    path: Path
    name: str
    rate_hz: Fraction
    length: int | None
    start_utc: datetime | None
    signals: tuple[Signal, ...]
    comments: tuple[str, ...]


def _start(time: str | None, date: str | None) -> datetime | None:
    if time is None or date is None:
        return None
    day, month, year = (int(part) for part in date.split("/"))
    clock = [float(part) for part in time.split(":")]
    seconds = sum(part * 60**power for power, part in enumerate(reversed(clock)))
    return datetime(year, month, day, tzinfo=UTC) + timedelta(seconds=seconds)


def _signal(line: str, path: Path, number: int) -> Signal:
    match = _SIGNAL.fullmatch(line)
    if match is None:
        raise InputError(f"{path}: signal {number} is not described as WFDB headers do ({line[:60]!r}); copy it again")
    part = match.groupdict()
    if int(part["per_frame"] or 1) != 1:
        raise InputError(
            f"{path}: signal {number} has {part['per_frame']} samples a frame, and one is read here; "
            "bring all signals to one rate with WFDB's xform first"
        )
    if int(part["skew"] or 0):
        raise InputError(f"{path}: signal {number} is skewed against the others; rewrite the record with WFDB's xform")
    gain = float(part["gain"] or 0) or DEFAULT_GAIN_PER_MV
    unit = part["unit"] or "mV"
    millivolts = mv_per_unit(unit)
    zero = int(part["zero"] or 0)
    return Signal(
        name=(part["description"] or "").strip(),
        file=path.parent / part["file"],
        format=int(part["format"]),
        offset=int(part["offset"] or 0),
        gain_per_mv=None if millivolts is None else gain / millivolts,
        baseline=zero if part["baseline"] is None else int(part["baseline"]),
        unit=unit,
        checksum=None if part["checksum"] is None else int(part["checksum"]) % 65536,
        initial=None if part["initial"] is None else int(part["initial"]),
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
    """Read the header of a record of one segment.

    Args:
        path: the `.hea` file.

    Raises:
        InputError: it is missing, unreadable, no WFDB header, or of a kind that is not read here.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such header file; a WFDB record is NAME.hea with its NAME.dat beside it"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    rows = [line.strip() for line in text.splitlines()]
    comments = tuple(line[1:].strip() for line in rows if line.startswith("#"))
    lines = [line for line in rows if line and not line.startswith("#")]
    match = _RECORD.fullmatch(lines[0]) if lines else None
    if match is None:
        first = repr(lines[0][:60]) if lines else "it is empty"
        raise InputError(f"{path}: not a WFDB header ({first}); its first line must be NAME SIGNALS RATE SAMPLES")
    if match["segments"]:
        raise InputError(f"{path}: a record of {match['segments']} segments; give the segments' own records one by one")
    count = int(match["signals"])
    if count == 0 or len(lines) - 1 < count:
        raise InputError(f"{path}: it promises {count} signals and describes {len(lines) - 1}; copy the record again")
    rate_hz = Fraction(match["rate"] or DEFAULT_RATE_HZ)
    if rate_hz <= 0:
        raise InputError(f"{path}: a sampling rate of {match['rate']} Hz; correct its first line")
    try:
        start_utc = _start(match["time"], match["date"])
    except (ValueError, OverflowError):
        raise InputError(
            f"{path}: no such date or time ({match['time']} {match['date']}); correct its first line"
        ) from None
    return Header(
        path=path,
        name=path.stem,
        rate_hz=rate_hz,
        length=int(match["length"] or 0) or None,
        start_utc=start_utc,
        signals=tuple(_signal(line, path, number) for number, line in enumerate(lines[1 : count + 1])),
        comments=comments,
    )


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
