"""The formats of recordings: which reader and which writer a file's suffix stands for."""

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
    """Writes a recording as a file, which appears once it is whole."""

    def __call__(
        self,
        path: Path,
        recording: RecordingStream,
        *,
        annotations: Sequence[Annotation] = (),
        progress: Progress | None = None,
    ) -> Path:
        """Write it.

        Args:
            path: of the file.
            recording: whole, or a stream, which may be read twice.
            annotations: at its samples, in any order.
            progress: told after each block.

        Returns:
            What was written; of a WFDB record its header.

        Raises:
            InputError: too long for this kind of file, a package is missing, or the file cannot be written.
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
        name: as people call it.
        suffixes: of its files, in lower case; ours are written with the first.
        reader: loads its reader; only the format in use is loaded.
        writer: loads its writer.
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
"""Every format; what has none of their suffixes is the name of a WFDB record."""

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
_WRITTEN = {each.suffixes[0]: each for each in FORMATS}


def record_name(path: str | Path) -> str:
    """A recording's name: its file's without the suffix (a WFDB record's own name may have dots)."""
    path = Path(path)
    return path.stem if path.suffix.casefold() in _BY_SUFFIX else path.name


def open_file(path: str | Path, channels: Sequence[str] | None = None) -> Reader:
    """Open a recording by its suffix.

    Args:
        path: the file, or a WFDB record without its suffix.
        channels: signals by name or number; None: every lead.

    Raises:
        InputError: it cannot be opened.
    """
    if not str(path):
        raise InputError("no recording is named; set source.replay.record to a WFDB record, an EDF+ or a CSV file")
    path = Path(path).expanduser()
    return _BY_SUFFIX.get(path.suffix.casefold(), WFDB).reader()(path, channels)


def open_recording(path: str | Path, channel: str = "0") -> Source:
    """Open one lead of a recording.

    Args:
        path: as for `open_file`.
        channel: signal by name or number.

    Raises:
        InputError: it cannot be opened.
    """
    return OneLead(open_file(path, [channel]))


def writer_for(path: Path) -> Writer:
    """The writer of a file by its suffix: `.csv` or `.edf`; all else is the name of a WFDB record."""
    return _WRITTEN.get(path.suffix.casefold(), WFDB).writer()
