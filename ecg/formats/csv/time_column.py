"""Finds the time column of a table, by its name and by its values: nothing that only rises is an ECG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.csv.names import is_index_name, is_time_name
from ecg.formats.csv.times import CellTimes, date_of, moments_of, seconds_per_unit
from ecg.formats.leads import is_ecg
from ecg.formats.units import UNKNOWN_UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from fractions import Fraction

    from ecg.formats.csv.dialect import Dialect
    from ecg.samples import FloatArray

__all__ = ["TimeColumn", "TimeColumns", "find_time_column"]

_SLOWEST_HZ, _FASTEST_HZ, _FASTEST_S_HZ = 25, 8000, 2048
"""Rates of an ECG. At most one of s, ms, us and ns gives one of them. Times in seconds that give more than 2048 Hz may
be minutes."""

_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_OTHER_UNITS: Final = (*_UNITS, (60.0, "min"), (3600.0, "h"), (86400.0, "days"))
_FEWEST_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column that tells the time of each row.

    Attributes:
        place: its number in the file.
        name: from the header.
        times: how its cells are read.
        scale: seconds of a unit, or samples of a sample number.
        counts_samples: its cells are sample numbers.
        note: what was taken for granted; empty if the file tells all.
    """

    place: int
    name: str
    times: CellTimes
    scale: float = 1.0
    counts_samples: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class TimeColumns:
    """What was found.

    Attributes:
        chosen: the column to follow; None without one.
        places: of all columns of times and sample numbers, which are no signals.
        day: the date beside a clock time; None without one.
    """

    chosen: TimeColumn | None
    places: frozenset[int]
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: int
    name: str
    unit: str
    times: CellTimes
    values: FloatArray
    is_index: bool

    @property
    def step(self) -> float:
        """Mean step from row to row, without gaps, in the column's own unit."""
        steps = np.diff(self.values)
        forward = steps[steps > 0]
        if not len(forward):
            return 0.0
        usual = forward[forward <= 3 * np.median(forward)]
        return float(usual.mean()) * len(forward) / len(steps)

    @property
    def merit(self) -> tuple[float, bool, float]:
        """The best column to follow has a time of its own in each row, a known unit, and even steps."""
        steps = np.diff(self.values)
        distinct = round(len(np.unique(self.values)) / max(1, len(self.values)), 1)
        spread = float(np.std(steps) / (abs(np.mean(steps)) or 1.0)) if len(steps) else 0.0
        return distinct, not self.times.is_number or seconds_per_unit(self.unit) is not None, -spread


def find_time_column(
    columns: Sequence[tuple[str, str, Sequence[str]]],
    dialect: Dialect,
    wanted: str,
    rate_hz: Fraction | None,
    path: str,
) -> TimeColumns:
    """Find the time column.

    Args:
        columns: of each column its name, its unit and its first cells.
        dialect: of the table.
        wanted: name or number of the column, `none`, or empty.
        rate_hz: sampling rate; None if only the times tell it.
        path: for messages.

    Raises:
        InputError: there is no such column; or the unit of the times is not known, nor is the rate.
    """
    found = [_candidate(place, *column, dialect, named=bool(wanted)) for place, column in enumerate(columns)]
    candidates = [each for each in found if each is not None]
    dates = {place: day for place, (_, _, cells) in enumerate(columns) if (day := _only_date(cells)) is not None}
    if wanted.casefold() == "none":
        return TimeColumns(None, frozenset())
    if wanted:
        place = _place([name for name, _, _ in columns], wanted, path)
        told = next((each for each in candidates if each.place == place), None)
        if told is None:
            raise InputError(f"{path}: column {wanted} contains no times; choose another with --time-column, or none")
        candidates = [told] + [each for each in candidates if each.place != place and _named(each)]
    else:
        signals = len(columns) - len({each.place for each in candidates} | dates.keys())
        if not signals:  # something must be left that can be a signal
            candidates = [each for each in candidates if _named(each) or not each.times.is_number]
    places = frozenset({each.place for each in candidates} | dates.keys())
    day = next(iter(dates.values()), None)
    times = sorted((each for each in candidates if not each.is_index), key=lambda each: each.merit, reverse=True)
    if wanted:
        times.sort(key=lambda each: each.place != candidates[0].place)
    problem: InputError | None = None
    for each in times:
        try:
            return TimeColumns(_scaled(each, rate_hz, path), places, each.times.day or day)
        except InputError as error:
            problem = problem or error
    index = next((each for each in candidates if each.is_index), None)
    if problem is not None and index is None:
        raise problem
    if index is None:
        return TimeColumns(None, places, day)
    return TimeColumns(TimeColumn(index.place, index.name, index.times, counts_samples=True), places, day)


def _named(candidate: _Candidate) -> bool:
    return is_time_name(candidate.name) or is_index_name(candidate.name) or seconds_per_unit(candidate.unit) is not None


