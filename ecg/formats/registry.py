"""Opens a recording, whatever its format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecg.errors import InputError

if TYPE_CHECKING:
    from ecg.source import Source

__all__ = ["open_recording", "record_name"]


_TABLES = (".csv", ".tsv", ".txt")


def record_name(path: str | Path) -> str:
    """A recording's name: its file's without the suffix (a WFDB record's own name may have dots)."""
    path = Path(path)
    return path.stem if path.suffix.casefold() in (*_TABLES, ".edf", ".hea", ".dat") else path.name


def open_recording(path: str | Path, channel: str = "0") -> Source:
    """Open a recording by its suffix: `.csv`, `.tsv` or `.txt`; `.edf`; all else is a WFDB record.

    Args:
        path: the file, or a WFDB record without its suffix.
        channel: signal by name or number.

    Raises:
        InputError: it cannot be opened.
    """
    if not str(path):
        raise InputError("no recording is named; set source.replay.record to a WFDB record, an EDF+ or a CSV file")
    path = Path(path).expanduser()
    suffix = path.suffix.casefold()
    if suffix in _TABLES:
        from ecg.formats.csv.reader import CsvFile  # noqa: PLC0415 (only the reader in use is loaded)

        return CsvFile(path, channel)
    if suffix == ".edf":
        from ecg.formats.edf.reader import EdfFile  # noqa: PLC0415 (only the reader in use is loaded)

        return EdfFile(path, channel)
    from ecg.formats.wfdb.reader import WfdbRecord  # noqa: PLC0415 (only the reader in use is loaded)

    return WfdbRecord(path, channel)
