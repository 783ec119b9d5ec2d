"""Opens files to read, also those that gzip packed and those inside a zip archive.

A path leads into an archive as into a folder: `ecg.zip/100.hea`. Where `100.dat` is missing, `100.dat.gz` is read.
Nothing is unpacked onto the disk or into memory: files are read as streams. An archive of more than 10,000 files is
refused, and so is a packed file of more than 4 GiB, which is 24 h of twelve leads at 1 kHz.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["GZIP", "ZIP", "archive_names", "is_file", "open_packed", "reading", "size_of"]

GZIP, ZIP = ".gz", ".zip"
"""Suffixes of packed files."""

_MOST_FILES = 10_000
_MOST_BYTES = 4 << 30
_CHUNK = 1 << 16
_END_OF_ARCHIVE = b"PK\5\6"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into an InputError."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the name") from None
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: cannot be read ({reason}); copy it again, or unpack it first") from None


def open_packed(path: Path) -> IO[bytes]:
    """Open a file for reading from its beginning.

    Raises:
        InputError: it is missing, damaged, encrypted or too large.
    """
    with reading(path):
        inside = _split(path)
        if inside is None:
            packed = _gzipped(path)
            return path.open("rb") if packed is None else cast("IO[bytes]", gzip.open(packed, "rb"))
        archive, name = inside
        with _archive(archive) as opened:
            try:
                return opened.open(name)
            except KeyError:
                raise FileNotFoundError(name) from None


def size_of(path: Path) -> int:
    """Bytes of a file, unpacked. Those of a file that gzip packed are counted, as its own count may be wrong.

    Raises:
        InputError: it is missing, damaged or too large.
    """
    with reading(path):
        inside = _split(path)
        if inside is not None:
            archive, name = inside
            with _archive(archive) as opened:
                try:
                    return _allowed(opened.getinfo(name).file_size)
                except KeyError:
                    raise FileNotFoundError(name) from None
        if _gzipped(path) is None:
            return path.stat().st_size
        size = 0
        with open_packed(path) as file:
            while chunk := file.read(_CHUNK):
                size = _allowed(size + len(chunk))
        return size


def is_file(path: Path) -> bool:
    """Whether there is such a file, packed or not."""
    try:
        inside = _split(path)
        return path.is_file() or _gzipped(path) is not None or (inside is not None and inside[1] in _names(inside[0]))
    except (OSError, ValueError):
        return False


def archive_names(archive: Path) -> list[str]:
    """Names of the files in a zip archive, sorted.

    Raises:
        InputError: it is no zip archive, damaged, or has too many files.
    """
    with reading(archive):
        return _names(archive)


def _names(archive: Path) -> list[str]:
    with _archive(archive) as opened:
        return sorted(info.filename for info in opened.infolist() if not info.is_dir())


def _archive(path: Path) -> zipfile.ZipFile:
    """Open an archive once its directory is known to be of a sane length, for all of it goes into memory."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 22 - 0xFFFF))
        tail = file.read()
    end = tail.rfind(_END_OF_ARCHIVE)
    if end < 0 or len(tail) < end + 22:
        raise ValueError("no zip archive")
    if int.from_bytes(tail[end + 10 : end + 12], "little") > _MOST_FILES:
        raise ValueError(f"more than {_MOST_FILES} files are in it")
    return zipfile.ZipFile(path)


def _split(path: Path) -> tuple[Path, str] | None:
    """The archive of a path that leads into one, and the name in it."""
    for parent in path.parents:
        if parent.suffix.casefold() == ZIP and parent.is_file():
            return parent, path.relative_to(parent).as_posix()
    return None


def _gzipped(path: Path) -> Path | None:
    """The file that gzip packed, of a path with or without its suffix."""
    if path.suffix.casefold() == GZIP:
        return path
    beside = path.with_name(path.name + GZIP)
    return beside if not path.exists() and beside.is_file() else None


def _allowed(size: int) -> int:
    if size > _MOST_BYTES:
        raise ValueError(f"unpacked it has more than {_MOST_BYTES >> 30} GiB")
    return size
