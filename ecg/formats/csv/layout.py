"""Finds out what the columns of a CSV file are, from its comments, its header and its first rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.units import mv_per_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Column", "Layout", "number_or_none", "read_layout", "split_cells"]

LOST = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
"""Cells that say that a sample was lost."""

_TIME_NAMES = frozenset(
    {"time", "t", "timestamp", "elapsed", "elapsed time", "seconds", "datetime", "date", "utc", "ms"}
)
_INDEX_NAMES = frozenset({"sample", "sample #", "sample_index", "index", "sample number"})
_TEXT_NAMES = frozenset({"mark", "annotation", "annotations", "note", "notes", "label", "symbol", "comment"})
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6}
_RATE = re.compile(r"#\s*(?:sample_|sampling_)?rate(?:_hz)?\s*[:=]\s*(\S+)(?:\s*Hz)?\s*", re.IGNORECASE)
_UNIT_IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*[(\[](?P<unit>[^)\]]*)[)\]]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that contains a signal, or text beside the signals.

    Attributes:
        place: number of the column in the file.
        name: from the header, without the unit; the number of the column if there is no header.
        full_name: the cell of the header.
        unit: from the header; mV if there is none.
        mv_per_unit: value of one unit in mV; None if it is not a voltage.
        is_text: whether the column contains text, judged by the beginning of the file.
    """

    place: int
    name: str
    full_name: str
    unit: str
    mv_per_unit: float | None
    is_text: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file.

    Attributes:
        first_line: number, from 1 on, of the first line of data.
        delimiter: between the cells.
        columns: all but those of time and sample number.
        rate_hz: from a comment; None without.
        time_column: None without.
        seconds_per_unit: what one unit of a numeric time is in seconds.
        counts_samples: the time column holds sample numbers.
    """

    first_line: int
    delimiter: str
    columns: tuple[Column, ...]
    rate_hz: Fraction | None
    time_column: int | None
    seconds_per_unit: float
    counts_samples: bool


def number_or_none(cell: str) -> float | None:
    """The number in a cell; NaN for a lost sample; None for text."""
    try:
        return float(cell)
    except ValueError:
        return float("nan") if cell.strip(" \t\"'\r\n").casefold() in LOST else None


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line, without quotes and spaces around them."""
    return [cell.strip(" \t\"'\r\n") for cell in line.split(delimiter)]


def _name_and_unit(cell: str) -> tuple[str, str]:
    """`MLII (mV)`, `MLII [mV]` and `ecg_mv` alike."""
    match = _UNIT_IN_BRACKETS.fullmatch(cell)
    if match:
        return match["name"], match["unit"].strip()
    stem, _, last = cell.rpartition("_")
    # Only what cannot be part of a lead's name: `ecg_mv` has a unit, `lead_V` has none.
    if last.casefold() in ("mv", "uv", "nv") or (stem.casefold() in _TIME_NAMES and last.casefold() in _SECONDS):
        return stem, last
    return cell, ""


def _is_text(cells: Sequence[str]) -> bool:
    """Whether no cell holds a number or a time: a header or a row of units."""
    return not any(cell[:1].isdigit() or cell[:1] in ("-", "+", ".") for cell in cells) and any(cells)


def read_layout(lines: Sequence[str], path: str) -> Layout:
    """Tell the columns from the first lines of a file.

    Lines that begin with `#` are comments; `# rate_hz: 360` gives the rate. A first row without any number is the
    header, and one more such row after it gives units, as PhysioNet's `rdsamp` writes them. A column called time,
    timestamp, elapsed and the like holds times; one called sample or index holds sample numbers; all others are
    signals, in mV where no unit is given. Without a header all columns are signals, named by number.

    Args:
        lines: the beginning of the file.
        path: for messages.

    Raises:
        InputError: no data, or an unusable rate.
    """
    rate_hz = None
    rows: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        match = _RATE.fullmatch(line.strip())
        if match:
            rate_hz = _rate(match[1], path, number)
        elif line.strip() and not line.lstrip().startswith("#"):
            rows.append((number, line))
    if not rows:
        raise InputError(f"{path}: holds no data; give a CSV file with one sample a line")
    delimiter = max("\t;,", key=rows[0][1].count)
    cells = [split_cells(line, delimiter) for _, line in rows[:3]]
    header = cells[0] if _is_text(cells[0]) and not all(cell.casefold() in LOST for cell in cells[0]) else None
    named = [_name_and_unit(cell) for cell in header] if header else [(str(n), "") for n in range(len(cells[0]))]
    skipped = 0 if header is None else 1
    if header and len(cells) > 1 and _is_text(cells[1]) and len(cells[1]) == len(header):
        units = [unit or below for (_, unit), below in zip(named, cells[1], strict=True)]
        if any(mv_per_unit(unit) is not None for unit in units):
            named = [(name, unit) for (name, _), unit in zip(named, units, strict=True)]
            skipped = 2
    if skipped >= len(rows):
        raise InputError(f"{path}: holds a header and no data; give a CSV file with one sample a line")
    kinds = [name.casefold() for name, _ in named]
    time = next((n for n, kind in enumerate(kinds) if header and (kind in _TIME_NAMES or kind in _INDEX_NAMES)), None)
    # A second time or index column is no signal either.
    places = [n for n, kind in enumerate(kinds) if not header or kind not in _TIME_NAMES | _INDEX_NAMES]
    data = [split_cells(line, delimiter) for _, line in rows[skipped:]]
    columns = tuple(
        Column(
            place=n,
            name=named[n][0],
            full_name=header[n] if header else "",
            unit=named[n][1] or "mV",
            mv_per_unit=mv_per_unit(named[n][1] or "mV"),
            is_text=kinds[n] in _TEXT_NAMES or _holds_text(data, n),
        )
        for n in places
    )
    time_unit = named[time][1].casefold() if time is not None else ""
    if time is not None and kinds[time] == "ms":
        time_unit = "ms"
    return Layout(
        first_line=rows[skipped][0],
        delimiter=delimiter,
        columns=columns,
        rate_hz=rate_hz,
        time_column=time,
        seconds_per_unit=_SECONDS.get(time_unit, 1.0),
        counts_samples=time is not None and kinds[time] in _INDEX_NAMES,
    )


def _holds_text(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column has more cells with text than with numbers. Empty cells do not count."""
    cells = [row[place] for row in rows if place < len(row)]
    numbers = [number_or_none(cell) for cell in cells]
    return numbers.count(None) > sum(number is not None and number == number for number in numbers)  # noqa: PLR0124


def _rate(text: str, path: str, number: int) -> Fraction:
    try:
        rate_hz = Fraction(text.removesuffix("Hz"))
    except (ValueError, ZeroDivisionError):
        rate_hz = Fraction(0)
    if rate_hz <= 0:
        raise InputError(f"{path}: line {number}: no sampling rate ({text}); write it like '# rate_hz: 360'")
    return rate_hz
