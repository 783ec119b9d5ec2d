"""A reading for a person: what may be shown, the rhythm, the measurements, and every doubt, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.explain.explanation import Explanation
    from reader.measure import Measurements
    from reader.reading import Reading

__all__ = ["open_console", "print_reading"]

WIDE: Final = 160
"""Columns without a terminal."""

_HEADING_WIDTH: Final = 14
_LIKELY: Final = 0.5
_POOR: Final = 0.5

_SUPERCLASSES: Final = {
    "norm": "normal",
    "mi": "infarction (MI)",
    "sttc": "ST-T change",
    "cd": "conduction disturbance",
    "hyp": "hypertrophy",
}
_INTERVALS: Final = (
    ("heart_rate_bpm", "rate", "bpm"),
    ("pr_ms", "PR", "ms"),
    ("qrs_ms", "QRS", "ms"),
    ("qt_ms", "QT", "ms"),
    ("jt_ms", "JT", "ms"),
    ("qtcf_ms", "QTc Fridericia", "ms"),
    ("qtcb_ms", "Bazett", "ms"),
    ("qtc_framingham_ms", "Framingham", "ms"),
    ("qtc_hodges_ms", "Hodges", "ms"),
)
_DEGREE: Final = "\N{DEGREE SIGN}"
_AXES: Final = (("axis_deg", "QRS", _DEGREE), ("p_axis_deg", "P", _DEGREE), ("t_axis_deg", "T", _DEGREE))
_VOLTAGES: Final = (("sokolow_lyon_mv", "Sokolow-Lyon", "mV"), ("cornell_mv", "Cornell", "mV"))


def open_console() -> Console:
    """The console for readings: a terminal as it is, otherwise plain and wide."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def print_reading(console: Console, reading: Reading) -> None:
    """Print a reading, with an empty line behind it."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(width=_HEADING_WIDTH, no_wrap=True, style="bold")
    rows.add_column(overflow="fold")
    for heading, lines in _rows(reading):
        rows.add_row(heading, Group(*lines))
    console.print(Text(_title(reading), "bold"))
    console.print(rows)
    console.print()


def _title(reading: Reading) -> str:
    count = len(reading.leads)
    leads = f"{count} leads" if count > 1 else f"lead {reading.leads[0]}" if reading.lead_known else "one lead"
    return f"{reading.file}: {reading.route}, {leads}, {reading.rate_hz:g} Hz, {_length(reading.duration_s or 0.0)}"


def _length(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"


def _rows(reading: Reading) -> Iterable[tuple[str, list[Text]]]:
    yield from _classes(reading)
    if reading.explanations:
        yield "told by", [_told_by(each) for each in reading.explanations]
    rhythm = (
        Text(reading.rhythm) if reading.rhythm else Text(f"not told: {reading.unknown.get('rhythm', '')}", "yellow")
    )
    beats = sum(reading.beats.values())
    labels = ", ".join(f"{label} {count}" for label, count in reading.beats.items())
    in_lead = f" in lead {reading.rhythm_lead}" if reading.rhythm_lead and reading.lead_known else ""
    yield "rhythm", [rhythm, Text(f"{beats} beats{in_lead} ({labels})" if beats else "no heartbeat", "dim")]
    if reading.measurements is not None:
        yield from _measured(reading.measurements)
    if reading.read_from_s is not None and reading.duration_s is not None and reading.duration_s > 10:
        last_s = min(reading.read_from_s + 10, reading.duration_s)
        yield "measured in", [Text(f"{reading.read_from_s:.1f} to {last_s:.1f} s, the 10 s of the best quality")]
    yield "quality", [_quality(reading)]
    if reading.derived_leads:
        yield "derived", [Text(f"{', '.join(reading.derived_leads)} from the other limb leads", "dim")]
    if reading.remarks:
        yield "doubts", [Text(remark, "yellow") for remark in reading.remarks]


def _classes(reading: Reading) -> Iterable[tuple[str, list[Text]]]:
    if reading.superclasses is None:
        if why := reading.unknown.get("superclasses"):
            yield "may show", [Text(f"not told: {why}", "yellow")]
        return
    found = [(getattr(reading.superclasses, key), name) for key, name in _SUPERCLASSES.items()]
    if reading.mi_or_ischaemia is not None:
        found.append((reading.mi_or_ischaemia, "MI or ischaemia"))
    line = Text()
    for probability, name in found:
        style = "bold" if probability >= _LIKELY and reading.abstained is None else ""
        line.append("   " if line else "").append(f"{name} {100 * probability:.0f} %", style)
    lines = [line]
    if reading.abstained is not None:
        lines.insert(0, Text(f"abstains: {reading.abstained}", "yellow"))
    yield "may show", lines


def _told_by(explanation: Explanation) -> Text:
    name = _SUPERCLASSES[explanation.finding.lower()]
    if explanation.unreliable is not None:
        return Text(f"{name}: unreliable, {explanation.unreliable}", "yellow")
    return Text(f"{name}: {explanation.told_by}; most in {explanation.most_active_lead} ({explanation.method})")


def _measured(measured: Measurements) -> Iterable[tuple[str, list[Text]]]:
    for heading, fields in (("intervals", _INTERVALS), ("axes", _AXES), ("voltages", _VOLTAGES)):
        known = [
            f"{name} {_number(value, unit)}"
            for key, name, unit in fields
            if (value := getattr(measured, key)) is not None
        ]
        why: dict[str, list[str]] = {}
        for key, name, _ in fields:
            if key in measured.unknown:
                why.setdefault(measured.unknown[key], []).append(name)
        lines = [Text("   ".join(known))] if known else []
        lines += [Text(f"{', '.join(names)}: {reason}", "dim") for reason, names in why.items()]
        if lines:
            yield heading, lines
    st = {lead: of.st_j60_mv for lead, of in measured.leads.items() if of.st_j60_mv is not None}
    if st:
        levels = "   ".join(f"{lead} {round(level, 2) + 0.0:+.2f}" for lead, level in st.items())
        yield "ST at J+60", [Text(f"{levels}   mV")]


def _number(value: float, unit: str) -> str:
    if unit == "mV":
        return f"{value:.2f} mV"
    return f"{value:.0f}{unit}" if unit == _DEGREE else f"{value:.0f} {unit}"


def _quality(reading: Reading) -> Text:
    poor = {lead: score for lead, score in reading.quality.items() if score < _POOR}
    if not poor:
        return Text(f"good in all leads ({min(reading.quality.values(), default=0.0):.2f} and better)")
    listed = ", ".join(f"{lead} {score:.2f}" for lead, score in poor.items())
    return Text(f"poor in {listed}", "yellow")
