"""How the cells of a table are written: what stands between them, the decimal sign, quotes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOST", "ONE_COLUMN", "SPACES", "Dialect", "find_dialect", "plain_cell", "two_commas"]

LOST: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "nil", "#n/a"})
"""Cells that say that a sample was lost."""

ONE_COLUMN, SPACES = "", " "
"""Delimiters: there is none; any number of spaces and tabs."""

_NAMES: Final = {
    "\t": "tabs",
    ";": "semicolons",
    ",": "commas",
    "|": "bars",
    SPACES: "spaces",
    ONE_COLUMN: "one column",
}
_STRIPPED: Final = " \t\"'\r\n\u00a0\u202f"
_NUMBER = re.compile(r"[-+\u2212]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_TIME = re.compile(r"\[?[\dT :./,+-]*\d:\d\d[\d :./,+-]*(?:[AaPp]\.?[Mm]\.?)?Z?\]?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
_TOKEN = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|'[^']*'|\S+")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+\.\d*")
_PADDED = re.compile(r"0\d+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The way of writing of a table.

    Attributes:
        delimiter: between the cells, or `SPACES`, or `ONE_COLUMN`.
        decimal_comma: whether numbers have a comma as decimal sign.
    """

    delimiter: str
    decimal_comma: bool

    @property
    def description(self) -> str:
        """For people: `semicolons, decimal comma`."""
        return f"{_NAMES[self.delimiter]}{', decimal comma' if self.decimal_comma else ''}"

    def split(self, line: str) -> list[str]:
        """The cells of a line, without quotes and spaces around them."""
        if self.delimiter == ONE_COLUMN:
            cells = [line]
        elif self.delimiter == SPACES:
            cells = _TOKEN.findall(line)
        elif '"' in line:
            try:
                cells = next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True))
            except (csv.Error, StopIteration):
                cells = line.split(self.delimiter)
        else:
            cells = line.split(self.delimiter)
        return [cell.strip(_STRIPPED) for cell in cells]

    def number(self, cell: str) -> float | None:
        """The number in a cell; NaN for a lost sample; None for text."""
        try:
            return float(cell)
        except ValueError:
            pass
        plain = plain_cell(cell).replace("\u2212", "-")
        if plain.casefold() in LOST:
            return float("nan")
        if self.decimal_comma:
            plain = plain.replace(".", "").replace(",", ".") if "," in plain else plain
        elif _THOUSANDS.fullmatch(plain):
            plain = plain.replace(",", "")
        try:
            return float(plain)
        except ValueError:
            return None


def plain_cell(cell: str) -> str:
    """A cell without quotes and spaces around it."""
    return cell.strip(_STRIPPED)


def find_dialect(lines: Sequence[str], path: str) -> Dialect:
    """Tell how a table is written from some of its lines, most of which hold data.

    Args:
        lines: without comments and blank lines.
        path: for messages.

    Raises:
        InputError: commas stand both between cells and in numbers.
    """
    scores = {delimiter: _score(lines, delimiter) for delimiter in ("\t", ";", "|", ",", SPACES, ONE_COLUMN)}
    # Of equal scores the first counts, so that one column is what remains where nothing else fits.
    best = max(scores, key=lambda delimiter: round(scores[delimiter], 2))
    if best == "," and _decimal_commas_alone(lines):
        return Dialect(ONE_COLUMN, decimal_comma=True)
    dialect = Dialect(best, decimal_comma=False)
    rows = [dialect.split(line) for line in lines]
    if best == "," and any('"' not in line for line in lines) and _split_numbers(rows):
        raise two_commas(path)
    return Dialect(best, decimal_comma=_has_decimal_commas(rows))


def two_commas(path: str) -> InputError:
    """The error for a table in which nobody can tell the cells."""
    return InputError(
        f"{path}: commas stand between the cells and are decimal signs too; write a decimal point, or semicolons "
        "between the cells"
    )


def _score(lines: Sequence[str], delimiter: str) -> float:
    """How well a delimiter fits: the share of cells that hold numbers or times, and of lines as long as most."""
    rows = [Dialect(delimiter, decimal_comma=False).split(line) for line in lines]
    width, alike = max(Counter(len(row) for row in rows).items(), key=lambda item: (item[1], item[0]))
    if width == 1 and delimiter != ONE_COLUMN:
        return 0.0
    cells = [cell for row in rows if len(row) == width for cell in row]
    good = sum(1 for cell in cells if cell.casefold() in LOST or _NUMBER.fullmatch(cell) or _TIME.fullmatch(cell))
    return (good / len(cells)) * (alike / len(rows)) if cells else 0.0


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    """Whether more numbers have a decimal comma than a point. `1.234,5` has the comma, `1,234.5` the point."""
    commas = points = 0
    for row in rows:
        for cell in row:
            if _NUMBER.fullmatch(cell) or re.fullmatch(r"[-+]?[\d.,]+", cell):
                commas += cell.rfind(",") > cell.rfind(".")
                points += cell.rfind(".") > cell.rfind(",")
    return commas > points


def _decimal_commas_alone(lines: Sequence[str]) -> bool:
    """Whether each line is one number with a decimal comma, and not two whole numbers.

    Digits after a decimal comma have no sign, and some of them begin with 0. A whole number does not.
    """
    cells = [line.strip(_STRIPPED + ",").split(",") for line in lines]
    data = [row for row in cells if len(row) == 2 and _NUMBER.fullmatch(row[0].strip())]
    if len(data) < 0.8 * len(lines) or not all(row[1].isdecimal() for row in data):
        return False
    wholes = [row[0].strip() for row in data]
    counts = all(each.isdecimal() for each in wholes) and len({int(b) - int(a) for a, b in pairwise(wholes)}) == 1
    return any(_PADDED.fullmatch(row[1]) or row[0] == "-0" for row in data) and not (counts and wholes[0] < wholes[-1])


def _split_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether decimal commas were taken for delimiters: digits that begin with 0, each after a whole number."""
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    data = [row for row in rows if len(row) == width and _NUMBER.fullmatch(row[-1])]
    for whole, digits in zip(range(width - 1), range(1, width), strict=True):
        padded = sum(1 for row in data if _PADDED.fullmatch(row[digits]))
        if padded > 0.02 * len(data) + 1 and all(re.fullmatch(r"[-+]?\d*", row[whole]) for row in data):
            return True
    return False
