"""Which pages are wanted of a file. Light: the process that only asks for pages does not draw them."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

__all__ = ["LAYOUTS", "Layout", "Pages"]

Layout = Literal["3x4", "12x1"]
LAYOUTS: Final[tuple[Layout, ...]] = ("3x4", "12x1")


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """The pages that are wanted of a file.

    Attributes:
        pdf, html, fhir: where each is written; None: not wanted.
        layout: of twelve leads.
        language: of the texts.
    """

    pdf: str | None = None
    html: str | None = None
    fhir: str | None = None
    layout: Layout = "3x4"
    language: str = "en"
