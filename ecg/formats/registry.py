"""All formats of recordings. What a file holds selects its reader, and where that is not clear, its suffix.

Its suffix selects the writer.

A file may be packed with gzip (`.csv.gz`) or lie in a zip archive, into which a path leads as into a folder. A folder
or an archive stands for the recordings in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ecg.errors import InputError
from ecg.formats.content import HEAD_BYTES, TABLE, known_format, other_kind, xml_root
from ecg.formats.options import ReadOptions
from ecg.formats.packed import GZIP, ZIP, archive_names, is_file, open_packed, reading
from ecg.formats.reader import FIRST_ECG, unnamed
from ecg.recording import OneLead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecg.formats.reader import Reader
    from ecg.formats.wfdb.annotations import Annotation
    from ecg.progress import Progress
    from ecg.recording import RecordingStream
    from ecg.source import Source

__all__ = ["FORMATS", "Format", "Writer", "open_file", "open_recording", "record_name", "recordings_in", "writer_for"]


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


def _mat_reader() -> type[Reader]:
    from ecg.formats.mat.reader import MatReader  # noqa: PLC0415

    return MatReader


def _scp_reader() -> type[Reader]:
    from ecg.formats.scp.reader import ScpReader  # noqa: PLC0415

    return ScpReader


def _aecg_reader() -> type[Reader]:
    from ecg.formats.aecg.reader import AecgReader  # noqa: PLC0415

    return AecgReader


def _sierra_reader() -> type[Reader]:
    from ecg.formats.sierra.reader import SierraReader  # noqa: PLC0415

    return SierraReader


def _dicom_reader() -> type[Reader]:
    from ecg.formats.dicom.reader import DicomReader  # noqa: PLC0415

    return DicomReader


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
        writer: imports the writer; None where the format is only read.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: Callable[[], type[Reader]]
    writer: Callable[[], Writer] | None


_XML = ".xml"
WFDB = Format("WFDB", (".hea", ".dat"), _wfdb_reader, _wfdb_writer)
FORMATS = (
    Format("CSV", (".csv", ".tsv", ".txt", ".asc"), _csv_reader, _csv_writer),
    Format("EDF+", (".edf", ".bdf", ".rec"), _edf_reader, _edf_writer),
    Format("MATLAB", (".mat",), _mat_reader, None),
    Format("SCP-ECG", (".scp",), _scp_reader, None),
    Format("HL7 aECG", (".aecg", _XML), _aecg_reader, None),
    Format("Philips Sierra", (_XML,), _sierra_reader, None),
    Format("DICOM", (".dcm", ".dicom"), _dicom_reader, None),
    WFDB,
)
"""A path with any other suffix, or none, is the name of a WFDB record, unless it is a file, whose first bytes tell."""

_BY_NAME = {each.name: each for each in FORMATS}
_BY_SUFFIX = {suffix: each for each in reversed(FORMATS) for suffix in each.suffixes}
_MAY_BE_TABLES = frozenset(suffix for suffix in _BY_SUFFIX if suffix != ".hea")
"""Files with these suffixes are read as tables where they hold one."""

_WRITTEN = {each.suffixes[0]: each.writer for each in FORMATS if each.writer is not None}
_LISTED = 8


def record_name(path: str | Path) -> str:
    """The name of a recording: that of its file, without the suffix. Dots in the name of a WFDB record stay."""
    path = _unpacked(Path(path))
    return path.stem if path.suffix.casefold() in {*_BY_SUFFIX, ZIP} else path.name


def recordings_in(path: Path) -> list[Path]:
    """The recordings that a path stands for: those of a folder or of a zip archive, else itself.

    A folder is not searched for folders. Signal files and annotations of WFDB records are no recordings of their own.

    Raises:
        InputError: there is none in the folder or the archive.
    """
    path = path.expanduser()
    if path.is_dir():
        names = sorted(each.name for each in path.iterdir() if each.is_file())
    elif path.suffix.casefold() == ZIP and path.is_file():
        names = [name for name in archive_names(path) if not name.startswith("__MACOSX/")]
    else:
        return [path]
    found = [
        path / name
        for name in names
        if (suffix := _unpacked(Path(name)).suffix.casefold()) in _BY_SUFFIX
        and suffix != ".dat"
        and (suffix != _XML or known_format(_head(path / name)))
    ]
    headers = [each for each in found if _unpacked(each).suffix.casefold() == ".hea"]
    records = {_unpacked(each).with_suffix("") for each in headers}
    segments = {each.parent / name for each in headers for name in _segments_of(each)}
    found = [
        each
        for each in found
        if (stem := _unpacked(each).with_suffix("")) not in segments
        and (each in headers or each.suffix.casefold() != ".mat" or stem not in records)
    ]
    # A text beside recordings is about them.
    found = [each for each in found if each.suffix.casefold() not in {".txt", ".asc"}] or found
    if not found:
        raise InputError(f"{path}: no recording is in it; give WFDB records, EDF+ or CSV files")
    return found


def _segments_of(path: Path) -> list[str]:
    """Names of the segments of a WFDB record; none where it has none, or is none."""
    from ecg.formats.wfdb.header import read_header  # noqa: PLC0415

    try:
        return [name for name, _ in read_header(_unpacked(path)).segments]
    except InputError:
        return []


def open_file(path: str | Path, channels: Sequence[str] | None = None, options: ReadOptions | None = None) -> Reader:
    """Open a recording with the reader that its suffix or its first bytes select.

    Args:
        path: the file, packed or not, or a WFDB record with or without a suffix; or a folder or a zip archive with one
            recording in it.
        channels: signals by name or number, or `FIRST_ECG`; None selects every lead.
        options: what a person told about the file.

    Raises:
        InputError: the file cannot be opened.
    """
    if not str(path):
        raise InputError("no recording is named; set source.replay.record to a WFDB record, an EDF+ or a CSV file")
    found = recordings_in(Path(path))
    if len(found) > 1:
        listed = ", ".join(each.name for each in found[:_LISTED]) + (", ..." if len(found) > _LISTED else "")
        raise InputError(f"{path}: {len(found)} recordings are in it; name one of them: {listed}")
    path = _unpacked(found[0])
    known, is_by_suffix = _format_of(path)
    reader = known.reader()(path, channels, options or ReadOptions())
    reader.route = known.name
    if not is_by_suffix:
        reader.format += f", by its content and not by its suffix {path.suffix}"
    if channels is not None and list(channels) == [FIRST_ECG] and (remark := unnamed(reader)):
        reader.remarks.append(remark)
    return reader


def _unpacked(path: Path) -> Path:
    """The path of a file without the suffix of gzip, with which readers find it all the same."""
    return path.with_suffix("") if path.suffix.casefold() == GZIP else path


def _head(path: Path) -> bytes:
    """The first bytes of a file, packed or not."""
    path = _unpacked(path)
    with reading(path), open_packed(path) as file:
        return file.read(HEAD_BYTES)


def _format_of(path: Path) -> tuple[Format, bool]:
    """The format of a recording, and whether its suffix says so too, or says nothing.

    Raises:
        InputError: it is no recording.
    """
    suffix = path.suffix.casefold()
    told = _BY_SUFFIX.get(suffix)
    if suffix == ".mat" and is_file(path.with_suffix(".hea")):
        return WFDB, True
    if not is_file(path):
        return told or WFDB, True
    if suffix != ".hea" and told in {None, WFDB}:
        beside = (path.with_name(path.name + ".hea"), path.with_suffix(".hea"))
        if any(is_file(each) for each in beside):
            return WFDB, True
    head = _head(path)
    known = _BY_NAME.get(known_format(head))
    if known is not None and (known.name != TABLE or told is None or suffix in _MAY_BE_TABLES):
        return known, told is None or suffix in known.suffixes
    if kind := other_kind(head):
        raise InputError(f"{path}: {kind}, no recording; give the recording that it was made from")
    if suffix == _XML or (told is None and xml_root(head)):
        root = f" (its root is {xml_root(head)[:64]})" if xml_root(head) else ""
        raise InputError(f"{path}: no ECG in XML that is read here{root}; give HL7 aECG or Philips Sierra")
    if told is not None:
        return told, True
    is_binary = b"\0\0" in head[:256] and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return WFDB if is_binary else _BY_NAME[TABLE], True


def open_recording(path: str | Path, channel: str = "", options: ReadOptions | None = None) -> Source:
    """Open one lead of a recording.

    Args:
        path: see `open_file`.
        channel: signal by name or number; empty selects the first that is an ECG.
        options: what a person told about the file.

    Raises:
        InputError: the file cannot be opened.
    """
    return OneLead(open_file(path, [channel], options))


def writer_for(path: Path) -> Writer:
    """Select the writer by suffix: `.csv`, `.edf`, or any other name for a WFDB record."""
    return _WRITTEN.get(path.suffix.casefold(), _wfdb_writer)()
