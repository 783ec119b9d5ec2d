"""All formats of recordings. The suffix of a file selects its reader and its writer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ecg.errors import InputError
from ecg.recording import OneLead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecg.formats.reader import Reader
    from ecg.formats.wfdb.annotations import Annotation
    from ecg.progress import Progress
    from ecg.recording import RecordingStream
    from ecg.source import Source

__all__ = ["FORMATS", "Format", "Writer", "open_file", "open_recording", "record_name", "writer_for"]


class Writer(Protocol):
    """Writes a recording to a file, which appears once it is complete."""

    def __call__(
        self,
        path: Path,
        recording: RecordingStream,
        *,
        annotations: Sequence[Annotation] = (),
        progress: Progress | None = None,
    ) -> Path:
        """Write a recording.

        Args:
            path: the new file.
            recording: in memory or as a stream, which may be read twice.
            annotations: in samples of the recording, in any order.
            progress: called after each block.

        Returns:
            The written file; for a WFDB record its header.

        Raises:
            InputError: the recording is too long for the format, a package is missing, or the file cannot be written.
        """
        ...


def _csv_reader() -> type[Reader]:
    from ecg.formats.csv.reader import CsvReader  # noqa: PLC0415

    return CsvReader


def _edf_reader() -> type[Reader]:
    from ecg.formats.edf.reader import EdfReader  # noqa: PLC0415

    return EdfReader


def _wfdb_reader() -> type[Reader]:
    from ecg.formats.wfdb.reader import WfdbReader  # noqa: PLC0415

    return WfdbReader


def _csv_writer() -> Writer:
    from ecg.formats.csv.writer import write_csv  # noqa: PLC0415

    return write_csv


def _edf_writer() -> Writer:
    from ecg.formats.edf.writer import write_edf  # noqa: PLC0415

    return write_edf


def _wfdb_writer() -> Writer:
    from ecg.formats.wfdb.writer import write_wfdb  # noqa: PLC0415

    return write_wfdb


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: for people.
        suffixes: of its files, in lower case. The first one selects the writer.
        reader: imports the reader. Only the format in use is imported.
        writer: imports the writer.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: Callable[[], type[Reader]]
    writer: Callable[[], Writer]


WFDB = Format("WFDB", (".hea", ".dat"), _wfdb_reader, _wfdb_writer)
FORMATS = (
    Format("CSV", (".csv", ".tsv", ".txt"), _csv_reader, _csv_writer),
    Format("EDF+", (".edf",), _edf_reader, _edf_writer),
    WFDB,
)
"""A path with any other suffix, or none, is the name of a WFDB record."""

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
_WRITTEN = {each.suffixes[0]: each for each in FORMATS}


def record_name(path: str | Path) -> str:
    """The name of a recording: that of its file, without the suffix. Dots in the name of a WFDB record stay."""
    path = Path(path)
    return path.stem if path.suffix.casefold() in _BY_SUFFIX else path.name


def open_file(path: str | Path, channels: Sequence[str] | None = None) -> Reader:
    """Open a recording with the reader that its suffix selects.

    Args:
        path: the file, or a WFDB record with or without a suffix.
        channels: signals by name or number; None selects every lead.

    Raises:
        InputError: the file cannot be opened.
    """
    if not str(path):
        raise InputError("no recording is named; set source.replay.record to a WFDB record, an EDF+ or a CSV file")
    path = Path(path).expanduser()
    return _BY_SUFFIX.get(path.suffix.casefold(), WFDB).reader()(path, channels)


def open_recording(path: str | Path, channel: str = "0") -> Source:
    """Open one lead of a recording.

    Args:
        path: see `open_file`.
        channel: signal by name or number.

    Raises:
        InputError: the file cannot be opened.
    """
    return OneLead(open_file(path, [channel]))


def writer_for(path: Path) -> Writer:
    """Select the writer by suffix: `.csv`, `.edf`, or any other name for a WFDB record."""
    return _WRITTEN.get(path.suffix.casefold(), WFDB).writer()
