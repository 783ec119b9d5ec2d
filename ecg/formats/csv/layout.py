"""Finds out what the columns of a CSV file are, from what stands above the table, its header and its first rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.formats.csv.dialect import LOST, Dialect, find_dialect, two_commas
from ecg.formats.csv.names import is_text_name, is_unit, name_and_unit
from ecg.formats.csv.preamble import Preamble, read_fact, read_preamble
from ecg.formats.csv.text import COMMENTS
from ecg.formats.csv.time_column import TimeColumn, find_time_column
from ecg.formats.csv.times import moments_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from fractions import Fraction

    from ecg.formats.options import ReadOptions

__all__ = ["Column", "Layout", "is_data", "read_layout"]

_JUDGED_LINES: Final = 200
"""Lines from which the dialect is told, out of the lower half, as the first may be no data."""

_FEW_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column that contains a signal, or text beside the signals.

    Attributes:
        place: number of the column in the file.
        name: from the header, without the unit; the number of the column if there is no header.
        full_name: the cell of the header.
        unit: from the header, the row below it, or the lines above; empty if there is none.
        is_text: whether the column contains text, judged by the beginning of the file.
    """

    place: int
    name: str
    full_name: str
    unit: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file.

    Attributes:
        first_line: number, from 1 on, of the first line of data.
        dialect: how cells are written.
        columns: all but those of time and sample number.
        preamble: what stands above the table.
        time: the column of times or sample numbers; None without.
        day: the date of the times; None without.
    """

    first_line: int
    dialect: Dialect
    columns: tuple[Column, ...]
    preamble: Preamble
    time: TimeColumn | None
    day: date | None


def is_data(line: str) -> bool:
    """Whether a line below the header is no comment."""
    return not line.lstrip().startswith(COMMENTS)


def read_layout(lines: Sequence[str], path: str, options: ReadOptions) -> Layout:
    """Tell the columns from the first lines of a file.

    Lines that begin with `#`, `%` or `//` are comments; `# rate_hz: 360` gives the rate. The table begins with the
    first row that has numbers or times where the last rows have them. The row above is its header; one between the two
    may give units, as PhysioNet's `rdsamp` writes them. What stands above these may tell rate, unit, lead and start.
    Columns of times and sample numbers are found by name and by value, see `find_time_column`; all others are signals.
    Without a header they are named by number.

    Args:
        lines: the beginning of the file.
        path: for messages.
        options: what a person told.

    Raises:
        InputError: no data, an unusable rate, or a time column whose unit is not known.
    """
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t\r\n\0\ufeff")]
    comments = [(number, line) for number, line in numbered if not is_data(line)]
    rows = [(number, line) for number, line in numbered if is_data(line)]
    if not rows:
        raise InputError(f"{path}: holds no data; give a CSV file with one sample a line")
    lower = rows[-max(_FEW_LINES, (len(rows) + 1) // 2) :]
    dialect = find_dialect([line for _, line in lower[:: 1 + len(lower) // _JUDGED_LINES]], path)
    cells = [dialect.split(line) for _, line in rows]
    first = _first_of_data(cells, dialect)
    if first is None:
        what = "a header and no data" if len(rows) < _FEW_LINES else "no table of numbers"
        raise InputError(f"{path}: holds {what}; give a CSV file with one sample a line")
    header, units, above = _header(cells, first, rows)
    preamble = read_preamble([*comments, *rows[:above]], path)
    data = cells[first:]
    width = max(len(header), *map(len, data))
    usual = Counter(len(row) for row in data).most_common(1)[0][0]
    if dialect.delimiter == "," and header and usual == 2 * len(header):
        raise two_commas(path)
    if header and len(header) == usual - 1 and len(cells[first - 1 - bool(units)]) == usual - 1:
        width = max(width, usual)
        header, units = ["", *header], ["", *units] if units else []  # R names the column of row numbers nothing
    header = header + [""] * (width - len(header)) if header else []
    units += [""] * (width - len(units))
    named = [name_and_unit(cell) for cell in header] if header else [(str(place), "") for place in range(width)]
    columns = [
        (name, unit or below, [row[place] if place < len(row) else "" for row in data])
        for place, ((name, unit), below) in enumerate(zip(named, units, strict=True))
    ]
    rate_hz: Fraction | None = options.rate_hz or preamble.rate_hz
    found = find_time_column(columns, dialect, options.time_column, rate_hz, path)
    signals = tuple(
        Column(place, name, header[place] if header else "", unit or preamble.unit, is_text)
        for place, (name, unit, below) in enumerate(columns)
        if place not in found.places and (any(below) or name) and not (not any(below) and not header)
        for is_text in (is_text_name(name) or _holds_text(below, dialect),)
    )
    if len(signals) == 1 and preamble.lead and not header:
        signals = (Column(signals[0].place, preamble.lead, "", signals[0].unit, signals[0].is_text),)
    return Layout(rows[first][0], dialect, signals, preamble, found.chosen, found.day)


def _judged(rows: Sequence[object]) -> int:
    return min(_JUDGED_LINES, (len(rows) + 1) // 2)


def _first_of_data(cells: Sequence[Sequence[str]], dialect: Dialect) -> int | None:
    """The number of the first row of data: it has numbers or times where most of the last rows have them."""
    last = cells[-_judged(cells) :]
    width = max(map(len, last))
    held = []
    for place in range(width):
        below = [row[place] for row in last if place < len(row) and row[place].casefold() not in LOST]
        if below and sum(1 for cell in below if _is_value(cell, dialect)) >= 0.5 * len(below):
            held.append(place)
    for number, row in enumerate(cells):
        if not held:
            break
        present = [row[place] for place in held if place < len(row)]
        values = [cell for cell in present if cell.casefold() not in LOST]
        if len(present) == len(held) and all(_is_value(cell, dialect) for cell in values) and (values or number):
            return number
    return None


def _is_value(cell: str, dialect: Dialect) -> bool:
    return dialect.number(cell) is not None or moments_of([cell], dialect) is not None or cell[:1].isdigit()


def _header(
    cells: Sequence[list[str]], first: int, rows: Sequence[tuple[int, str]]
) -> tuple[list[str], list[str], int]:
    """The header and the units above the first row of data, and how many rows stand above both."""
    width = len(cells[first])
    above = first
    units: list[str] = []
    if above and _fits(cells[above - 1], width) and _are_units(cells[above - 1]):
        with_names = above > 1 and _fits(cells[above - 2], width) and not _are_units(cells[above - 2])
        if with_names:
            units, above = _trimmed(cells[above - 1]), above - 1
    if above and _fits(cells[above - 1], width) and any(cells[above - 1]):
        number, line = rows[above - 1]
        if not read_fact(line, number, Preamble()):
            return _trimmed(cells[above - 1]), units, above - 1
    return [], units, above


def _trimmed(row: Sequence[str]) -> list[str]:
    """A row without the empty cells at its end."""
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether a row may be the header of rows of that width: as many cells, or one less for the row numbers."""
    return len(_trimmed(row)) in {width - 1, width} or len(row) == width


def _are_units(row: Sequence[str]) -> bool:
    """Whether most cells are units, and all are short enough to be some."""
    present = [cell.strip("()[]") for cell in row if cell]
    known = sum(1 for cell in present if is_unit(cell) or "mm:ss" in cell)
    return bool(present) and 2 * known >= len(present) and all(len(cell) <= 25 for cell in present)


def _holds_text(cells: Sequence[str], dialect: Dialect) -> bool:
    """Whether a column has more cells with text than with numbers. Empty cells do not count."""
    numbers = [dialect.number(cell) for cell in cells]
    return numbers.count(None) > sum(number is not None and number == number for number in numbers)  # noqa: PLR0124
