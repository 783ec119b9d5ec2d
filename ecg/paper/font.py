"""The font of every picture: DejaVu Sans, shipped with this package. Its widths are read from the font file.

Format: Microsoft, OpenType specification 1.9, tables head, hhea, hmtx and cmap (format 4).
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["FONT_FILE", "FONT_NAME", "MISSING", "Font", "font"]

FONT_FILE: Final = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
FONT_NAME: Final = "DejaVu Sans"

MISSING: Final = "\N{WHITE SQUARE}"
"""Drawn for a character that the font lacks."""

ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"

_UNICODE: Final = (3, 1)  # platform and encoding of the table with the Basic Multilingual Plane


@dataclass(frozen=True, slots=True)
class Font:
    """Widths of the characters.

    Attributes:
        widths: of each character, in em.
    """

    widths: dict[str, float]

    def shown(self, text: str) -> str:
        """The text in one line and in characters that the font has."""
        composed = unicodedata.normalize("NFC", text)
        visible = (" " if each.isspace() else each for each in composed if unicodedata.category(each) not in _UNSEEN)
        return "".join(each if each in self.widths else MISSING for each in visible)

    def width_mm(self, text: str, size_mm: float) -> float:
        """The width of a text."""
        return size_mm * sum(self.widths[each] for each in self.shown(text))

    def fitted(self, text: str, size_mm: float, width_mm: float) -> str:
        """The text, cut off with an ellipsis if it is wider than `width_mm`."""
        if self.width_mm(text, size_mm) <= width_mm:
            return text
        while text and self.width_mm(text + ELLIPSIS, size_mm) > width_mm:
            text = text[:-1]
        return text.rstrip() + ELLIPSIS

    def lines(self, text: str, size_mm: float, width_mm: float) -> list[str]:
        """The text in lines of at most `width_mm`, broken between words. A longer word is cut off."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width_mm(longer, size_mm) <= width_mm:
                lines[-1] = longer
            else:
                lines.append(self.fitted(word, size_mm, width_mm))
        return lines


_UNSEEN: Final = frozenset({"Mn", "Me", "Cf", "Cs"})
"""Categories of characters without a width of their own: marks on other letters, and what directs the text."""


@cache
def font() -> Font:
    """Read the font file."""
    content = FONT_FILE.read_bytes()
    tables = {
        content[at : at + 4]: content[slice(*_span(content, at))]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", content, 4)[0], 16)
    }
    (units_per_em,) = struct.unpack_from(">H", tables[b"head"], 18)
    (count,) = struct.unpack_from(">H", tables[b"hhea"], 34)
    advances = [struct.unpack_from(">H", tables[b"hmtx"], 4 * glyph)[0] for glyph in range(count)]
    return Font(
        {
            character: advances[min(glyph, count - 1)] / units_per_em
            for character, glyph in _characters(tables[b"cmap"]).items()
        }
    )


def _span(content: bytes, record: int) -> tuple[int, int]:
    first, length = struct.unpack_from(">II", content, record + 8)
    return first, first + length


def _characters(cmap: bytes) -> dict[str, int]:
    """The glyph of each character."""
    offsets = {
        struct.unpack_from(">HH", cmap, at): struct.unpack_from(">I", cmap, at + 4)[0]
        for at in range(4, 4 + 8 * struct.unpack_from(">H", cmap, 2)[0], 8)
    }
    table = cmap[offsets[_UNICODE] :]
    (doubled,) = struct.unpack_from(">H", table, 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + doubled)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * doubled)
    at = 16 + 3 * doubled
    ranges = struct.unpack_from(f">{count}H", table, at)
    found = {}
    for segment, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for code in range(start, end + 1):
            glyph = code
            if ranges[segment]:
                position = at + 2 * segment + ranges[segment] + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", table, position)
                if not glyph:
                    continue
            glyph = (glyph + deltas[segment]) & 0xFFFF
            if glyph:
                found[chr(code)] = glyph
    return found