def _candidate(  # noqa: PLR0911
    place: int, name: str, unit: str, cells: Sequence[str], dialect: Dialect, *, named: bool
) -> _Candidate | None:
    """A column as a time column; None if it cannot be one."""
    times = moments_of(cells, dialect)
    if times is None:
        return None
    read = [times.read(cell) for cell in cells]
    values = np.array([value for value in read if value is not None])
    if not times.is_number:
        return _Candidate(place, name, unit, times, values, is_index=False)
    is_time = is_time_name(name) or seconds_per_unit(unit) is not None
    if is_ecg(name) and not is_time and not named:
        return None
    steps = np.diff(values)
    if len(values) < _FEWEST_ROWS:
        is_index = is_index_name(name) and not is_time
        return _Candidate(place, name, unit, times, values, is_index) if is_time or is_index else None
    forward = steps[steps > 0]
    if len(forward) < 2 or np.mean(steps >= 0) < 0.9:
        return None
    counts = bool(np.all(forward % 1 == 0)) and float(forward.min()) == 1.0
    counts = counts and (is_index_name(name) or np.mean(steps == 1) > 0.8)
    if counts and not is_time:
        return _Candidate(place, name, unit, times, values, is_index=True)
    # Without a name that says so, a column must rise evenly.
    even = np.mean(steps > 0) > 0.95 and float(np.percentile(forward, 95)) <= 4 * float(np.percentile(forward, 5))
    return _Candidate(place, name, unit, times, values, is_index=False) if is_time or named or even else None


def _only_date(cells: Sequence[str]) -> date | None:
    """The date in a column that contains nothing but dates."""
    present = [cell for cell in cells[:100] if cell]
    if not present or not all(len(cell) <= 12 and ":" not in cell for cell in present):
        return None
    return date_of(present) if all(date_of([cell, *present[:20]]) is not None for cell in present[:5]) else None


def _scaled(candidate: _Candidate, rate_hz: Fraction | None, path: str) -> TimeColumn:  # noqa: PLR0911
    """The column with the worth of its unit.

    Raises:
        InputError: it is not known.
    """
    place, name, unit, times = candidate.place, candidate.name, candidate.unit, candidate.times
    title = name or f"number {place}"
    scale = 1.0 if not times.is_number else seconds_per_unit(unit) or seconds_per_unit(name if len(name) > 1 else "")
    if scale is not None:
        return TimeColumn(place, name, times, scale)
    step, values = candidate.step, candidate.values
    if rate_hz is not None:
        if step <= 0:
            return TimeColumn(place, name, times)
        own = float(1 / rate_hz) / step
        near = next((worth for worth, _ in _OTHER_UNITS if 0.7 < own / worth < 1.4), None)
        if near is None and 0.9 < step < 1.1:
            return TimeColumn(place, name, times, counts_samples=True)
        fits = _fitting(step)
        return TimeColumn(place, name, times, near or (fits[0][0] if len(fits) == 1 else own))
    if unit.strip().casefold() not in UNKNOWN_UNITS:
        raise InputError(
            f"{path}: the times of column {title} are in {unit!r}, which is not understood; give the sampling rate "
            "with --rate, or another column with --time-column"
        )
    since_1970 = [(worth, word) for worth, word in _UNITS if len(values) and 1e9 <= float(values[0]) * worth < 4.2e9]
    if since_1970:
        worth, word = since_1970[0]
        return TimeColumn(place, name, times, worth, note="" if worth == 1.0 else f"times taken for {word} since 1970")
    if len(values) < _FEWEST_ROWS or step <= 0:
        return TimeColumn(place, name, times)
    fits = _fitting(step)
    if len(fits) != 1 or abs(step - 1) < 1e-9:
        raise InputError(
            f"{path}: the times of column {title} have no unit, and rise by {step:.4g} a row, which may be of any; "
            "give the sampling rate with --rate, or another column with --time-column"
        )
    worth, word = fits[0]
    return TimeColumn(place, name, times, worth, note="" if worth == 1.0 else f"times taken for {word}")


def _fitting(step: float) -> list[tuple[float, str]]:
    """The units in which a step from row to row gives a rate that an ECG has."""
    return [
        (worth, word)
        for worth, word in _UNITS
        if _SLOWEST_HZ <= 1 / (step * worth) <= (_FASTEST_S_HZ if worth == 1.0 else _FASTEST_HZ)
    ]


def _place(names: Sequence[str], wanted: str, path: str) -> int:
    """The number of a column by its name or its number from 0 on."""
    lowered = [name.casefold() for name in names]
    if wanted.casefold() in lowered:
        return lowered.index(wanted.casefold())
    if wanted.isdecimal() and len(wanted) < 9 and int(wanted) < len(names):
        return int(wanted)
    present = ", ".join(f"{number} = {name or 'unnamed'}" for number, name in enumerate(names[:16]))
    raise InputError(
        f"{path}: no column {wanted!r}; choose one with --time-column by name or number: {present}, or none"
    )
