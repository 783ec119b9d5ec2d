"""How the databases of this machine are opened: committed is on disk, one owner, a damaged file is put aside.

SQLite in WAL mode with synchronous=FULL: what is committed survives a kill and a power cut.
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
"""A monitor that is just stopping lets go of its files within this time."""

_log = logging.getLogger(__name__)


def open_database(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    """Open a database for this process alone, or make it.

    Args:
        path: its folder is created where it is missing.
        schema: statements that make what is not there yet.

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
            f"{path.parent}: nothing can be kept here ({cause}); make it writable or change storage.directory"
        ) from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.stem}.damaged-{int(time.time())}{path.suffix}")
        path.rename(aside)
        for tail in ("-wal", "-shm"):  # belong to the damaged file
            path.with_name(path.name + tail).unlink(missing_ok=True)
        _log.error("%s is damaged (%s): it was put aside as %s, and an empty one begins.", path, error, aside)
        return _open(path, schema)


def _open(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")  # two monitors on one outbox would send everything twice
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # in WAL mode NORMAL may lose the last commits in a power cut
        with database:
            for statement in schema:
                database.execute(statement)
    except BaseException:
        database.close()
        raise
    return database
