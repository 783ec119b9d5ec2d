"""Reads what can still be read of a damaged or unreachable outbox."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecg.protocol.message import Urgency
from edge.storage.page_walk import walk_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["salvage", "salvage_from_copy"]

COLUMNS = ("id", "urgent", "topic", "payload", "bytes")
EXPIRY = "expires_clock_s"


def salvage(damaged: Path, into: sqlite3.Connection) -> int:
    """Copy the readable messages and states of a damaged file into another database.

    Args:
        damaged: the file; its journal lies beside it.
        into: has the tables; committed when this returns.

    Returns:
        Number of saved messages.

    Raises:
        sqlite3.Error: the other database cannot be written.
    """
    if not damaged.is_file():
        return 0
    messages: list[tuple[Any, ...]] = []
    states: list[tuple[Any, ...]] = []
    with suppress(sqlite3.Error), closing(sqlite3.connect(damaged)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.text_factory = lambda content: content.decode(errors="replace")
        messages, states = _messages(database), _states(database)
    messages += _unreachable(damaged, {row[0] for row in messages})
    messages.sort(key=lambda row: row[0])
    with into:
        into.executemany(
            f"INSERT OR IGNORE INTO message ({', '.join(COLUMNS)}, {EXPIRY}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            messages,
        )
        into.executemany("INSERT OR IGNORE INTO state (name, value) VALUES (?, ?)", states)
    return len(messages)


def salvage_from_copy(path: Path, into: sqlite3.Connection) -> None:
    """Salvage a file in a folder that cannot be written, where SQLite cannot open it; does nothing if that fails."""
    with suppress(OSError, sqlite3.Error), TemporaryDirectory(prefix="ecg-edge-") as folder:
        for name in (path.name, path.name + "-wal"):
            if path.with_name(name).is_file():
                shutil.copyfile(path.with_name(name), Path(folder) / name)
        salvage(Path(folder) / path.name, into)


def _messages(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    expiry = "NULL"
    with suppress(sqlite3.Error):
        if EXPIRY in {column[1] for column in database.execute("PRAGMA table_info(message)")}:
            expiry = EXPIRY
    select = f"SELECT {', '.join(COLUMNS)}, {expiry} FROM message NOT INDEXED"  # noqa: S608
    found = _from_both_ends(lambda order: database.execute(f"{select} ORDER BY id {order}"))
    # A damaged page in the middle hides its neighbours from both scans, but an index may know them.
    for index in ("sending", "expiring_clock"):
        identifiers: set[int] = set()
        with suppress(sqlite3.Error):
            for (identifier,) in database.execute(f"SELECT id FROM message INDEXED BY {index}"):  # noqa: S608
                identifiers.add(identifier)
        for identifier in identifiers - found.keys():
            with suppress(sqlite3.Error):
                for row in database.execute(f"{select} WHERE id = ?", (identifier,)):
                    found[identifier] = row
    return [found[key] for key in sorted(found) if _is_message(found[key])]


def _unreachable(damaged: Path, known: set[int]) -> list[tuple[Any, ...]]:
    """The messages on whole pages to which no page leads any more. Their expiry is not known."""
    with suppress(OSError):
        return [
            row
            for identifier, values in walk_rows(damaged.read_bytes())
            if identifier not in known and len(values) >= len(COLUMNS) and values[0] is None
            if _is_message(row := (identifier, *values[1 : len(COLUMNS)], None)) and row[2].startswith("ecg/")
        ]
    return []


def _states(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    found = _from_both_ends(lambda order: database.execute(f"SELECT name, value FROM state ORDER BY name {order}"))  # noqa: S608
    return [row for row in found.values() if isinstance(row[0], str) and isinstance(row[1], bytes)]


def _from_both_ends(scan: Callable[[str], Iterable[tuple[Any, ...]]]) -> dict[Any, tuple[Any, ...]]:
    """The rows that a scan from each end gives before it meets a damaged page, by their first column."""
    found: dict[Any, tuple[Any, ...]] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in scan(order):
                if row[0] in found:
                    break
                found[row[0]] = row
    return found


def _is_message(row: tuple[Any, ...]) -> bool:
    """Whether a row has the types of a message; a damaged page may give anything."""
    identifier, urgent, topic, payload, size, expires_s = row
    return (
        isinstance(identifier, int)
        and isinstance(size, int)
        and urgent in set(Urgency)
        and isinstance(topic, str)
        and "\ufffd" not in topic
        and isinstance(payload, bytes)
        and isinstance(expires_s, float | int | None)
    )
