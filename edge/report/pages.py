"""The report on paper: a page of figures and curves, the list of events, and a strip of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.alarms.kinds import AlarmKind
from ecg.errors import InputError
from ecg.formats.wfdb.annotations import in_order
from ecg.paper.chart import LANE_MM, Lane, curve, hours, lanes, value_axis
from ecg.paper.drawing import ALARM, INK, NOTE, PALE_INK, WARNING, Box, Page, Text
from ecg.paper.font import font
from ecg.paper.grid import MM_PER_MV, MM_PER_S
from ecg.paper.picture import SEPARATOR, footer
from ecg.paper.strip import ROW_S, WIDTH_MM, strip_of
from ecg.paper.wording import COLOURS, LABELS, alarm_name, rhythm_name
from ecg.recording import read_whole
from edge.report.session import SIGNAL_GOOD, SIGNAL_LOST, SIGNAL_OFF, SIGNAL_POOR
from edge.storage.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.paper.drawing import Colour, Item
    from ecg.paper.strip import Row
    from edge.report.day import Day
    from edge.report.session import Stretch
    from edge.storage.past_events import PastEvent

__all__ = ["MOST_STRIPS", "pages_of_day"]

PAGE_MM: Final = (297.0, 210.0)
MARGIN_MM: Final = 10.0
LEFT_MM: Final = (PAGE_MM[0] - WIDTH_MM) / 2
BOTTOM_MM: Final = PAGE_MM[1] - MARGIN_MM
FOOT_MM: Final = 8.0
TITLE_MM, HEADING_MM, TEXT_MM = 5.5, 3.8, 3.2
LINE_MM: Final = 5.2

CHART_LEFT_MM: Final = 36.0
CHART_MM: Final = 204.0

STRIP_BEFORE_S: Final = 3.0
"""A strip of an event is one row: 3 s before its onset, and 7 s after it."""

MOST_STRIPS: Final = 100
"""Strips of one report, the urgent ones first; any further event is in the list, and can be exported."""

PRIORITIES: Final = ("high", "medium", "low")

TECHNICAL: Final = frozenset(
    {
        AlarmKind.ELECTRODE_OFF,
        AlarmKind.POOR_SIGNAL,
        AlarmKind.SAMPLES_LOST,
        AlarmKind.NO_SAMPLES,
        AlarmKind.STORAGE_NEARLY_FULL,
        AlarmKind.STORAGE_FAILED,
        AlarmKind.BATTERY_LOW,
        AlarmKind.CLOCK_NOT_SET,
        AlarmKind.MODEL_REFUSED,
    }
)
"""Kinds of alarms that a strip of the heart says nothing about; they stand in the list."""

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


def pages_of_day(directory: Path, day: Day) -> Iterator[Page]:
    """Draw the pages of a report. Strips are read from the recording one at a time.

    Args:
        directory: folder of the recording.
        day: what it tells.
    """
    sheets = chain([_Sheet(_overview(day))], _event_list(day), _strips(directory, day))
    for number, sheet in enumerate(sheets, start=1):
        foot = footer(LEFT_MM, BOTTOM_MM, letters=sheet.letters, page=f"page {number}")
        yield Page(*PAGE_MM, [*sheet.items, *foot])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What stands on a page above its foot; letters that the foot explains."""

    items: list[Item]
    letters: frozenset[str] = frozenset()


def _title(day: Day, what: str, *about: str) -> list[Item]:
    right_mm = LEFT_MM + WIDTH_MM
    about = (f"{day.date:%Y-%m-%d} UTC", *about)
    return [
        Text(LEFT_MM, MARGIN_MM + 5, font().fitted(f"{what}{SEPARATOR}{day.device}", TITLE_MM, 170), TITLE_MM, INK),
        Text(right_mm, MARGIN_MM + 5, SEPARATOR.join(about), HEADING_MM, INK, "end"),
    ]


def _overview(day: Day) -> list[Item]:
    items = _title(day, "Report of the day")
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
    return items


def _figures(day: Day) -> list[tuple[str, list[str]]]:
    """Headings with their lines of figures."""
    summary, tally = day.summary, day.summary.tally
    beats = sum(tally.beats.values())
    classes = [f"{count} {LABELS[label]}" for label, count in sorted(tally.beats.items()) if label in {"V", "S", "A"}]
    af = _hours(tally.atrial_fibrillation_s or 0.0)
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
                f"watched {_hours(tally.duration_s)}",
                f"good signal {_percent(tally.good_signal_share)}",
                f"samples lost {_hours(tally.lost_s)}",
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
        name, _hours(total_s), _merged([(_hour(day, each.start), _hour(day, each.end)) for each in stretches]), colour
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


