"""Reads HL7 aECG. Of the patient and the trial nothing is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.lead_ids import standard_name
from ecg.formats.numbers import as_rate, parse_fraction, parse_samples
from ecg.formats.units import mv_per_unit
from ecg.formats.whole_file import Contents, Signal, WholeFileReader
from ecg.formats.xml_tree import Element, read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["ROOT", "AecgReader"]

ROOT: Final = "AnnotatedECG"

_KEPT: Final = frozenset(
    {ROOT, "component", "series", "derivation", "derivedSeries", "sequenceSet", "sequence", "code", "value", "head",
     "increment", "origin", "scale", "digits", "effectiveTime", "low", "center"}
)  # fmt: skip
_SECONDS: Final = {"s": Fraction(1), "ms": Fraction(1, 1000), "us": Fraction(1, 1_000_000)}
_TIME = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d{1,6})\d*)?)?)?)?([-+]\d{4})?", re.ASCII
)
_MDC: Final = "MDC_ECG_LEAD_"
_MOST_DAMAGED: Final = 1 / 20
_MOST_SAMPLES: Final = 1 << 26
"""Of all leads together, lost ones included: parts of a recording may lie apart."""


@dataclass(frozen=True, slots=True)
class _Series:
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


class AecgReader(WholeFileReader):
    """The rhythm of an annotated ECG: the longest series that is not made of another one."""

    def _decode(self, path: Path) -> Contents:
        root = read_xml(path, _KEPT)
        if root.name != ROOT:
            raise InputError(f"{path}: no HL7 aECG (its root is {root.name[:64]}); give an annotated ECG")
        found = [each for each in (_series(*each, path) for each in _all_series(root)) if each.signals]
        if not found:
            raise InputError(f"{path}: no series of samples is in it; give an annotated ECG with its rhythm")
        chosen = max(found, key=lambda each: (not each.is_derived, each.duration_s))
        if chosen.is_derived:
            raise InputError(f"{path}: only a representative beat is in it; give an annotated ECG with its rhythm")
        samples = sum(len(signal.numbers) for signal in chosen.signals)
        if chosen.damaged > _MOST_DAMAGED * samples:
            raise InputError(f"{path}: {chosen.damaged} of {samples} samples are no numbers; copy it again")
        remarks = [f"{chosen.damaged} samples are no numbers, and are lost"] if chosen.damaged else []
        remarks += [
            f"its {each.kind.casefold().replace('_', ' ') or 'other'} series of {each.duration_s:.1f} s is not read"
            for each in found
            if each is not chosen
        ]
        kind = chosen.kind.casefold().replace("_", " ")
        return Contents(
            signals=chosen.signals,
            format=f"HL7 aECG ({kind})" if kind else "HL7 aECG",
            start_utc=chosen.start_utc or _about(root),
            remarks=remarks,
        )


def _all_series(root: Element) -> Iterator[tuple[Element, bool]]:
    """The series, and whether they are derived."""
    for series in root.all("component", "series"):
        yield series, False
        for derived in series.all("derivation", "derivedSeries"):
            yield derived, True


def _series(element: Element, is_derived: bool, path: Path) -> _Series:
    code = element.first("code")
    kind = "" if code is None else code.get("code")
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
    return _Series(kind, is_derived, start_utc or _about(element), placed, damaged)


def _times(value: Element) -> tuple[datetime | None, Fraction | None]:
    """The time of the first sample, and the rate."""
    head, increment = value.first("head"), value.first("increment")
    rate_hz = None
    if increment is not None and (unit_s := _SECONDS.get(increment.get("unit") or "s")) is not None:
        rate_hz = as_rate(increment.get("value"), unit_s)
    return None if head is None else _time(head.get("value")), rate_hz


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
    name = standard_name(code.removeprefix(_MDC))
    return Signal(
        name=name, numbers=numbers, unit=unit.replace("[", "").replace("]", ""), step=step, zero=zero
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


def _about(element: Element) -> datetime | None:
    """The time in an element's `effectiveTime`."""
    for name in ("low", "center"):
        found = element.first("effectiveTime", name)
        if found is not None and (time := _time(found.get("value"))) is not None:
            return time
    return None


def _time(text: str) -> datetime | None:
    """A time of HL7, such as `20021122091000.000-0500`. One without an offset is taken for UTC."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(each or 0) for each in match.groups()[:6])
    microsecond = int((match[7] or "").ljust(6, "0"))
    try:
        time = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
        if match[8]:
            offset = timedelta(hours=int(match[8][1:3]), minutes=int(match[8][3:]))
            time = time - offset if match[8][0] == "+" else time + offset
    except (ValueError, OverflowError):
        return None
    return time
