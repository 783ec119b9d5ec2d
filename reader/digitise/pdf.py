"""Draws the first page of a PDF as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.digitise.picture import MOST_LONG_SIDE, rgb_of
from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["load_pdf"]

_LARGEST_DPI: Final = 300
_POINTS_AN_INCH: Final = 72


def load_pdf(path: Path) -> tuple[NDArray[np.uint8], list[str]]:
    """Draw the first page.

    Returns:
        Shape (height, width, 3), RGB, and remarks.

    Raises:
        PageNotUnderstoodError: it is damaged, empty, or has a password.
    """
    import pypdfium2  # noqa: PLC0415 - for pages only

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        reason = "it has a password; save it without one" if "assword" in str(error) else "it is damaged; copy it again"
        raise PageNotUnderstoodError("file", reason) from None
    try:
        pages = len(document)
        if not pages:
            raise PageNotUnderstoodError("file", "it has no page; copy it again")
        page = document[0]
        longest = max(page.get_width(), page.get_height())
        scale = min(_LARGEST_DPI / _POINTS_AN_INCH, MOST_LONG_SIDE / max(longest, 1.0))
        rgb = rgb_of(page.render(scale=scale).to_pil())
    except pypdfium2.PdfiumError:
        raise PageNotUnderstoodError("file", "its first page cannot be drawn; save it as a picture") from None
    finally:
        document.close()
    return rgb, [f"the first of {pages} pages was read"] if pages > 1 else []
