"""Cells of a time column: numbers in a unit, clock times, dates with a time, in the ways of several countries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Final

from ecg.formats.csv.dialect import LOST, plain_cell
from ecg.formats.dates import COMPACT, date_order, read_date

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from ecg.formats.csv.dialect import Dialect

__all__ = ["DAY_S", "CellTimes", "date_of", "moments_of", "seconds_per_unit"]

DAY_S: Final = 86400.0

_SECONDS: Final = {
    1.0: "s sec secs second seconds sek sekunde sekunden seconde secondes segundo segundos secondo secondi seg",
    1e-3: "ms msec msecs millis millisecond milliseconds millisekunde millisekunden milliseconde millisecondes "
    "milisegundo milisegundos millisecondo millisecondi",
    1e-6: "us usec usecs micros microsecond microseconds mikrosekunde mikrosekunden microseconde microsecondes "
    "microsegundo microsegundos",
    1e-9: "ns nsec nanos nanosecond nanoseconds nanosekunde nanosekunden nanoseconde nanosecondes nanosegundos",
    60.0: "min mins minute minutes minuten minuto minutos minuti",
    3600.0: "h hr hrs hour hours stunde stunden heure heures hora horas ora ore",
    DAY_S: "d day days tag tage jour jours dia dias giorno giorni",
}
_BY_WORD: Final = {word: seconds for seconds, words in _SECONDS.items() for word in words.split()}
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,3}):(\d{1,2})(?::(\d{1,2}))?(?:[.,:](\d+))?(?!\d)\s*([AaPp])?(?:\.?[Mm]\.?)?(?=\W|$|[A-Z])",
    re.ASCII,
)
_ZONE = re.compile(r"(?<=\d)\s*(?:(Z|UTC|GMT)(?=\W|$)|([-+])(0\d|1[0-4]):?(00|15|30|45)(?=\D*$))")


def seconds_per_unit(unit: str) -> float | None:
    """What one `unit` of time is in s; None for what is no unit of time."""
    plain = unit.strip().strip("()[]{}").strip().casefold().replace("\u00b5", "u").replace("\u03bc", "u").rstrip(".")
    return _BY_WORD.get(plain)


@dataclass(frozen=True, slots=True)
class CellTimes:
    """How the cells of a time column are read.

    Attributes:
        read: time in a cell, in s or in the column's own unit; None for text.
        is_number: the cells are numbers, whose unit is told elsewhere.
        wraps: the clock starts again, after a day or after an hour, as no date stands beside it.
        has_zone: the cells name their zone, so that no change of clocks is in them.
        day: the date of the first cell; None without one, or where day and month could be either.
    """

    read: Callable[[str], float | None]
    is_number: bool
    wraps: bool = False
    has_zone: bool = False
    day: date | None = None


def moments_of(cells: Sequence[str], dialect: Dialect) -> CellTimes | None:
    """Tell how the cells of a column are to be read as times; None where most are none.

    Day and month are told apart by a number over 12, a dot, or an `am`; where nothing tells, only the clock counts.
    """
    present = [cell for cell in map(plain_cell, cells) if cell.casefold() not in LOST][:500]
    if not present:
        return None
    if _share(present, dialect.number) > 0.9:
        return CellTimes(_finite(dialect), is_number=True)
    order = date_order(present)
    for read, wraps in ((lambda cell: _moment(cell, order), False), (_clock, True)):
        if (wraps or order) and _share(present, read) > 0.9:
            first = next((found for cell in present if (found := read_date(cell, order)) is not None), None)
            return CellTimes(read, is_number=False, wraps=wraps, has_zone=bool(_ZONE.search(present[0])), day=first)
    return None


def date_of(cells: Sequence[str]) -> date | None:
    """The first date in cells that hold dates alone."""
    order = date_order(cells)
    return next((found for cell in cells if (found := read_date(plain_cell(cell), order)) is not None), None)


def _share(cells: Sequence[str], read: Callable[[str], float | None]) -> float:
    return sum(1 for cell in cells if read(cell) is not None) / len(cells)


def _finite(dialect: Dialect) -> Callable[[str], float | None]:
    def read(cell: str) -> float | None:
        number = dialect.number(cell)
        return number if number is not None and isfinite(number) else None

    return read


def _moment(cell: str, order: str) -> float | None:
    """Seconds since 1970 of a date with a time, taken as UTC where no zone is named."""
    day = read_date(cell, order)
    if day is None:
        return None
    compact = COMPACT.search(cell)
    if compact:
        seconds = int(compact[4]) * 3600.0 + int(compact[5]) * 60 + int(compact[6]) + _fraction(compact[7])
    else:
        clock = _clock(cell, hours_first=True)
        if clock is None:
            return None
        seconds = clock
    zone = _ZONE.search(cell)
    if zone and zone[2]:
        seconds += (-1 if zone[2] == "+" else 1) * (int(zone[3]) * 3600 + int(zone[4]) * 60)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (midnight - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1) + seconds


def _clock(cell: str, *, hours_first: bool = False) -> float | None:
    """Seconds of a clock time: `h:mm:ss.mmm`, `h:mm:ss:mmm`, `h:mm:ss pm`, and `m:ss.mmm` or, with a date, `h:mm`."""
    found = _CLOCK.search(cell) if cell[:1].isdigit() or cell[:1] == "[" else None
    if found is None:
        return None
    high, middle, low = int(found[1]), int(found[2]), found[3]
    if middle > 59 or (low is not None and int(low) > 59):
        return None
    half = found[5]
    if half:
        high = high % 12 + (12 if half in "pP" else 0)
    if low is None:
        return high * 3600.0 + middle * 60 if half or hours_first else high * 60.0 + middle + _fraction(found[4])
    return high * 3600.0 + middle * 60 + int(low) + _fraction(found[4])


def _fraction(digits: str | None) -> float:
    return int(digits[:9]) / 10 ** len(digits[:9]) if digits else 0.0
