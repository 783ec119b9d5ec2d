"""The first page of the report: figures, heart rate, rhythm and signal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.chart import LANE_MM, Lane, curve, hours, lanes, value_axis
from ecg.paper.drawing import ALARM, INK, NOTE, PALE_INK, WARNING, Box, Text
from ecg.paper.font import font
from ecg.paper.strip import WIDTH_MM
from ecg.paper.wording import LABELS, rhythm_name
from edge.report.session import SIGNAL_GOOD, SIGNAL_LOST, SIGNAL_OFF, SIGNAL_POOR
from edge.report.sheet import (
    BOTTOM_MM,
    FOOT_MM,
    HEADING_MM,
    LEFT_MM,
    LINE_MM,
    MARGIN_MM,
    PRIORITIES,
    TEXT_MM,
    Sheet,
    length_text,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.paper.drawing import Colour, Item
    from edge.report.day import Day
    from edge.report.session import Stretch

__all__ = ["overview"]

CHART_LEFT_MM: Final = 36.0
CHART_MM: Final = 204.0

RHYTHM_COLOURS: Final[dict[str, Colour]] = {
    "N": (90, 150, 120),
    "AFIB": WARNING,
    "VT": ALARM,
    "VFL": ALARM,
    "ASYS": INK,
    "NOISE": (200, 200, 206),
}
SIGNAL_COLOURS: Final[dict[str, Colour]] = {
    SIGNAL_GOOD: (90, 150, 120),
    SIGNAL_POOR: WARNING,
    SIGNAL_OFF: PALE_INK,
    SIGNAL_LOST: ALARM,
}


def overview(day: Day) -> Sheet:
    """Draw the page."""
    items = title(day, "Report of the day")
    y_mm = MARGIN_MM + 13
    columns = _figures(day)
    for number, (heading, lines) in enumerate(columns):
        x_mm = LEFT_MM + number * WIDTH_MM / len(columns)
        items.append(Text(x_mm, y_mm, heading, HEADING_MM, PALE_INK))
        items += [Text(x_mm, y_mm + (row + 1) * LINE_MM, line, TEXT_MM, INK) for row, line in enumerate(lines) if line]
    y_mm += 7 * LINE_MM + 6
    box = Box(LEFT_MM + CHART_LEFT_MM, y_mm, CHART_MM, 45)
    items.append(Text(LEFT_MM, y_mm - 2.5, "Heart rate", HEADING_MM, PALE_INK))
    items += _heart_rate(day, box)
    for heading, rows in (("Rhythm", _rhythm_lanes(day)), ("Signal", _signal_lanes(day))):
        y_mm = box.bottom_mm + 12
        box = Box(box.x_mm, y_mm, CHART_MM, LANE_MM * max(len(rows), 1))
        items.append(Text(LEFT_MM, y_mm - 2.5, heading, HEADING_MM, PALE_INK))
        items += [*hours(box), *lanes(box, rows)]
    for number, complaint in enumerate(day.complaints[:2]):
        text = font().fitted(complaint, TEXT_MM, WIDTH_MM)
        items.append(Text(LEFT_MM, BOTTOM_MM - FOOT_MM + number * 4, text, TEXT_MM, WARNING))
    return Sheet(items)


def _figures(day: Day) -> list[tuple[str, list[str]]]:
    """Headings with their lines of figures."""
    summary, tally = day.summary, day.summary.tally
    beats = sum(tally.beats.values())
    classes = [f"{count} {LABELS[label]}" for label, count in sorted(tally.beats.items()) if label in {"V", "S", "A"}]
    af = length_text(tally.atrial_fibrillation_s or 0.0)
    alarms = [f"{sum(event.priority == each for event in day.events)} {each}" for each in PRIORITIES]
    return [
        (
            "Heart rate",
            [
                f"mean {_number(tally.heart_rate_mean_bpm, 'bpm')}",
                f"lowest {_number(tally.heart_rate_min_bpm, 'bpm')}{_at(summary.slowest_at)}",
                f"highest {_number(tally.heart_rate_max_bpm, 'bpm')}{_at(summary.fastest_at)}",
                f"longest interval {_seconds(tally.longest_rr_ms)}{_at(summary.longest_at)}",
            ],
        ),
        (
            "Beats",
            [
                f"{beats} beats",
                f"ventricular burden {_percent(tally.ventricular_burden)}",
                f"premature beats {_percent(tally.ectopic_burden)}",
                ", ".join(classes),
                f"not classified: {tally.beats.get('unclassified', 0)}",
            ],
        ),
        (
            "Rhythm and variability",
            [
                f"atrial fibrillation {_percent(tally.atrial_fibrillation_burden)}, {af}",
                f"SDNN {_number(tally.sdnn_ms, 'ms')}",
                f"RMSSD {_number(tally.rmssd_ms, 'ms')}",
                f"pNN50 {_percent(tally.pnn50)}",
            ],
        ),
        (
            "Signal and alarms",
            [
                f"watched {length_text(tally.duration_s)}",
                f"good signal {_percent(tally.good_signal_share)}",
                f"samples lost {length_text(tally.lost_s)}",
                f"alarms: {', '.join(alarms)}",
            ],
        ),
    ]


def _heart_rate(day: Day, box: Box) -> list[Item]:
    """The rate of each minute; a minute without one is a break."""
    known = [minute for minute in day.minutes if minute.mean_bpm is not None]
    top_bpm = max([120.0, *(minute.max_bpm or 0.0 for minute in known)])
    limits = (20.0, min(20 * np.ceil(top_bpm / 20), 300.0))
    items = [*hours(box), *value_axis(box, *limits, 20, "bpm")]
    if not day.minutes:
        return items
    columns = [
        (_hour(day, minute.start + timedelta(seconds=30)), minute.mean_bpm, minute.min_bpm, minute.max_bpm)
        for minute in day.minutes
    ]
    points: list[tuple[float | None, ...]] = []
    for column in columns:
        before = points[-1][0] if points else None
        if before is not None and column[0] is not None and column[0] - before > 1.5 / 60:
            points.append((before, None, None, None))  # the monitor was not running: no line across
        points.append(column)
    table = np.array(points, dtype=np.float64)
    order = np.argsort(table[:, 0], kind="stable")
    return [*items, *curve(box, table[order], limits)]


def _rhythm_lanes(day: Day) -> list[Lane]:
    names = sorted({each.name for each in day.rhythms}, key=_rhythm_order)
    return [
        _lane(
            day, rhythm_name(name), [each for each in day.rhythms if each.name == name], RHYTHM_COLOURS.get(name, NOTE)
        )
        for name in names
    ]


def _signal_lanes(day: Day) -> list[Lane]:
    return [
        _lane(day, name, stretches, colour)
        for name, colour in SIGNAL_COLOURS.items()
        if (stretches := [each for each in day.signal if each.name == name])
    ]


def _rhythm_order(name: str) -> tuple[int, str]:
    known = list(RHYTHM_COLOURS)
    return (known.index(name) if name in known else len(known) - 1, name)


def _lane(day: Day, name: str, stretches: Sequence[Stretch], colour: Colour) -> Lane:
    total_s = sum((each.end - each.start).total_seconds() for each in stretches)
    return Lane(
        name,
        length_text(total_s),
        _merged([(_hour(day, each.start), _hour(day, each.end)) for each in stretches]),
        colour,
    )


def _merged(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches without gaps that nobody could see: less than a tenth of a mm."""
    merged: list[tuple[float, float]] = []
    for first, last in sorted(stretches):
        if merged and first - merged[-1][1] < 0.1 * 24 / CHART_MM:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _hour(day: Day, moment: datetime) -> float:
    start = datetime(day.date.year, day.date.month, day.date.day, tzinfo=UTC)
    return min(max((moment - start) / timedelta(hours=1), 0.0), 24.0)


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.0f} {unit}"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def _seconds(ms: float | None) -> str:
    return "unknown" if ms is None else f"{ms / 1000:.2f} s"


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f" at {moment:%H:%M}"
