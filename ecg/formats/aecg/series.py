"""The series of an annotated ECG: leads that were recorded together, or one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.dates import compact_utc
from ecg.formats.lead_ids import standard_name
from ecg.formats.numbers import as_rate, parse_fraction, parse_samples
from ecg.formats.units import mv_per_unit
from ecg.formats.whole_file import Signal
from ecg.formats.words import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from ecg.formats.xml_tree import Element

__all__ = ["ELEMENTS", "Series", "read_series", "told_time"]

ELEMENTS: Final = frozenset(
    {"component", "sequenceSet", "sequence", "code", "value", "head", "increment", "origin", "scale", "digits",
     "effectiveTime", "low", "center"}
)  # fmt: skip
"""Elements that are read in a series."""

_SECONDS: Final = {"s": Fraction(1), "ms": Fraction(1, 1000), "us": Fraction(1, 1_000_000)}
_MOST_NAME: Final = 32
_MDC: Final = "MDC_ECG_LEAD_"
_MOST_SAMPLES: Final = 1 << 26
"""Of all leads together, lost ones included: parts of a recording may lie apart."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series of leads.

    Attributes:
        kind: its code, such as `RHYTHM`.
        is_derived: whether it was made of another series, as a representative beat is.
        start_utc: time of sample 0; None if unknown.
        signals: its leads.
        damaged: numbers that are none.
    """

    kind: str
    is_derived: bool
    start_utc: datetime | None
    signals: tuple[Signal, ...]
    damaged: int

    @property
    def duration_s(self) -> float:
        """Length; 0 without a rate."""
        return max(
            (float((each.first + len(each.numbers)) / each.rate_hz) for each in self.signals if each.rate_hz), default=0
        )


def read_series(element: Element, path: Path, *, is_derived: bool) -> Series:
    """Read a series.

    Args:
        element: the series.
        path: for messages.
        is_derived: whether it stands among the derived ones.

    Raises:
        InputError: its parts do not fit into memory.
    """
    code = element.first("code")
    kind = "" if code is None else one_line(code.get("code"), _MOST_NAME)
    is_derived = is_derived or "BEAT" in kind
    parts: list[tuple[datetime | None, list[Signal]]] = []
    damaged = 0
    for sequence_set in element.all("component", "sequenceSet"):
        head, rate_hz, signals = None, None, []
        for sequence in sequence_set.all("component", "sequence"):
            code, value = sequence.first("code"), sequence.first("value")
            if code is None or value is None:
                continue
            if value.first("increment") is not None:
                head, rate_hz = _times(value)
            else:
                signal, lost = _signal(code.get("code"), value)
                signals.append(signal)
                damaged += lost
        parts.append((head, [replace(signal, rate_hz=rate_hz) for signal in signals if len(signal.numbers)]))
    start_utc, placed = _placed([part for part in parts if part[1]], path)
    return Series(kind, is_derived, start_utc or told_time(element), placed, damaged)


def _times(value: Element) -> tuple[datetime | None, Fraction | None]:
    """The time of the first sample, and the rate."""
    head, increment = value.first("head"), value.first("increment")
    rate_hz = None
    if increment is not None and (unit_s := _SECONDS.get(increment.get("unit") or "s")) is not None:
        rate_hz = as_rate(increment.get("value"), unit_s)
    return None if head is None else compact_utc(head.get("value")), rate_hz


def _signal(code: str, value: Element) -> tuple[Signal, int]:
    """A lead without its rate, and how many of its samples are no numbers. SLIST_PQ has an origin and a scale."""
    origin, scale, digits = value.first("origin"), value.first("scale"), value.first("digits")
    numbers, damaged = parse_samples("" if digits is None else digits.text)
    step, unit, zero = None, "", 0.0
    if scale is not None:
        told = parse_fraction(scale.get("value"))
        step, unit = None if told is None else float(told) or None, scale.get("unit")
    if origin is not None and step is not None:
        told = parse_fraction(origin.get("value"))
        ours, theirs = mv_per_unit(unit), mv_per_unit(origin.get("unit") or unit)
        zero = 0.0 if told is None else float(told) * (theirs / ours if ours and theirs else 1.0)
    name = standard_name(one_line(code.removeprefix(_MDC), _MOST_NAME))
    return Signal(
        name=name,
        numbers=numbers,
        unit=one_line(unit.replace("[", "").replace("]", ""), _MOST_NAME),
        step=step,
        zero=zero,
    ), damaged


def _placed(
    parts: Sequence[tuple[datetime | None, list[Signal]]], path: Path
) -> tuple[datetime | None, tuple[Signal, ...]]:
    """The leads of all parts, each at its time; a lead that comes several times is put together.

    Returns:
        The time of sample 0, and the leads.

    Raises:
        InputError: the parts lie so far apart that they do not fit into memory.
    """
    heads = [head for head, _ in parts if head is not None]
    start_utc = min(heads, default=None)
    found: dict[str, list[Signal]] = {}
    for head, signals in parts:
        after_s = 0.0 if head is None or start_utc is None else (head - start_utc).total_seconds()
        for number, signal in enumerate(signals):
            first = round(after_s * (signal.rate_hz or 0))
            found.setdefault(signal.name or f"{number}", []).append(replace(signal, first=first))
    longest = max((each.first + len(each.numbers) for parts in found.values() for each in parts), default=0)
    if longest * len(found) > _MOST_SAMPLES:
        raise InputError(f"{path}: {longest} samples of {len(found)} leads do not fit into memory; give a shorter part")
    return start_utc, tuple(_joined(each) for each in found.values())


def _joined(parts: list[Signal]) -> Signal:
    """The parts of a lead as one signal. What lies between them is lost."""
    one = parts[0]
    if len(parts) == 1:
        return one
    same = [each for each in parts if (each.step, each.zero, each.unit, each.rate_hz) == _scale(one)]
    first = min(each.first for each in same)
    numbers = np.full(max(each.first + len(each.numbers) for each in same) - first, np.nan)
    for each in same:
        numbers[each.first - first : each.first - first + len(each.numbers)] = each.numbers
    return replace(one, numbers=numbers, first=first)


def _scale(signal: Signal) -> tuple[float | None, float, str, Fraction | None]:
    return signal.step, signal.zero, signal.unit, signal.rate_hz


def told_time(element: Element) -> datetime | None:
    """The time in an element's `effectiveTime`."""
    for name in ("low", "center"):
        found = element.first("effectiveTime", name)
        if found is not None and (time := compact_utc(found.get("value"))) is not None:
            return time
    return None
