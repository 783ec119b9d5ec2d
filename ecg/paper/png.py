"""Writes a page as PNG, by Pillow. The file says its resolution, so that it prints at its true size."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.paper.coverage import coverage
from ecg.paper.drawing import PAPER, Page, Polyline, Rectangle, Segments, Text
from ecg.paper.font import FONT_FILE, font

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["PX_PER_MM", "write_png"]

PX_PER_MM: Final = 8
"""203.2 dots to the inch, a whole number of pixels for each mm."""

MM_PER_INCH: Final = 25.4


def write_png(file: BinaryIO, page: Page, *, title: str) -> None:
    """Write one page. It takes 3 bytes of memory for each of its pixels.

    Raises:
        InputError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw  # noqa: PLC0415 - only what is in use is loaded
        from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415
    except ImportError:
        raise InputError(f"a PNG needs the package Pillow: {how_to_install('paper')}; or write an SVG") from None
    image = Image.new("RGB", (round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM)), PAPER)
    draw = ImageDraw.Draw(image)
    fonts: dict[float, FreeTypeFont] = {}
    for item in page.items:
        if isinstance(item, Rectangle):
            _fill(draw, item)
        elif isinstance(item, Segments):
            _segments(draw, item)
        elif isinstance(item, Polyline):
            _polyline(image, item)
        else:
            _text(draw, item, fonts)
    about = PngInfo()
    about.add_itxt("Title", title)
    dpi = PX_PER_MM * MM_PER_INCH
    image.save(file, "PNG", dpi=(dpi, dpi), pnginfo=about)


def _px(mm: float) -> int:
    return round(mm * PX_PER_MM)


def _fill(draw: ImageDraw, item: Rectangle) -> None:
    left, top, right, bottom = (
        _px(each) for each in (item.box.x_mm, item.box.y_mm, item.box.right_mm, item.box.bottom_mm)
    )
    draw.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), fill=item.fill)


def _segments(draw: ImageDraw, item: Segments) -> None:
    """Draw segments; those that are level or upright with sharp edges, of at least a pixel."""
    pen = max(_px(item.pen_mm), 1)
    for x1, y1, x2, y2 in (item.ends_mm * PX_PER_MM).tolist():
        if x1 == x2 or y1 == y2:
            across = (pen / 2 if x1 == x2 else 0, pen / 2 if x1 != x2 else 0)
            left, top = round(min(x1, x2) - across[0]), round(min(y1, y2) - across[1])
            right = left + pen if x1 == x2 else round(max(x1, x2))
            bottom = round(max(y1, y2)) if x1 == x2 else top + pen
            draw.rectangle((left, top, right - 1, bottom - 1), fill=item.colour)
        else:
            draw.line((x1, y1, x2, y2), fill=item.colour, width=pen)


def _polyline(image: Image, item: Polyline) -> None:
    """Draw a smooth line: each pixel takes as much of the pen's colour as the pen covers of it."""
    from PIL.Image import fromarray  # noqa: PLC0415

    valid = np.isfinite(item.y_mm)
    if not valid.any():
        return
    x, y = item.x_mm * PX_PER_MM, item.y_mm * PX_PER_MM
    pen = item.pen_mm * PX_PER_MM
    left, right = int(x[0] - pen), int(np.ceil(x[-1] + pen))
    top, bottom = int(y[valid].min() - pen), int(np.ceil(y[valid].max() + pen))
    share = coverage(x - left, y - top, width=right - left, height=bottom - top, pen=pen)
    mask = fromarray(np.rint(share * 255).astype(np.uint8))
    image.paste(item.colour, (left, top), mask)


def _text(draw: ImageDraw, item: Text, fonts: dict[float, FreeTypeFont]) -> None:
    from PIL import ImageFont  # noqa: PLC0415

    if item.size_mm not in fonts:
        fonts[item.size_mm] = ImageFont.truetype(
            str(FONT_FILE), item.size_mm * PX_PER_MM, layout_engine=ImageFont.Layout.BASIC
        )
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[item.anchor]
    draw.text(
        (item.x_mm * PX_PER_MM, item.y_mm * PX_PER_MM),
        font().shown(item.text),
        fill=item.colour,
        font=fonts[item.size_mm],
        anchor=anchor,
    )
