"""Draws on the picture of a page what was found where, also of a page that was not understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.font import FONT_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import ImageDraw

    from ecg.samples import FloatArray
    from reader.digitise.grid import Grid
    from reader.digitise.names import NamedCell
    from reader.digitise.pulse import Pulse

__all__ = ["Drawn", "draw"]

_TRACE: Final = ((214, 39, 40), (31, 119, 180), (44, 160, 44), (148, 103, 189))
_MARK: Final = (255, 127, 14)
_PALE: Final = 0.45


@dataclass(slots=True, eq=False)
class Drawn:
    """What was found on a page so far.

    Attributes:
        rgb: the picture, turned upright once its grid is known; None before the file is open.
        grid: its scale.
        baselines: of the rows, pixels.
        pulses: of the calibration.
        cells: the leads and their names.
        traces: for each cell places in columns, and in rows of pixels.
    """

    rgb: NDArray[np.uint8] | None = None
    grid: Grid | None = None
    baselines: Sequence[float] = ()
    pulses: Sequence[Pulse] = ()
    cells: Sequence[NamedCell] = ()
    traces: Sequence[tuple[FloatArray, FloatArray]] = field(default=())


def draw(drawn: Drawn, path: Path, said: str = "") -> None:
    """Write a picture (PNG) of a page, if there is one, with what was found on it; `said` stands at its upper edge.

    Raises:
        OSError: it cannot be written.
    """
    if drawn.rgb is None:
        return
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - for pages only

    pale = 255 - (255 - drawn.rgb.astype(np.float32)) * _PALE
    picture = Image.fromarray(pale.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    size = max(11, picture.width // 90)
    font = ImageFont.truetype(str(FONT_FILE), size)
    _marks(pen, drawn, picture.size)
    for (columns, heights), named in zip(drawn.traces, drawn.cells, strict=False):
        colour = _TRACE[named.cell.row % len(_TRACE)]
        points = list(zip((columns + 0.5).tolist(), (heights + 0.5).tolist(), strict=True))
        for left, right in pairwise(points):
            if np.isfinite(left[1]) and np.isfinite(right[1]):
                pen.line([left, right], fill=colour, width=max(1, picture.width // 1100))
    for named in drawn.cells:
        place = named.place
        pen.rectangle([place.left, place.top, place.left + place.width, place.top + place.height], outline=_MARK)
        pen.text((place.left + place.width + 3, place.top - size), named.lead, fill=_MARK, font=font)
    if said:
        pen.rectangle([0, 0, picture.width, size + 6], fill="white")
        pen.text((4, 2), said, fill=(0, 0, 0), font=font)
    picture.save(path, format="PNG")


def _marks(pen: ImageDraw.ImageDraw, drawn: Drawn, size: tuple[int, int]) -> None:
    """Rows, pulses, and 50 mm of the grid in the corner."""
    for baseline in drawn.baselines:
        pen.line([(0, baseline), (size[0], baseline)], fill=(255, 200, 150))
    for pulse in drawn.pulses:
        top = pulse.foot_px - pulse.height_mm * (drawn.grid.px_a_mm_y if drawn.grid else 0)
        pen.line([(pulse.end, pulse.foot_px), (pulse.end, top)], fill=_MARK, width=2)
    for cell, _, _ in drawn.cells:
        pen.line([(cell.first, cell.baseline - 20), (cell.first, cell.baseline + 20)], fill=_MARK)
    if drawn.grid:
        for number in range(11):
            x = 4 + number * 5 * drawn.grid.px_a_mm_x
            pen.line([(x, size[1] - 12), (x, size[1] - 4)], fill=_MARK)
        pen.line([(4, size[1] - 4), (4 + 50 * drawn.grid.px_a_mm_x, size[1] - 4)], fill=_MARK)
