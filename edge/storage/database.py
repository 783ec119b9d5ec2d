"""Opens SQLite databases for one process at a time, and checks them. A damaged file is put aside and a new one begun.

WAL mode with synchronous=FULL: a commit survives a kill and a power cut.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.errors import HardwareError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OpenedDatabase", "is_damage", "open_database", "set_aside"]

LOCK_TIMEOUT_S = 2.0
"""A stopping monitor closes its files within this time."""

ASIDE_MAX = 3
"""Most damaged files that are kept; a dying card must not be filled with them."""

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""SQLite's primary codes for a file with wrong content."""

READ_ERRORS = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}
"""Extended codes for a page that the disk no longer gives back."""

NO_FILE = "it is no regular file"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database that was opened.

    Attributes:
        connection: may be used from any thread, by one at a time.
        aside: where a damaged file was put; None if the file was whole.
        cause: what was damaged.
    """

    connection: sqlite3.Connection
    aside: Path | None = None
    cause: str = ""


def open_database(path: Path, schema: tuple[str, ...]) -> OpenedDatabase:
    """Open or create a database that no other process can open.

    Args:
        path: the file; its folder is created if it is missing. Only its owner may read what is created.
        schema: statements that create missing tables and indices.

    Raises:
        HardwareError: another process has the database open.
        OSError, sqlite3.Error: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.path.lexists(path) and not path.is_file():  # reading a pipe would never end
        aside = set_aside(path, NO_FILE)
        return OpenedDatabase(_open(path, schema), aside, NO_FILE)
    try:
        return OpenedDatabase(_open(path, schema))
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise HardwareError(
                f"{path}: in use by another ecg-edge; stop it, or set another storage.directory"
            ) from error
        if not is_damage(error):
            raise
        aside = set_aside(path, str(error))
        return OpenedDatabase(_open(path, schema), aside, str(error))


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file's content is damaged, not that the disk is full or read-only."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return isinstance(error, sqlite3.Error) and (code & 0xFF in DAMAGE or code in READ_ERRORS)


def set_aside(path: Path, cause: str) -> Path:
    """Rename a damaged file, with its journal; its new path.

    Raises:
        OSError: it cannot be renamed.
    """
    aside = path.with_name(f"{path.stem}.damaged-{time.time_ns() // 1_000_000}{path.suffix}")
    journal = path.with_name(path.name + "-wal")  # it holds the last commits
    path.rename(aside)
    if journal.exists():
        journal.rename(aside.with_name(aside.name + "-wal"))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    _log.error("%s is damaged (%s): it was renamed to %s, and a new one was created.", path, cause, aside)
    files = sorted(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}"), key=lambda file: file.lstat().st_mtime)
    for old in files[:-ASIDE_MAX]:
        for file in (old, old.with_name(old.name + "-wal")):
            with suppress(OSError):  # a folder stays
                file.unlink(missing_ok=True)
    return aside


def _open(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    """Open and check a file.

    Raises:
        sqlite3.Error: it is damaged, locked, or cannot be opened.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # its journal gets the same mode
    with suppress(OSError):
        path.chmod(0o600)
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")  # two monitors would send each message twice
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # with NORMAL a power cut may lose the last commits
        _check(database)
        with database:
            for statement in schema:
                database.execute(statement)
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection) -> None:
    """Check every page of a database, not only those that an opening reads.

    Raises:
        sqlite3.DatabaseError: one is damaged.
    """
    (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        error = sqlite3.DatabaseError(answer.splitlines()[-1])
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error
