"""Writes files completely or not at all. `replace_file` returns when the file is on the disk."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["UNFINISHED", "new_file", "replace_file", "sync_folder", "write_at"]

UNFINISHED = ".part"
"""Suffix of a file that is being written. A file with it that a crash left behind may be removed."""


def write_at(descriptor: int, content: bytes, offset: int) -> None:
    """Write all of `content` at `offset`; a disk that takes a part only gets the rest, or raises OSError."""
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view = view[written:]
        offset += written


def replace_file(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Put a file in the place of one of the same name, at once for every reader; `sync_folder` then makes it last.

    Args:
        path: the file.
        content: all of it.
        mode: its permissions, less those that the umask takes away.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            write_at(descriptor, content, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder (new, renamed and removed files) onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file under another name. It is renamed at the end, and removed after an error.

    Raises:
        InputError: the file cannot be written.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another place") from None
