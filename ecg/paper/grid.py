"""ECG paper: the scales of a trace, and a grid of 1 mm and 5 mm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import Segments

if TYPE_CHECKING:
    from ecg.paper.drawing import Box, Colour

__all__ = ["MM_PER_MV", "MM_PER_S", "grid"]

MM_PER_S: Final = 25
MM_PER_MV: Final = 10

GRID_1_MM: Final[Colour] = (252, 224, 222)
GRID_5_MM: Final[Colour] = (238, 170, 165)
THIN_MM, THICK_MM = 0.1, 0.2


def grid(box: Box) -> list[Segments]:
    """A grid that begins at the upper left corner of a box."""
    lines = []
    for step_mm, colour, pen_mm in ((1, GRID_1_MM, THIN_MM), (5, GRID_5_MM, THICK_MM)):
        x_mm = box.x_mm + np.arange(0, box.width_mm + 1e-6, step_mm)
        y_mm = box.y_mm + np.arange(0, box.height_mm + 1e-6, step_mm)
        upright = np.column_stack((x_mm, np.full_like(x_mm, box.y_mm), x_mm, np.full_like(x_mm, box.bottom_mm)))
        level = np.column_stack((np.full_like(y_mm, box.x_mm), y_mm, np.full_like(y_mm, box.right_mm), y_mm))
        lines.append(Segments(np.concatenate((upright, level)), colour, pen_mm))
    return lines
