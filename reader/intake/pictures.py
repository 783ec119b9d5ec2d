"""Pictures and PDFs of an ECG, told by their first bytes: they are not read yet, and said to be what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["picture_kind", "refuse_picture"]

_HEADS: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
)


def picture_kind(head: bytes) -> str:
    """What kind of picture begins with these bytes, 12 of them; empty for none."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a picture (WebP)"
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "a picture (BMP)"
    if head[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"}:
        return "a picture (HEIF)"
    return next((kind for start, kind in _HEADS if head.startswith(start)), "")


def refuse_picture(path: Path) -> None:
    """Refuse a picture or a PDF.

    Raises:
        InputError: it is one.
    """
    try:
        with path.open("rb") as file:
            kind = picture_kind(file.read(12))
    except OSError:  # the reader of the format says what is wrong
        return
    if kind:
        raise InputError(
            f"{path}: {kind}, and pictures of an ECG are not read yet; give the recording itself "
            "(WFDB, EDF+, CSV, SCP-ECG, HL7 aECG, Sierra XML, DICOM)"
        )
