"""What stands on a page, in mm from its upper left corner. Each kind of file draws the same description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = [
    "ALARM",
    "BLACK",
    "INK",
    "LOST",
    "NOTE",
    "PALE_INK",
    "PAPER",
    "WARNING",
    "Anchor",
    "Box",
    "Colour",
    "Item",
    "Page",
    "Polyline",
    "Rectangle",
    "Segments",
    "Text",
]

Colour = tuple[int, int, int]
"""Red, green, blue; 0 to 255."""

PAPER: Final[Colour] = (255, 255, 255)
BLACK: Final[Colour] = (0, 0, 0)
INK: Final[Colour] = (20, 20, 35)
PALE_INK: Final[Colour] = (90, 90, 110)
LOST: Final[Colour] = (232, 232, 236)
ALARM: Final[Colour] = (176, 0, 32)
WARNING: Final[Colour] = (150, 84, 0)
NOTE: Final[Colour] = (0, 84, 130)
"""Colours of the ECG, of what is written beside it, of stretches without ECG, and of tags by their priority. Each has
a contrast of at least 4.5 to 1 against the paper (WCAG 2.2, 1.4.3), the grey of lost stretches excepted."""

Anchor = Literal["start", "middle", "end"]
"""The part of a text that stands at its position."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page, in mm."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        """Its right edge."""
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        """Its lower edge."""
        return self.y_mm + self.height_mm


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle."""

    box: Box
    fill: Colour


@dataclass(frozen=True, slots=True, eq=False)
class Polyline:
    """A line through points.

    Attributes:
        x_mm: shape (n,); does not fall.
        y_mm: shape (n,). The line breaks where it is NaN.
        colour: of the pen.
        pen_mm: thickness of the pen.
    """

    x_mm: FloatArray
    y_mm: FloatArray
    colour: Colour = INK
    pen_mm: float = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Straight lines.

    Attributes:
        ends_mm: shape (n, 4): x and y of the beginning, x and y of the end of each.
        colour: of the pen.
        pen_mm: thickness of the pen.
    """

    ends_mm: FloatArray
    colour: Colour = INK
    pen_mm: float = 0.2


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text.

    Attributes:
        x_mm: of the anchor.
        y_mm: of the baseline.
        text: any characters. What the font lacks is drawn as an empty box.
        size_mm: of the em: capital letters are 0.73 of it high.
        colour: of the letters.
        anchor: the part of the text at `x_mm`.
    """

    x_mm: float
    y_mm: float
    text: str
    size_mm: float
    colour: Colour = INK
    anchor: Anchor = "start"


Item = Rectangle | Segments | Polyline | Text


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        width_mm, height_mm: its size.
        items: drawn in their order.
    """

    width_mm: float
    height_mm: float
    items: Sequence[Item] = field(default_factory=list)
