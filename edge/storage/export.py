"""Writes a stretch of the recording to a file: WFDB, EDF+, CSV, or a picture on ECG paper (PNG, SVG, PDF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.formats.registry import writer_for

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.registry import Writer
    from ecg.progress import Progress
    from edge.storage.excerpt import Excerpt

__all__ = ["export"]

PICTURES = {".png", ".svg", ".pdf"}


def export(path: Path, stretch: Excerpt, *, progress: Progress | None = None) -> Path:
    """Write a stretch with its annotations; the file appears once it is complete.

    Args:
        path: the suffix selects the format: `.edf`, `.csv`, `.png`, `.svg`, `.pdf`; any other name is that of a WFDB
            record.
        stretch: from `edge.storage.excerpt.excerpt`.
        progress: called after each block.

    Returns:
        The written file; for a WFDB record its header.

    Raises:
        InputError: the stretch is too long for the format, a package is missing, or the file cannot be written.
    """
    return _writer(path)(path, stretch, annotations=stretch.annotations(), progress=progress)


def _writer(path: Path) -> Writer:
    if path.suffix.casefold() in PICTURES:
        from ecg.paper.picture import write_picture  # noqa: PLC0415 - only what is in use is loaded

        return write_picture
    return writer_for(path)
