"""Writes pages as PDF, by ReportLab. Lengths in the file are mm; a scale of 72/25.4 makes points of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.paper.drawing import Colour, Page, Polyline, Rectangle, Segments, Text
from ecg.paper.font import FONT_FILE, FONT_NAME, font
from ecg.samples import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["write_pdf"]

POINTS_PER_MM: Final = 72 / 25.4

_ROUND: Final = 1  # PDF's number for a round join of lines


def write_pdf(file: BinaryIO, pages: Iterable[Page], *, title: str, language: str = "en") -> None:
    """Write pages. Each is compressed before the next one is drawn.

    Args:
        file: written to.
        pages: in order.
        title: of the document.
        language: of its texts (ISO 639-1).

    Raises:
        InputError: ReportLab is not installed.
    """
    try:
        from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - only what is in use is loaded
        from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415
        from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415
    except ImportError:
        raise InputError(f"a PDF needs the package ReportLab: {how_to_install('paper')}; or export an SVG") from None
    if FONT_NAME not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT_NAME, str(FONT_FILE)))
    canvas = Canvas(file, pageCompression=1, lang=language)
    canvas.setTitle(title)
    canvas.setCreator("ECG Edge")
    for page in pages:
        canvas.setPageSize((page.width_mm * POINTS_PER_MM, page.height_mm * POINTS_PER_MM))
        canvas.scale(POINTS_PER_MM, POINTS_PER_MM)
        canvas.setLineJoin(_ROUND)
        for item in page.items:
            _draw(canvas, item, page.height_mm)
        canvas.showPage()
    canvas.save()


def _draw(canvas: Any, item: Rectangle | Segments | Polyline | Text, height_mm: float) -> None:
    """Draw an item; the ordinate of a PDF grows upwards."""
    if isinstance(item, Rectangle):
        canvas.setFillColorRGB(*_shares(item.fill))
        box = item.box
        canvas.rect(box.x_mm, height_mm - box.bottom_mm, box.width_mm, box.height_mm, stroke=0, fill=1)
        return
    if isinstance(item, Text):
        canvas.setFillColorRGB(*_shares(item.colour))
        canvas.setFont(FONT_NAME, item.size_mm)
        width_mm = font().width_mm(item.text, item.size_mm)
        x_mm = item.x_mm - {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * width_mm
        canvas.drawString(round(x_mm, 3), round(height_mm - item.y_mm, 3), font().shown(item.text))
        return
    canvas.setStrokeColorRGB(*_shares(item.colour))
    canvas.setLineWidth(item.pen_mm)
    path = canvas.beginPath()
    if isinstance(item, Segments):
        for x1, y1, x2, y2 in np.round(item.ends_mm, 3).tolist():
            path.moveTo(x1, round(height_mm - y1, 3))
            path.lineTo(x2, round(height_mm - y2, 3))
    else:
        _trace(path, np.round(item.x_mm, 3), np.round(height_mm - item.y_mm, 3))
    canvas.drawPath(path, stroke=1, fill=0)


def _trace(path: Any, x_mm: Any, y_mm: Any) -> None:
    for first, last in runs(np.isfinite(y_mm)):
        points = list(zip(x_mm[first:last].tolist(), y_mm[first:last].tolist(), strict=True))
        path.moveTo(*points[0])
        for before, point in pairwise(points):
            if point != before:
                path.lineTo(*point)


def _shares(colour: Colour) -> tuple[float, ...]:
    return tuple(round(part / 255, 4) for part in colour)
