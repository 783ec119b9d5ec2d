"""State that must survive a restart: open alarms, acknowledgements, snoozes, unfinished summaries.

Named JSON values in a table of the outbox's database, so that a value and the messages about its change are committed
together.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

__all__ = ["SCHEMA", "decode_state", "read_states", "write_states"]

T = TypeVar("T")

SCHEMA = "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"

_log = logging.getLogger(__name__)


def decode_state(value: bytes | None, name: str, kind: type[T]) -> T | None:
    """Decode a value; None if there is none, or if it cannot be decoded (another version wrote it)."""
    if value is None:
        return None
    try:
        return msgspec.json.decode(value, type=kind)
    except msgspec.DecodeError as error:
        _log.warning("The saved state of %s cannot be decoded (%s): it starts empty.", name, error)
        return None


def read_states(database: sqlite3.Connection) -> dict[str, bytes]:
    """Read all values by name, as JSON."""
    return {name: bytes(value) for name, value in database.execute("SELECT name, CAST(value AS BLOB) FROM state")}


def write_states(database: sqlite3.Connection, values: Mapping[str, bytes]) -> None:
    """Insert or replace values by name; the caller commits."""
    database.executemany(
        "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", values.items()
    )
