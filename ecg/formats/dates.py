"""Dates in the ways of several countries."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMPACT", "date_order", "read_date"]

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev f\u00e9v", "mar m\u00e4r mrz", "apr abr avr", "may mai mag", "jun juin giu",
         "jul juil lug",          "aug ago aou ao\u00fb", "sep set", "oct okt ott", "nov", "dec dez d\u00e9c dic"), 1
    )
    for name in names.split()
}  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?=\D|$)", re.ASCII)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?=\D|$)", re.ASCII)
_NAMED_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})[-/. ]+([^\W\d_]{3,9})\.?[-/., ]+(\d{4})|([^\W\d_]{3,9})\.? (\d{1,2}),? (\d{4})"
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})[T _](\d{2})(\d{2})(\d{2})(?:[.,](\d+))?", re.ASCII)


def date_order(cells: Sequence[str]) -> str:
    """The order of day, month and year in dates: `ymd`, `dmy`, `mdy`, or empty where it cannot be told."""
    order = ""
    for cell in cells:
        if _YEAR_FIRST.search(cell) or COMPACT.search(cell):
            return "ymd"
        found = _YEAR_LAST.search(cell)
        if found is None:
            if _NAMED_MONTH.search(cell):
                return "dmy"
            continue
        if int(found[1]) > 12 or found[2] == "." or cell.startswith("["):  # [hh:mm:ss.mmm dd/mm/yyyy] is WFDB's
            return "dmy"
        if int(found[3]) > 12 or re.search(r"\d\s*[AaPp]\.?[Mm]", cell):
            order = "mdy"
    return order


def read_date(cell: str, order: str) -> date | None:
    """The first date in a text; None without one. `order` is that of `date_order`."""
    try:
        if found := _YEAR_FIRST.search(cell):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := COMPACT.search(cell):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NAMED_MONTH.search(cell):
            day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
            number = _MONTHS.get(month.casefold()[:3]) or _MONTHS.get(month.casefold()[:4])
            return None if number is None else date(int(year), number, int(day))
        if order in {"dmy", "mdy"} and (found := _YEAR_LAST.search(cell)):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            year += 2000 if len(found[4]) == 2 else 0
            return date(year, second, first) if order == "dmy" else date(year, first, second)
    except ValueError:
        pass
    return None
