"""The events of a day on paper: a list of all, then a strip of each alarm of the heart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import AlarmKind
from ecg.errors import InputError
from ecg.formats.wfdb.annotations import in_order
from ecg.paper.drawing import INK, PALE_INK, Text
from ecg.paper.font import font
from ecg.paper.grid import MM_PER_MV, MM_PER_S
from ecg.paper.picture import SEPARATOR
from ecg.paper.strip import ROW_S, WIDTH_MM, strip_of
from ecg.paper.wording import COLOURS, alarm_name
from ecg.recording import read_whole
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
from edge.storage.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.paper.drawing import Colour, Item
    from ecg.paper.strip import Row
    from edge.report.day import Day
    from edge.storage.past_events import PastEvent

__all__ = ["MOST_STRIPS", "event_list", "strips"]

HEAD_MM: Final = 6.0
"""Room for the line above a strip."""

COLUMNS_MM: Final = (0.0, 14.0, 36.0, 58.0, 118.0, 140.0)
"""Left edges of the list's columns."""

STRIP_BEFORE_S: Final = 3.0
"""A strip of an event is one row: 3 s before its onset, and 7 s after it."""

MOST_STRIPS: Final = 100
"""Strips of one report, the urgent ones first; any further event is in the list, and can be exported."""

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


def event_list(day: Day) -> Iterator[Sheet]:
    """Pages with a line for each event."""
    room = int((BOTTOM_MM - FOOT_MM - MARGIN_MM - 20) / LINE_MM)
    for first in range(0, max(len(day.events), 1), room):
        items = title(day, "Events")
        y_mm = MARGIN_MM + 14
        items += _line(y_mm, ("no.", "onset", "priority", "event", "lasted", "patient's words"), PALE_INK)
        for event in day.events[first : first + room]:
            y_mm += LINE_MM
            lasted = "" if event.duration_s is None else length_text(event.duration_s)
            words = font().fitted(event.words, TEXT_MM, WIDTH_MM - COLUMNS_MM[-1])
            cells = (str(event.number), f"{event.onset:%H:%M:%S}", event.priority, event.name, lasted, words)
            items += _line(y_mm, cells, COLOURS.get(event.priority, INK))
        if not day.events:
            items.append(Text(LEFT_MM, y_mm + LINE_MM, "no events", TEXT_MM, INK))
        yield Sheet(items)


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


def strips(directory: Path, day: Day) -> Iterator[Sheet]:
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


def _strip_sheet(day: Day, page: Sequence[_Drawn], remark: str = "") -> Sheet:
    items = title(day, "Events", f"{MM_PER_S} mm/s", f"{MM_PER_MV} mm/mV", "no filter")
    y_mm = MARGIN_MM + 10
    for drawn in page:
        for event in sorted(drawn.events, key=lambda event: event.number):
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
    return Sheet(items, frozenset().union(*(drawn.letters for drawn in page)))
