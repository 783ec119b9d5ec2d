"""Columns of text below the traces: what has no room in them goes on, on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.paper.drawing import INK, PALE_INK, Box, Colour, Rectangle, Text
from ecg.paper.font import font

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ecg.paper.drawing import Item

__all__ = ["Line", "bar", "heading", "paragraph", "place", "side_by_side"]

TEXT_MM: Final = 2.7
HEADING_MM: Final = 3.4
_LEADING: Final = 1.42
"""Height of a line over the size of its letters."""
_GAP_MM: Final = 1.5
_NAME_MM, _BAR_MM, _VALUE_MM, _AFTER_MM = 35.0, 16.0, 10.0, 16.0
_BAR_HEIGHT_MM: Final = 2.4
_FRAME: Final[Colour] = (225, 225, 230)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column.

    Attributes:
        height_mm: that it takes.
        draw: gives its items, from its left end and its upper edge, mm.
    """

    height_mm: float
    draw: Callable[[float, float], list[Item]]


def _line(text: str, size_mm: float, colour: Colour, indent_mm: float = 0.0) -> Line:
    def draw(x_mm: float, y_mm: float) -> list[Item]:
        return [Text(x_mm + indent_mm, y_mm + size_mm, text, size_mm, colour)]

    return Line(size_mm * _LEADING, draw)


def paragraph(text: str, width_mm: float, *, size_mm: float = TEXT_MM, colour: Colour = INK) -> list[Line]:
    """A text, broken between words."""
    return [_line(each, size_mm, colour) for each in font().lines(text, size_mm, width_mm)]


def heading(text: str, width_mm: float, *, size_mm: float = HEADING_MM) -> list[Line]:
    """A heading, with room above it."""
    shown = font().fitted(text, size_mm, width_mm)
    gap = Line(_GAP_MM, lambda _x, _y: [])
    return [gap, _line(shown, size_mm, INK)]


def side_by_side(pairs: Sequence[tuple[str, str]], width_mm: float) -> Iterator[Line]:
    """Names and values, two pairs a line."""
    half_mm = width_mm / 2
    for first in range(0, len(pairs), 2):
        shown = pairs[first : first + 2]

        def draw(x_mm: float, y_mm: float, shown: Sequence[tuple[str, str]] = shown) -> list[Item]:
            items: list[Item] = []
            for number, (name, value) in enumerate(shown):
                left_mm = x_mm + number * half_mm
                items.append(Text(left_mm, y_mm + TEXT_MM, name, TEXT_MM, INK))
                items.append(Text(left_mm + half_mm - 4, y_mm + TEXT_MM, value, TEXT_MM, INK, "end"))
            return items

        yield Line(TEXT_MM * _LEADING, draw)


def bar(name: str, share: float, value: str, *, fill: Colour, after: tuple[str, str], width_mm: float) -> Line:
    """A name, a bar that is filled to a share of it, a value, and two words behind it."""

    def draw(x_mm: float, y_mm: float) -> list[Item]:
        base_mm = y_mm + TEXT_MM
        left_mm = x_mm + _NAME_MM
        top_mm = base_mm - _BAR_HEIGHT_MM + 0.2
        value_mm = left_mm + _BAR_MM + _VALUE_MM
        first_mm = value_mm + 2
        second_mm = first_mm + _AFTER_MM
        room_mm = width_mm - (second_mm - x_mm)
        return [
            Text(x_mm, base_mm, font().fitted(name, TEXT_MM, _NAME_MM - 1), TEXT_MM, INK),
            Rectangle(Box(left_mm, top_mm, _BAR_MM, _BAR_HEIGHT_MM), _FRAME),
            Rectangle(Box(left_mm, top_mm, _BAR_MM * share, _BAR_HEIGHT_MM), fill),
            Text(value_mm, base_mm, value, TEXT_MM, INK, "end"),
            Text(first_mm, base_mm, font().fitted(after[0], TEXT_MM, _AFTER_MM), TEXT_MM, INK),
            Text(second_mm, base_mm, font().fitted(after[1], TEXT_MM, room_mm), TEXT_MM, PALE_INK),
        ]

    return Line(TEXT_MM * _LEADING + 0.6, draw)


def place(column: list[Line], x_mm: float, y_mm: float, bottom_mm: float) -> tuple[list[Item], list[Line]]:
    """Draw the lines that have room above `bottom_mm`; these, and the lines that are left."""
    items: list[Item] = []
    for number, line in enumerate(column):
        if y_mm + line.height_mm > bottom_mm:
            return items, column[number:]
        items += line.draw(x_mm, y_mm)
        y_mm += line.height_mm
    return items, []
