"""What the monitor must still know after a restart: open alarms, acknowledgements, snoozes, unfinished summaries.

Named values, each as JSON, in a table beside the outbox: so a value is committed together with the messages that tell
of the change, or neither is.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

__all__ = ["SCHEMA", "read_state", "write_state"]

T = TypeVar("T")

SCHEMA = "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"

_log = logging.getLogger(__name__)


def read_state(database: sqlite3.Connection, name: str, kind: type[T]) -> T | None:
    """Give a value; None where there is none that can be understood (an older version wrote it)."""
    row = database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    try:
        return msgspec.json.decode(row[0], type=kind)
    except msgspec.DecodeError as error:
        _log.warning("What was kept of the %s cannot be understood (%s): it begins anew.", name, error)
        return None


def write_state(database: sqlite3.Connection, values: Mapping[str, bytes]) -> None:
    """Put values in the place of those of the same names; the caller commits."""
    database.executemany(
        "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", values.items()
    )