def _event_list(day: Day) -> Iterator[_Sheet]:
    """Pages with a line for each event."""
    room = int((BOTTOM_MM - FOOT_MM - MARGIN_MM - 20) / LINE_MM)
    for first in range(0, max(len(day.events), 1), room):
        items = _title(day, "Events")
        y_mm = MARGIN_MM + 14
        items += _line(y_mm, ("no.", "onset", "priority", "event", "lasted", "patient's words"), PALE_INK)
        for event in day.events[first : first + room]:
            y_mm += LINE_MM
            lasted = "" if event.duration_s is None else _hours(event.duration_s)
            words = font().fitted(event.words, TEXT_MM, WIDTH_MM - COLUMNS_MM[-1])
            cells = (str(event.number), f"{event.onset:%H:%M:%S}", event.priority, event.name, lasted, words)
            items += _line(y_mm, cells, COLOURS.get(event.priority, INK))
        if not day.events:
            items.append(Text(LEFT_MM, y_mm + LINE_MM, "no events", TEXT_MM, INK))
        yield _Sheet(items)


COLUMNS_MM: Final = (0.0, 14.0, 36.0, 58.0, 118.0, 140.0)


def _line(y_mm: float, cells: Sequence[str], colour: Colour) -> list[Item]:
    return [
        Text(LEFT_MM + x_mm, y_mm, cell, TEXT_MM, colour) for x_mm, cell in zip(COLUMNS_MM, cells, strict=True) if cell
    ]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The strip of some events that began together."""

    events: tuple[PastEvent, ...]
    row: Row | None
    letters: frozenset[str]

    @property
    def height_mm(self) -> float:
        return HEAD_MM * len(self.events) + (LINE_MM if self.row is None else self.row.height_mm)


HEAD_MM: Final = 6.0


def _strips(directory: Path, day: Day) -> Iterator[_Sheet]:
    """Pages with the strips of the heart's events, in the order of time."""
    urgent = sorted((each for each in day.events if each.kind not in TECHNICAL), key=_urgency)
    chosen = sorted(urgent[:MOST_STRIPS], key=lambda event: (event.onset, event.number))
    page: list[_Drawn] = []
    room_mm = BOTTOM_MM - FOOT_MM - MARGIN_MM - 10
    for events in _together(chosen):
        drawn = _draw(directory, events)
        if page and sum(each.height_mm for each in page) + drawn.height_mm > room_mm:
            yield _strip_sheet(day, page)
            page = []
        page.append(drawn)
    if page:
        left_out = len(urgent) - len(chosen)
        yield _strip_sheet(day, page, f"{left_out} further events stand in the list alone" if left_out else "")


def _together(events: Sequence[PastEvent]) -> Iterator[tuple[PastEvent, ...]]:
    """Events that began within `STRIP_BEFORE_S` share a strip."""
    group: list[PastEvent] = []
    for event in events:
        if group and event.onset - group[0].onset > timedelta(seconds=STRIP_BEFORE_S):
            yield tuple(group)
            group = []
        group.append(event)
    if group:
        yield tuple(group)


def _urgency(event: PastEvent) -> tuple[int, int]:
    rank = PRIORITIES.index(event.priority) if event.priority in PRIORITIES else len(PRIORITIES)
    return rank, event.number


def _draw(directory: Path, events: tuple[PastEvent, ...]) -> _Drawn:
    start = events[0].onset - timedelta(seconds=STRIP_BEFORE_S)
    try:
        found = excerpt(directory, start, start + timedelta(seconds=ROW_S))
        strip = strip_of(read_whole(found), in_order(found.annotations()))
    except InputError:  # deleted, or recorded at another rate within the strip
        return _Drawn(events, None, frozenset())
    return _Drawn(events, strip.rows[0], strip.letters)


def _strip_sheet(day: Day, page: Sequence[_Drawn], remark: str = "") -> _Sheet:
    items = _title(day, "Events", f"{MM_PER_S} mm/s", f"{MM_PER_MV} mm/mV", "no filter")
    y_mm = MARGIN_MM + 10
    for drawn in page:
        for event in drawn.events:
            said = (str(event.number), alarm_name(event.kind), event.priority, f"{event.onset:%H:%M:%S}", event.words)
            head = font().fitted(SEPARATOR.join(part for part in said if part), HEADING_MM, WIDTH_MM)
            items.append(Text(LEFT_MM, y_mm + 4, head, HEADING_MM, COLOURS.get(event.priority, INK)))
            y_mm += HEAD_MM
        if drawn.row is None:
            items.append(Text(LEFT_MM, y_mm + 3, "no ECG of this event is left", TEXT_MM, PALE_INK))
            y_mm += LINE_MM
        else:
            items += drawn.row.draw(y_mm, LEFT_MM)
            y_mm += drawn.row.height_mm
    if remark:
        items.append(Text(LEFT_MM, BOTTOM_MM - FOOT_MM + 1, remark, TEXT_MM, PALE_INK))
    return _Sheet(items, frozenset().union(*(drawn.letters for drawn in page)))


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.0f} {unit}"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def _seconds(ms: float | None) -> str:
    return "unknown" if ms is None else f"{ms / 1000:.2f} s"


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f" at {moment:%H:%M}"


def _hours(seconds: float) -> str:
    """A length as a person says it."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
