"""Writes a page as SVG 1.1, in mm. Texts stay texts: they can be searched and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ecg.paper.drawing import PAPER, Colour, Page, Polyline, Rectangle, Segments, Text
from ecg.paper.font import FONT_NAME, font

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["write_svg"]


def write_svg(file: BinaryIO, page: Page, *, title: str) -> None:
    """Write one page."""
    width, height = _number(page.width_mm), _number(page.height_mm)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
            f' viewBox="0 0 {width} {height}" font-family={quoteattr(f"{FONT_NAME}, sans-serif")}>'
        ),
        f"<title>{_written(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{_colour(PAPER)}"/>',
    ]
    file.write("\n".join(lines).encode() + b"\n")
    file.writelines(_element(item).encode() + b"\n" for item in page.items)
    file.write(b"</svg>\n")


def _element(item: Rectangle | Segments | Polyline | Text) -> str:
    if isinstance(item, Rectangle):
        box = item.box
        return (
            f'<rect x="{_number(box.x_mm)}" y="{_number(box.y_mm)}" width="{_number(box.width_mm)}"'
            f' height="{_number(box.height_mm)}" fill="{_colour(item.fill)}"/>'
        )
    if isinstance(item, Text):
        return _text(item)
    if isinstance(item, Segments):
        path = "".join(f"M{_point(*each[:2])}L{_point(*each[2:])}" for each in item.ends_mm.tolist())
    else:
        path = _path(item.x_mm, item.y_mm)
    return (
        f'<path d="{path}" fill="none" stroke="{_colour(item.colour)}" stroke-width="{_number(item.pen_mm)}"'
        ' stroke-linejoin="round"/>'
    )


def _text(item: Text) -> str:
    """A text with the width of our font. A viewer that lacks it uses another font, which may be wider."""
    width = font().width_mm(item.text, item.size_mm)
    anchor = "" if item.anchor == "start" else f' text-anchor="{item.anchor}"'
    return (
        f'<text x="{_number(item.x_mm)}" y="{_number(item.y_mm)}" font-size="{_number(item.size_mm)}"'
        f' fill="{_colour(item.colour)}"{anchor} textLength="{_number(width)}" lengthAdjust="spacingAndGlyphs">'
        f"{_written(item.text)}</text>"
    )


def _path(x_mm: FloatArray, y_mm: FloatArray) -> str:
    parts = []
    is_drawing = False
    for x, y, valid in zip(x_mm.tolist(), y_mm.tolist(), np.isfinite(y_mm).tolist(), strict=True):
        if valid:
            parts.append(("L" if is_drawing else "M") + _point(x, y))
        is_drawing = valid
    return "".join(parts)


def _point(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(value: float) -> str:
    """A number of mm, to 1 micrometre."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _colour(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _written(text: str) -> str:
    """A text as XML has it, in one line, without the control characters that XML forbids."""
    one_line = " ".join(text.split())
    return escape("".join(each for each in one_line if each.isprintable()))
