"""Dates in the ways of several countries."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMPACT", "compact_utc", "date_order", "read_date"]

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
_OFFSET = re.compile(r"([-+])(\d{2})(\d{2})", re.ASCII)
_COMPACT_PARTS = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d{1,6})\d*)?)?)?)?([-+]\d{4})?", re.ASCII
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


def compact_utc(text: str, zone: str = "") -> datetime | None:
    """A time as HL7 and DICOM write it, such as `20021122091000.000-0500`. What is left out at its end is 0.

    Args:
        text: the time.
        zone: its offset from UTC where the text has none; without any offset it is taken for UTC.

    Returns:
        None for what is no time.
    """
    match = _COMPACT_PARTS.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(each or 0) for each in match.groups()[:6])
    offset = _OFFSET.fullmatch(match[8] or zone.strip())
    try:
        time = datetime(year, month, day, hour, minute, second, int((match[7] or "").ljust(6, "0")), tzinfo=UTC)
        if offset is not None:
            away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            time = time - away if offset[1] == "+" else time + away
    except (ValueError, OverflowError):
        return None
    return time
