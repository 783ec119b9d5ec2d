"""Tags above a trace: short texts, each at its moment, stacked where they would overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import PALE_INK, PAPER, Box, Colour, Rectangle, Segments, Text
from ecg.paper.font import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.paper.drawing import Item

__all__ = ["LEVEL_MM", "MOST_LEVELS", "Tag", "TagRow"]

LEVEL_MM: Final = 4.0
"""Height of a line of tags."""

SIZE_MM: Final = 2.8
APART_MM: Final = 2.0
"""Room between two tags of one line."""

MOST_LEVELS: Final = 10
"""Lines of tags above one row. What has no room there is counted on a last tag."""

TEXT_MM: Final = 1.0
"""Room between a mark and its text."""

MARK_MM: Final = 0.15


@dataclass(frozen=True, slots=True)
class Tag:
    """A text at a moment.

    Attributes:
        x_mm: the moment.
        text: what happened.
        colour: of the text and of the mark.
    """

    x_mm: float
    text: str
    colour: Colour = PALE_INK


@dataclass(frozen=True, slots=True)
class _Placed:
    tag: Tag
    text: str
    left_mm: float
    right_mm: float
    level: int


class TagRow:
    """The tags above one row.

    A text stays between both edges: near the right one it moves to the left of its mark, and one that is wider than the
    row is cut off.

    Args:
        tags: in any order.
        left_mm, right_mm: the edges of the row.
    """

    def __init__(self, tags: Sequence[Tag], left_mm: float, right_mm: float) -> None:
        self._placed: list[_Placed] = []
        left_out = 0
        # From the right to the left: a tag then stands above those after it, and its mark passes left of their texts.
        for tag in sorted(tags, key=lambda tag: -tag.x_mm):
            text = font().fitted(tag.text, SIZE_MM, right_mm - left_mm)
            width_mm = font().width_mm(text, SIZE_MM)
            first_mm = tag.x_mm + TEXT_MM
            if first_mm + width_mm > right_mm:
                first_mm = max(min(tag.x_mm - TEXT_MM, right_mm) - width_mm, left_mm)
            level = self._free_level(first_mm, first_mm + width_mm)
            if level >= MOST_LEVELS - 1:
                left_out += 1
            else:
                self._placed.append(_Placed(tag, text, first_mm, first_mm + width_mm, level))
        self.levels = max((placed.level + 1 for placed in self._placed), default=0)
        if left_out:
            more = f"and {left_out} more"
            right = left_mm + font().width_mm(more, SIZE_MM)
            self._placed.append(_Placed(Tag(left_mm, more), more, left_mm, right, self.levels))
            self.levels += 1

    def _free_level(self, left_mm: float, right_mm: float) -> int:
        """The lowest line with room between two abscissae."""
        taken = {
            placed.level
            for placed in self._placed
            if placed.left_mm < right_mm + APART_MM and left_mm < placed.right_mm + APART_MM
        }
        return next(level for level in range(len(taken) + 1) if level not in taken)

    @property
    def height_mm(self) -> float:
        """Room that the tags need."""
        return self.levels * LEVEL_MM

    def draw(self, x_mm: float, bottom_mm: float, trace: Box) -> list[Item]:
        """Draw the texts upwards, and the mark of each downwards.

        Args:
            x_mm: abscissa on the page of the row's 0.
            bottom_mm: ordinate of the lowest text's lower edge.
            trace: the box of the trace, which the marks cross. Between it and the texts, where the letters of the beats
                stand, there is no mark.
        """
        marks: list[Item] = []
        texts: list[Item] = []
        for placed in self._placed:
            y_mm = bottom_mm - placed.level * LEVEL_MM - 1
            mark_mm, left_mm = x_mm + placed.tag.x_mm, x_mm + placed.left_mm
            top_mm = y_mm - 0.8 * SIZE_MM
            parts = [[mark_mm, top_mm, mark_mm, bottom_mm], [mark_mm, trace.y_mm, mark_mm, trace.bottom_mm]]
            marks.append(Segments(np.array(parts), placed.tag.colour, MARK_MM))
            width_mm = placed.right_mm - placed.left_mm
            texts.append(Rectangle(Box(left_mm, top_mm - 0.2, width_mm, SIZE_MM + 0.4), PAPER))
            texts.append(Text(left_mm, y_mm, placed.text, SIZE_MM, placed.tag.colour))
        return marks + texts
