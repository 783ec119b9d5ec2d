"""Opens a page of paper, whatever file it is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecg.formats.content import HEAD_BYTES, other_kind
from reader.digitise.page import SPEED_MM_S, read_page
from reader.digitise.pdf import load_pdf
from reader.digitise.picture import load_picture
from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from pathlib import Path

    from reader.digitise.overlay import Drawn
    from reader.digitise.page import Page

__all__ = ["digitise", "is_page"]

_PDF: Final = b"%PDF"
_WEBP: Final = (b"RIFF", b"WEBP")


def is_page(path: Path) -> bool:
    """Whether a file is a picture or a PDF, by its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    if head[:4] == _WEBP[0] and head[8:12] == _WEBP[1]:
        return True
    return other_kind(head).startswith(("a picture", "a PDF"))


def digitise(path: Path, drawn: Drawn, *, speed_mm_s: float = SPEED_MM_S) -> Page:
    """Read a page from a picture (PNG, JPEG, TIFF, WebP, BMP, GIF) or the first page of a PDF.

    Args:
        path: the file.
        drawn: gets what is found on the page, also on one that is refused.
        speed_mm_s: of the paper.

    Raises:
        PageNotUnderstoodError: it is no page that can be read; the error names the step that failed.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(len(_PDF))
    if not is_page(path):
        raise PageNotUnderstoodError("file", "it is neither a picture nor a PDF; ecg-reader read reads recordings")
    rgb, remarks = load_pdf(path) if head == _PDF else load_picture(path)
    page = read_page(rgb, drawn, speed_mm_s=speed_mm_s)
    return replace(page, remarks=(*remarks, *page.remarks))
