"""Recordings as a source: opens what a path names, and plays it in a loop where asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import InputError
from edge.samples import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from edge.frontends import Source

__all__ = ["Loop", "open_recording", "record_name"]

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
        from edge.frontends.csv_file import CsvFile  # noqa: PLC0415 (only the reader in use is loaded)

        return CsvFile(path, channel)
    if suffix == ".edf":
        from edge.frontends.edf_file import EdfFile  # noqa: PLC0415 (only the reader in use is loaded)

        return EdfFile(path, channel)
    from edge.frontends.wfdb_record import WfdbRecord  # noqa: PLC0415 (only the reader in use is loaded)

    return WfdbRecord(path, channel)


class Loop:
    """A recording played again and again, its sample index running on."""

    def __init__(self, recording: Source) -> None:
        """Play `recording` in a loop."""
        self._recording = recording
        self.name: str = f"{recording.name} (loop)"
        self.rate_hz: Fraction = recording.rate_hz
        self.start_utc: datetime | None = None
        self.length: int | None = None

    def blocks(self) -> Iterator[SampleBlock]:
        """The recording's blocks without end."""
        start = end = 0
        while True:
            for block in self._recording.blocks():
                end = start + block.first_index + len(block.samples_mv)
                yield SampleBlock(start + block.first_index, block.samples_mv, electrode_off=block.electrode_off)
            if end == start:
                return
            start = end
