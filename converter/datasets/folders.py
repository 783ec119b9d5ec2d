"""Reading and checking folders of WFDB records: every signal against its checksum, every file into one digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ecg.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ecg.samples import FloatArray

__all__ = [
    "ANNOTATOR",
    "Record",
    "check_record",
    "digest_of",
    "find_records",
    "read_channel",
    "read_duration_s",
    "read_rate_hz",
    "record_digest",
]

ANNOTATOR = "atr"
"""Extension of reference annotations in PhysioNet's arrhythmia databases."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose signals agree with their checksums.

    Attributes:
        name: path below the folder, without extension.
        rate_hz: sampling rate.
        duration_s: length.
        signals: names of its signals.
        annotated: whether it has reference annotations.
        digest: SHA-256 over its files.
        label: of the whole recording, in the short ones of `converter.datasets.short_recordings`.
    """

    name: str
    rate_hz: float
    duration_s: float
    signals: tuple[str, ...]
    annotated: bool
    digest: str
    label: str = ""


def find_records(folder: Path) -> list[str]:
    """Names of the WFDB records below a folder, sorted.

    Raises:
        InputError: there is no such folder, or it has no WFDB header.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: give the folder that holds the WFDB records (*.hea, *.dat)")
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.hea"))
    if not names:
        if next(folder.rglob("*.mat"), None) is not None:
            raise InputError(
                f"{folder} has .mat files without WFDB headers: take PhysioNet's original, which has a .hea to each, "
                "or put REFERENCE-v3.csv beside the short recordings of cinc2017"
            )
        raise InputError(f"{folder} holds no WFDB record: no *.hea file in it or below it")
    return names


def check_record(folder: Path, name: str) -> Record:
    """Read one record whole and compare each signal with the checksum in the header.

    Raises:
        InputError: a file is missing, truncated or cannot be read.
        CheckFailedError: a signal differs from its checksum.
    """
    import wfdb  # noqa: PLC0415 - 0.6 s and 80 MB, wanted only where recordings are read

    path = folder / name
    header = _read(path, wfdb.rdheader)
    if not isinstance(header, wfdb.MultiRecord):  # the segments of a multi-segment record are records themselves
        record = _read(path, lambda stem: wfdb.rdrecord(stem, physical=False, smooth_frames=False))
        sums = record.calc_checksum(expanded=True) if header.n_sig else []
        for signal, found, expected in zip(header.sig_name or (), sums, header.checksum or (), strict=True):
            if expected is not None and found % 65536 != expected % 65536:
                raise CheckFailedError(
                    f"{path}: signal {signal} differs from its checksum (found {found % 65536}, the header says "
                    f"{expected % 65536}): the file is damaged, get it again"
                )
    return Record(
        name=name,
        rate_hz=float(header.fs),
        duration_s=float((header.sig_len or 0) / header.fs),
        signals=tuple(header.sig_name or ()),
        annotated=path.with_name(f"{path.name}.{ANNOTATOR}").is_file(),
        digest=record_digest(folder, name),
    )


def record_digest(folder: Path, name: str) -> str:
    """SHA-256 over a record's header, signal and annotation files; much faster than checking the signals.

    Raises:
        InputError: a file is missing or the header cannot be read.
    """
    import wfdb  # noqa: PLC0415

    path = folder / name
    header = _read(path, wfdb.rdheader)
    files = {path.with_name(f"{path.name}.hea")}
    if not isinstance(header, wfdb.MultiRecord):
        files |= {path.with_name(file) for file in header.file_name or ()}
    annotations = path.with_name(f"{path.name}.{ANNOTATOR}")
    if annotations.is_file():
        files.add(annotations)
    return str(_read(path, lambda _: digest_of(files)))


def digest_of(files: Iterable[Path]) -> str:
    """SHA-256 over the sorted names and SHA-256 digests of files; a change of any byte changes it."""
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n".encode())
    return whole.hexdigest()


def read_rate_hz(folder: Path, name: str) -> float:
    """A record's sampling rate.

    Raises:
        InputError: its header cannot be read.
    """
    import wfdb  # noqa: PLC0415

    return float(_read(folder / name, wfdb.rdheader).fs)


def read_duration_s(folder: Path, name: str) -> float:
    """A record's length.

    Raises:
        InputError: its header cannot be read, or does not tell.
    """
    import wfdb  # noqa: PLC0415

    header = _read(folder / name, wfdb.rdheader)
    if not header.sig_len:
        raise InputError(f"{folder / name}: the header does not tell how long the record is")
    return float(header.sig_len / header.fs)


def read_channel(folder: Path, name: str, channel: int) -> tuple[FloatArray, float]:
    """One signal of a record in mV (NaN where the record says invalid), and its rate in Hz.

    Raises:
        InputError: it cannot be read, has no such signal, or is not in units of volts.
    """
    import wfdb  # noqa: PLC0415

    path = folder / name
    count = _read(path, wfdb.rdheader).n_sig
    if channel >= count:
        raise InputError(f"{path} has {count} signal(s): there is no number {channel}")
    record = _read(path, lambda stem: wfdb.rdrecord(stem, channels=[channel]))
    scale = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}.get(str(record.units[0]).casefold())
    if scale is None:
        raise InputError(f"{path}: signal {channel} is in {record.units[0]}, not in volts: it is no ECG")
    return np.ascontiguousarray(record.p_signal[:, 0] * scale, dtype=np.float64), float(record.fs)


def _read(path: Path, reader: Callable[[str], Any]) -> Any:
    """Call one of wfdb's readers; whatever it raises becomes one line with the record's name."""
    try:
        return reader(str(path))
    except FileNotFoundError as error:
        raise InputError(f"{error.filename or path} is missing: the record {path} is not complete") from error
    except Exception as error:  # wfdb raises whatever its parsers stumble over
        raise InputError(f"{path} cannot be read, it is truncated or no WFDB record: {error}") from error
