"""Writes a stretch of the recording to a file: WFDB, EDF+, CSV, or a picture on ECG paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.progress import Progress
    from edge.storage.recording import Excerpt

__all__ = ["export"]


class _Writer(Protocol):
    def __call__(self, path: Path, stretch: Excerpt, progress: Progress | None) -> Path: ...


def export(path: Path, stretch: Excerpt, *, progress: Progress | None = None) -> Path:
    """Write a stretch; the file appears once it is complete.

    Args:
        path: the suffix selects the format: `.edf`, `.csv`, `.png`; any other name is that of a WFDB record.
        stretch: from `edge.storage.recording.excerpt`.
        progress: called after each block.

    Returns:
        The written file; for a WFDB record its header.

    Raises:
        InputError: the stretch is too long for the format, a package is missing, or the file cannot be written.
    """
    return _writer(path.suffix.casefold())(path, stretch, progress)


def _writer(suffix: str) -> _Writer:
    """Select a format's writer; only this one is imported."""
    if suffix == ".csv":
        from ecg.formats.csv.writer import write_csv  # noqa: PLC0415

        return write_csv
    if suffix == ".edf":
        from ecg.formats.edf.writer import write_edf  # noqa: PLC0415

        return write_edf
    if suffix == ".png":
        from ecg.paper.paper import write_png  # noqa: PLC0415

        return write_png
    from ecg.formats.wfdb.writer import write_record  # noqa: PLC0415

    return write_record
