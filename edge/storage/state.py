"""What the monitor must still know after a restart: open alarms, acknowledgements, snoozes, unfinished summaries."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from edge.storage.database import open_database

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["StateStore"]

T = TypeVar("T")

_SCHEMA = ("CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",)

_log = logging.getLogger(__name__)


class StateStore:
    """Named values in `DIRECTORY/state.sqlite`, each as JSON.

    Nothing here may stop the watching: a disk that cannot be written is told once in the log, and a value that cannot
    be understood (an older version wrote it) counts as absent.

    Args:
        directory: created where it is missing.

    Raises:
        InputError: the directory cannot be written, or another process has the state open.
    """

    def __init__(self, directory: Path) -> None:
        self._database = open_database(directory / "state.sqlite", _SCHEMA)
        self._disk_failed = False

    def __enter__(self) -> Self:
        """Give the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def get(self, name: str, kind: type[T]) -> T | None:
        """Give a value; None where there is none that can be understood."""
        row = self._database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=kind)
        except msgspec.DecodeError as error:
            _log.warning("What was kept of the %s cannot be understood (%s): it begins anew.", name, error)
            return None

    def put(self, name: str, value: object) -> None:
        """Keep a value; when this returns without a line in the log, it is on disk."""
        try:
            with self._database:
                self._database.execute(
                    "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (name, msgspec.json.encode(value)),
                )
        except sqlite3.Error as error:
            if not self._disk_failed:
                _log.error("The %s cannot be kept on disk (%s): a restart would forget them.", name, error)
            self._disk_failed = True
        else:
            self._disk_failed = False

    def close(self) -> None:
        """Close the file."""
        self._database.close()
