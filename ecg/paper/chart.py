"""Charts over a time of day: an axis of hours, a curve with its range, and lanes of stretches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import INK, PALE_INK, Box, Colour, Polyline, Rectangle, Segments, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.paper.drawing import Item
    from ecg.samples import FloatArray

__all__ = ["LANE_MM", "Lane", "curve", "hours", "lanes", "value_axis"]

RULE: Final[Colour] = (222, 222, 228)
RANGE: Final[Colour] = (170, 190, 214)
HOURS: Final = 24
SIZE_MM: Final = 2.8
RULE_MM, CURVE_MM = 0.1, 0.35

LANE_MM: Final = 5.0
NARROWEST_MM: Final = 0.3
"""A short stretch is drawn so wide, or nobody would see it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Stretches of one kind.

    Attributes:
        name: written at the left.
        total: written at the right.
        stretches_h: first and last hour of each.
        colour: of the bars.
    """

    name: str
    total: str
    stretches_h: Sequence[tuple[float, float]]
    colour: Colour


def hours(box: Box, *, every_h: int = 2) -> list[Item]:
    """Upright rules at the hours, and the time of day below the box."""
    step_mm = box.width_mm / HOURS
    x_mm = box.x_mm + step_mm * np.arange(HOURS + 1.0)
    ends = np.column_stack((x_mm, np.full_like(x_mm, box.y_mm), x_mm, np.full_like(x_mm, box.bottom_mm)))
    labels = [
        Text(box.x_mm + hour * step_mm, box.bottom_mm + 4, f"{hour:02d}:00", SIZE_MM, PALE_INK, "middle")
        for hour in range(0, HOURS + 1, every_h)
    ]
    return [Segments(ends, RULE, RULE_MM), *labels]


def value_axis(box: Box, low: float, high: float, step: float, unit: str) -> list[Item]:
    """Level rules at round values, with the values and the unit left of the box."""
    values = np.arange(np.ceil(low / step) * step, high + step / 1000, step)
    y_mm = box.bottom_mm - (values - low) / (high - low) * box.height_mm
    ends = np.column_stack((np.full_like(y_mm, box.x_mm), y_mm, np.full_like(y_mm, box.right_mm), y_mm))
    labels = [
        Text(box.x_mm - 1.5, y + 1, f"{value:g}", SIZE_MM, PALE_INK, "end")
        for value, y in zip(values.tolist(), y_mm.tolist(), strict=True)
    ]
    return [
        Segments(ends, RULE, RULE_MM),
        *labels,
        Text(box.x_mm - 1.5, box.y_mm - 2.5, unit, SIZE_MM, PALE_INK, "end"),
    ]


def curve(box: Box, points: FloatArray, limits: tuple[float, float]) -> list[Item]:
    """A curve with its range behind it.

    Args:
        box: a day wide.
        points: shape (n, 4): hour, value, and lower and upper end of the range; the hours rise. The curve breaks where
            the value is NaN.
        limits: the values at the lower and the upper edge of the box. What is outside is drawn at the edge.
    """
    hours_h, values, lows, highs = points.T
    x_mm = box.x_mm + hours_h * (box.width_mm / HOURS)

    def height(value: FloatArray) -> FloatArray:
        share = (np.clip(value, *limits) - limits[0]) / (limits[1] - limits[0])
        return np.asarray(box.bottom_mm - share * box.height_mm, dtype=np.float64)

    known = np.isfinite(lows) & np.isfinite(highs)
    ends = np.column_stack((x_mm, height(lows), x_mm, height(highs)))[known]
    return [Segments(ends, RANGE, 0.15), Polyline(x_mm, height(values), INK, CURVE_MM)]


def lanes(box: Box, shown: Sequence[Lane]) -> list[Item]:
    """Bars in lanes, one below the other; each says its name and its total."""
    items: list[Item] = []
    for number, lane in enumerate(shown):
        top_mm = box.y_mm + number * LANE_MM
        base_mm = top_mm + LANE_MM - 1.4
        items.append(Text(box.x_mm - 1.5, base_mm, lane.name, SIZE_MM, INK, "end"))
        items.append(Text(box.right_mm + 1.5, base_mm, lane.total, SIZE_MM, INK))
        level = top_mm + LANE_MM
        items.append(Segments(np.array([[box.x_mm, level, box.right_mm, level]]), RULE, RULE_MM))
        for first_h, last_h in lane.stretches_h:
            left_mm = box.x_mm + first_h * box.width_mm / HOURS
            width_mm = max((last_h - first_h) * box.width_mm / HOURS, NARROWEST_MM)
            left_mm = min(left_mm, box.right_mm - width_mm)
            items.append(Rectangle(Box(left_mm, top_mm + 0.8, width_mm, LANE_MM - 1.6), lane.colour))
    return items
