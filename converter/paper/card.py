"""The card of synthetic paper: makers, kinds and ranges, read from `card.toml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

__all__ = ["CARD_FILE", "Card", "Kind", "Maker", "card"]

CARD_FILE: Final = Path(__file__).with_name("card.toml")

Rgb = tuple[int, int, int]
Span = tuple[float, float]
Count = tuple[int, int]


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sheet becomes a picture. Each field is explained in the card; spans are drawn from uniformly."""

    pixels_per_mm: Span
    turn_deg: float
    perspective: Span
    margin: Span
    curl_mm: Span
    creases: Count
    stains: Count
    words: Count
    yellowing: Span
    shadow: Span
    blur_mm: Span
    moire: Span
    noise: Span
    jpeg_quality: Count


class Maker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the paper and the print of a recorder look. Lengths in mm, colours as red, green, blue."""

    name: str
    is_kept: bool
    grid: Literal["lines", "dots", "coarse", "fine"]
    paper: Rgb
    colour_1_mm: Rgb
    colour_5_mm: Rgb
    thin_mm: float
    thick_mm: float
    ink: Rgb
    pen_mm: Span
    font: str
    names: Literal["above", "top"]
    name_mm: float
    name_colour: Rgb
    separators: Literal["lines", "marks", "none"]
    pulses: Literal["left", "right", "none"]
    frame: tuple[int, ...]
    heading: bool


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scales, each as often as it is listed."""

    speed_mm_s: tuple[float, ...]
    gain_mm_mv: tuple[float, ...]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a page may be.

    Attributes:
        version: changes with any number of the card.
        kept_layouts: never in pages for training.
        choices: scales.
        kinds: by name: print, scan, photograph.
        makers: of the paper; some are kept for measuring.
    """

    version: int
    kept_layouts: tuple[str, ...]
    choices: Choices
    kinds: dict[str, Kind]
    makers: tuple[Maker, ...]


@cache
def card() -> Card:
    """Read the card."""
    return msgspec.toml.decode(CARD_FILE.read_bytes(), type=Card)
