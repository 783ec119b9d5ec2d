"""ECG paper: a grid of 1 mm and 5 mm, and the scales of the trace on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ecg.paper.png import Image

__all__ = ["MM_PER_MV", "MM_PER_S", "PX", "Colour", "blank", "grid"]

PX: Final = 8
"""Pixels a mm, about 200 to the inch."""

MM_PER_S: Final = 25
MM_PER_MV: Final = 10

Colour = tuple[int, int, int]
PAPER: Final[Colour] = (255, 251, 249)
GRID_1_MM: Final[Colour] = (250, 220, 218)
GRID_5_MM: Final[Colour] = (235, 165, 160)


def blank(*, width_mm: int, height_mm: int) -> Image:
    """Paper without a grid."""
    return np.full((height_mm * PX, width_mm * PX, 3), PAPER, dtype=np.uint8)


def grid(*, width_mm: int, height_mm: int) -> Image:
    """Paper with a grid that begins at the upper left corner."""
    image = blank(width_mm=width_mm, height_mm=height_mm)
    for step_mm, colour, thick in ((1, GRID_1_MM, 1), (5, GRID_5_MM, 2)):
        for at in range(0, image.shape[0], step_mm * PX):
            image[at : at + thick] = colour
        for at in range(0, image.shape[1], step_mm * PX):
            image[:, at : at + thick] = colour
    return image
