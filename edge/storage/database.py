"""Opens SQLite databases for one process at a time; a damaged file is moved aside.

WAL mode with synchronous=FULL: a commit survives a kill and a power cut.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_database"]

LOCK_TIMEOUT_S = 2.0
"""A stopping monitor closes its files within this time."""

_log = logging.getLogger(__name__)


def open_database(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    """Open or create a database that no other process can open.

    Args:
        path: the file; its folder is created if it is missing.
        schema: statements that create missing tables and indices.

    Raises:
        InputError: the folder cannot be written, or another process has the database open.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _open(path, schema)
    except (OSError, sqlite3.OperationalError) as error:
        if "locked" in str(error):
            raise InputError(
                f"{path}: in use by another ecg-edge; stop it, or set another storage.directory"
            ) from error
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(
            f"{path.parent}: cannot be written ({cause}); make it writable or change storage.directory"
        ) from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.stem}.damaged-{int(time.time())}{path.suffix}")
        path.rename(aside)
        for suffix in ("-wal", "-shm"):  # they belong to the damaged file
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        _log.error("%s is damaged (%s): it was renamed to %s, and a new one was created.", path, error, aside)
        return _open(path, schema)


def _open(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")  # two monitors would send each message twice
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # with NORMAL a power cut may lose the last commits
        with database:
            for statement in schema:
                database.execute(statement)
    except BaseException:
        database.close()
        raise
    return database
