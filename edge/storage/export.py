"""Stretches of the recording as files for people and programs: WFDB, EDF+, CSV, and a picture on ECG paper."""

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
    """Write a stretch; the file appears once it is whole.

    Args:
        path: the suffix says as what: `.edf`, `.csv`, `.png`; all else is the name of a WFDB record.
        stretch: from `edge.storage.recording.excerpt`.
        progress: told after each block.

    Returns:
        What was written; of a WFDB record its header.

    Raises:
        InputError: too long for this kind of file, a package is missing, or the file cannot be written.
    """
    return _writer(path.suffix.casefold())(path, stretch, progress)


def _writer(suffix: str) -> _Writer:
    """The writer of a kind of file; only the one in use is loaded."""
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
