"""A trend for a person: a line for each recording, and what QTc reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from reader.trend import Point, Trend

__all__ = ["print_trend"]


def print_trend(console: Console, trend: Trend) -> None:
    """Print it."""
    table = Table(box=None, pad_edge=False)
    for heading in ("recorded at", "QTc", "change", "rate", "QRS", "axis", "rhythm", "file"):
        table.add_column(heading, justify="right" if heading in {"QTc", "change", "rate", "QRS", "axis"} else "left")
    for point in trend.points:
        table.add_row(*_cells(point))
    console.print(table)
    if trend.baseline_ms is None:
        console.print(Text("No baseline: no recording has a QTc.", "yellow"))
    else:
        count = len(trend.baseline_files)
        of = "the first recording" if count == 1 else f"the first {count} recordings"
        console.print(
            f"Baseline: {trend.baseline_ms:.0f} ms, of {of} with a QTc (Fridericia). Times by each device's clock."
        )
    for file, reason in trend.left_out.items():
        console.print(Text(f"left out: {file}: {reason.removeprefix(f'{file}: ')}", "yellow"))
    console.print(
        "A long QT interval has many causes. No ECG tells damage to the heart by a treatment: show it to a doctor."
    )


def _cells(point: Point) -> tuple[Text | str, ...]:
    if point.qtcf_ms is None:
        qtc = Text(f"not told: {point.why_no_qtcf}", "yellow")
    else:
        highest = next((step for step in reversed(point.reached) if not step.startswith("+")), None)
        over = "" if highest is None else f" (\N{GREATER-THAN OR EQUAL TO} {highest})"
        qtc = Text(f"{point.qtcf_ms:.0f} ms{over}", "bold yellow" if point.reached else "")
    change = "" if point.change_ms is None else f"{point.change_ms:+.0f} ms"
    if point.reached and point.reached[-1].startswith("+"):
        change += f" (\N{GREATER-THAN OR EQUAL TO} {point.reached[-1]})"
    return (
        point.recorded_at.replace("T", " ").removesuffix("Z"),
        qtc,
        change,
        _number(point.heart_rate_bpm, " bpm"),
        _number(point.qrs_ms, " ms"),
        _number(point.axis_deg, "\N{DEGREE SIGN}"),
        point.rhythm or "not told",
        point.file,
    )


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.0f}{unit}"
