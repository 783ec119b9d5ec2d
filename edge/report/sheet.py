"""A page of the report: its size, its head, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.paper.drawing import INK, Text
from ecg.paper.font import font
from ecg.paper.picture import SEPARATOR
from ecg.paper.strip import WIDTH_MM

if TYPE_CHECKING:
    from ecg.paper.drawing import Item
    from edge.report.day import Day

__all__ = [
    "BOTTOM_MM",
    "FOOT_MM",
    "HEADING_MM",
    "LEFT_MM",
    "LINE_MM",
    "MARGIN_MM",
    "PAGE_MM",
    "PRIORITIES",
    "TEXT_MM",
    "Sheet",
    "length_text",
    "title",
]

PAGE_MM: Final = (297.0, 210.0)
"""A4 in landscape, wide enough for a row of 10 s at 25 mm/s."""

MARGIN_MM: Final = 10.0
LEFT_MM: Final = (PAGE_MM[0] - WIDTH_MM) / 2
BOTTOM_MM: Final = PAGE_MM[1] - MARGIN_MM
FOOT_MM: Final = 8.0
TITLE_MM, HEADING_MM, TEXT_MM = 5.5, 3.8, 3.2
LINE_MM: Final = 5.2

PRIORITIES: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a page above its foot; letters that the foot explains."""

    items: list[Item]
    letters: frozenset[str] = frozenset()


def title(day: Day, what: str, *about: str) -> list[Item]:
    """The head of a page: what it is and whose, the day, and more about it."""
    right_mm = LEFT_MM + WIDTH_MM
    about = (f"{day.date:%Y-%m-%d} UTC", *about)
    return [
        Text(LEFT_MM, MARGIN_MM + 5, font().fitted(f"{what}{SEPARATOR}{day.device}", TITLE_MM, 170), TITLE_MM, INK),
        Text(right_mm, MARGIN_MM + 5, SEPARATOR.join(about), HEADING_MM, INK, "end"),
    ]


def length_text(seconds: float) -> str:
    """A length as a person says it."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
