"""Writes a stretch of the recording to a file: WFDB, EDF+, CSV, or a picture on ECG paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.formats.registry import writer_for

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.registry import Writer
    from ecg.progress import Progress
    from edge.storage.excerpt import Excerpt

__all__ = ["export"]


def export(path: Path, stretch: Excerpt, *, progress: Progress | None = None) -> Path:
    """Write a stretch with its annotations; the file appears once it is complete.

    Args:
        path: the suffix selects the format: `.edf`, `.csv`, `.png`; any other name is that of a WFDB record.
        stretch: from `edge.storage.excerpt.excerpt`.
        progress: called after each block.

    Returns:
        The written file; for a WFDB record its header.

    Raises:
        InputError: the stretch is too long for the format, a package is missing, or the file cannot be written.
    """
    return _writer(path)(path, stretch, annotations=stretch.annotations(), progress=progress)


def _writer(path: Path) -> Writer:
    if path.suffix.casefold() == ".png":
        from ecg.paper.picture import write_png  # noqa: PLC0415 - only what is in use is loaded

        return write_png
    return writer_for(path)
