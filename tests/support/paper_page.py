"""A page of paper as a recorder prints it, drawn from known leads: grid, pulses, names, traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ecg.paper.font import FONT_FILE
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["PX_A_MM", "beating_leads", "page_of"]

PX_A_MM: Final = 6
_FINER: Final = 3
_SIZE_MM: Final = (280, 180)
_LEFT_MM, _ROWS_MM = 22.0, (35.0, 72.0, 109.0, 146.0)
_MM_A_S, _MM_A_MV = 25.0, 10.0


def beating_leads(rate_hz: int = 500, seconds: float = 10.0) -> FloatArray:
    """Twelve leads, shape (12, n), mV, that keep Einthoven's and Goldberger's laws."""
    times_s = np.arange(round(rate_hz * seconds)) / rate_hz
    phase = (times_s + 0.3) % 0.83

    def wave(at_s: float, width_s: float) -> FloatArray:
        return np.asarray(np.exp(-(((phase - at_s) / width_s) ** 2)))

    p, q, r, s, t = wave(0.2, 0.03), wave(0.33, 0.012), wave(0.36, 0.016), wave(0.395, 0.014), wave(0.6, 0.06)
    first = 0.1 * p - 0.08 * q + 0.7 * r - 0.15 * s + 0.2 * t
    second = 0.15 * p - 0.1 * q + 1.1 * r - 0.2 * s + 0.3 * t
    limb = [first, second, second - first, -(first + second) / 2, first - second / 2, second - first / 2]
    chest = [0.05 * p + 0.2 * n * r - (1.0 - 0.18 * n) * s + (0.1 + 0.05 * n) * t for n in range(6)]
    return np.array([*limb, *chest])


def page_of(leads_mv: FloatArray, rate_hz: int = 500) -> Image.Image:
    """Print 10 s of twelve leads: 3 x 4 and lead II below, 25 mm/s, 10 mm/mV, on a red grid."""
    scale = PX_A_MM * _FINER
    page = Image.new("RGB", (_SIZE_MM[0] * scale, _SIZE_MM[1] * scale), "white")
    pen = ImageDraw.Draw(page)
    for mm in range(max(_SIZE_MM)):
        colour, width = ((240, 150, 150), _FINER + 1) if mm % 5 == 0 else ((250, 205, 205), _FINER)
        pen.line([(mm * scale, 0), (mm * scale, page.height)], fill=colour, width=width)
        pen.line([(0, mm * scale), (page.width, mm * scale)], fill=colour, width=width)
    font = ImageFont.truetype(str(FONT_FILE), round(3.4 * scale))

    def line(points_mm: FloatArray) -> None:
        pen.line([(x * scale, y * scale) for x, y in points_mm], fill=(15, 15, 20), width=round(0.4 * scale))

    for row, zero_mm in enumerate(_ROWS_MM):
        pulse = np.array([(8, 0), (9.5, 0), (9.5, -10), (14.5, -10), (14.5, 0), (16, 0)])
        line(pulse + np.array((0, zero_mm)))
        columns = range(4) if row < 3 else (0,)
        for column in columns:
            lead = LEADS[3 * column + row] if row < 3 else "II"
            part = slice(round(2.5 * column * rate_hz), round((2.5 * column + (2.5 if row < 3 else 10)) * rate_hz))
            samples_mv = leads_mv[LEADS.index(lead), part]
            times_s = 2.5 * column + np.arange(len(samples_mv)) / rate_hz
            line(np.stack((_LEFT_MM + _MM_A_S * times_s, zero_mm - _MM_A_MV * samples_mv), axis=1))
            pen.text(((_LEFT_MM + 62.5 * column + 1) * scale, (zero_mm - 13) * scale), lead, (15, 15, 20), font)
    return page.resize((_SIZE_MM[0] * PX_A_MM, _SIZE_MM[1] * PX_A_MM), Image.Resampling.BOX)
