"""The outbox on the disk: a table of messages, and the saved state, in one SQLite database. Knows no thread."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.protocol.message import Urgency
from edge.storage.age_clock import AgeClock, SavedAge
from edge.storage.database import is_damage, open_database, set_aside
from edge.storage.salvage import salvage, salvage_from_copy
from edge.storage.state import SCHEMA, decode_state, read_states, write_states

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

__all__ = ["PURGE_TO", "OutboxFile", "Row", "log_dropped"]

PURGE_TO: Final = 0.9
"""A full outbox is emptied to this share of its limit, so that purges are rare and each one gets one log line."""

CLOCK: Final = "clock"
"""Name in the saved state: a reading of the clock on which messages expire."""

OLD_EXPIRY_S: Final = 86400.0
"""An outbox of version 0.1 has expiries in UTC, which cannot be trusted: its strips get this long from now."""

_SCHEMA = (
    SCHEMA,
    (
        "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, urgent INTEGER NOT NULL,"
        " topic TEXT NOT NULL, payload BLOB NOT NULL, bytes INTEGER NOT NULL)"
    ),
    # With the sizes in it: the sum at the start then reads only the index.
    "CREATE INDEX IF NOT EXISTS sending ON message (urgent DESC, id, bytes)",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the message table.

    Attributes:
        id: grows in order of arrival.
        urgent: an `Urgency`.
        topic, payload: the message.
        bytes: the space that it takes.
        expires_s: when it expires, on this process's monotonic clock; None = never.
    """

    id: int
    urgent: int
    topic: str
    payload: bytes
    bytes: int
    expires_s: float | None


class OutboxFile:
    """An open outbox. `open` and `in_memory` make one.

    Attributes:
        database: the connection.
        count, bytes: number of its messages and the space that they take.
        last_id: the largest id that it has given.
        damage: what was found damaged at the opening, and what was saved; None if the file was whole.
    """

    def __init__(self, database: sqlite3.Connection, path: Path | None, *, damage: str | None = None) -> None:
        self.database = database
        self.damage = damage
        self._path = path
        self._identity = _identity(path)
        self._journal_path = None if path is None else path.with_name(path.name + "-wal")
        self._journal: tuple[int, int] | None = None
        saved = decode_state(read_states(database).get(CLOCK), CLOCK, SavedAge)
        self._clock = AgeClock(saved)
        _add_expiry(database, self._clock.now_s + OLD_EXPIRY_S)
        self.count = self.bytes = 0
        self._measure()
        last = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'message'").fetchone()
        self.last_id = int(last[0]) if last else 0

    @classmethod
    def open(cls, path: Path) -> OutboxFile:
        """Open or create the file. A damaged one is put aside, and what can be read of it is saved.

        Raises:
            HardwareError: another process has the outbox open.
            OSError, sqlite3.Error: the folder cannot be written.
        """
        opened = open_database(path, _SCHEMA)
        try:
            if opened.aside is None:
                return cls(opened.connection, path)
            return cls._saved(opened.connection, path, opened.aside, opened.cause)
        except BaseException as error:
            opened.connection.close()
            if is_damage(error) and opened.aside is None:
                aside = set_aside(path, str(error))
                return cls._saved(open_database(path, _SCHEMA).connection, path, aside, str(error))
            raise

    @classmethod
    def in_memory(cls, path: Path) -> OutboxFile:
        """An outbox in memory, with what a file holds that cannot be opened for writing, if it can be read."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        for statement in _SCHEMA:
            database.execute(statement)
        _add_expiry(database, OLD_EXPIRY_S)
        salvage_from_copy(path, database)
        return cls(database, None)

    @classmethod
    def _saved(cls, database: sqlite3.Connection, path: Path, aside: Path, cause: str) -> OutboxFile:
        _add_expiry(database, OLD_EXPIRY_S)
        count = salvage(aside, database)
        _log.warning("%d messages of the damaged outbox were saved.", count)
        damage = f"the outbox was damaged ({cause}); {count} messages were saved, the file is now {aside.name}"
        return cls(database, path, damage=damage)

    def begin_anew(self, error: sqlite3.Error) -> OutboxFile:
        """Put this file aside, because it proved damaged, and open a new one with what can be read of it.

        Raises:
            OSError, sqlite3.Error: that failed; this file is closed.
        """
        assert self._path is not None
        self.close()
        aside = set_aside(self._path, str(error))
        return self._saved(open_database(self._path, _SCHEMA).connection, self._path, aside, str(error))

    def to_memory(self) -> OutboxFile:
        """Copy everything into memory and close this file, because its name is gone.

        The copy comes first: SQLite deletes a journal by its name, which would be that of the next file.
        """
        database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.backup(database)
        self.close()
        return OutboxFile(database, None)

    def adopt(self, other: OutboxFile) -> None:
        """Add the messages of another outbox that this one does not hold yet.

        Raises:
            sqlite3.Error: the disk is full or fails.
        """
        ahead_s = self._clock.ahead_s - other._clock.ahead_s
        rows = other.database.execute(
            "SELECT id, urgent, topic, payload, bytes, expires_clock_s + ? FROM message", (ahead_s,)
        )
        with self.database:
            self.database.executemany(
                "INSERT OR IGNORE INTO message (id, urgent, topic, payload, bytes, expires_clock_s)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        self._measure()

    @property
    def is_gone(self) -> bool:
        """Whether the file or its journal was deleted or replaced, so that what is written to it is lost."""
        if self._path is None:
            return False
        is_other = self._journal is not None and _identity(self._journal_path) != self._journal
        return is_other or _identity(self._path) != self._identity

    def rows(self, count: int) -> list[Row]:
        """The most urgent messages that have not expired, each urgency in order of arrival."""
        ahead_s = self._clock.ahead_s
        rows = self.database.execute(
            "SELECT id, urgent, topic, payload, bytes, expires_clock_s - ? FROM message"
            " WHERE expires_clock_s IS NULL OR expires_clock_s >= ? ORDER BY urgent DESC, id LIMIT ?",
            (ahead_s, self._clock.now_s + 1, count),
        )
        return [Row(*row) for row in rows]

    def states(self) -> dict[str, bytes]:
        """The saved state by name, as JSON."""
        return read_states(self.database)

    def write(self, rows: Sequence[Row], states: Mapping[str, bytes], removed: Collection[int]) -> None:
        """Add messages, remove others and the expired ones, and save state, in one transaction.

        Raises:
            sqlite3.Error: the disk is full or fails; nothing was changed.
        """
        clock, ahead_s = msgspec.json.encode(self._clock.save()), self._clock.ahead_s
        gone: list[tuple[int]] = []
        with self.database:
            expired = self.database.execute(
                "DELETE FROM message WHERE expires_clock_s < ? RETURNING bytes", (self._clock.now_s,)
            ).fetchall()
            # The removed ones first: on a full disk they make room.
            for identifier in removed:
                gone += self.database.execute(
                    "DELETE FROM message WHERE id = ? RETURNING bytes", (identifier,)
                ).fetchall()
            self.database.executemany(
                "INSERT INTO message (id, urgent, topic, payload, bytes, expires_clock_s) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        row.id,
                        row.urgent,
                        row.topic,
                        row.payload,
                        row.bytes,
                        None if row.expires_s is None else row.expires_s + ahead_s,
                    )
                    for row in rows
                ],
            )
            write_states(self.database, {**states, CLOCK: clock})
        if self._journal is None:
            self._journal = _identity(self._journal_path)
        if expired:
            _log.info("%d strips expired before delivery; the recording still has that ECG.", len(expired))
        self.count += len(rows) - len(gone) - len(expired)
        self.bytes += sum(row.bytes for row in rows) - sum(size for (size,) in gone + expired)

    def purge(self, max_bytes: int) -> None:
        """Drop strips, then summaries, then alarms, the oldest first, until well below the limit.

        Raises:
            sqlite3.Error: the disk fails.
        """
        excess = self.bytes - max_bytes * PURGE_TO
        dropped: list[tuple[int, int, int]] = []
        for row in self.database.execute("SELECT urgent, bytes, id FROM message ORDER BY urgent, id"):
            if excess <= 0:
                break
            dropped.append(row)
            excess -= row[1]
        with self.database:
            self.database.executemany("DELETE FROM message WHERE id = ?", [(row[2],) for row in dropped])
        self.count -= len(dropped)
        self.bytes -= sum(size for _, size, _ in dropped)
        log_dropped([(urgent, size) for urgent, size, _ in dropped], max_bytes)

    def close(self) -> None:
        """Close it."""
        with suppress(sqlite3.Error):  # a damaged one
            self.database.close()

    def _measure(self) -> None:
        totals = self.database.execute("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM message")
        self.count, self.bytes = totals.fetchone()


def log_dropped(dropped: list[tuple[int, int]], limit: int) -> None:
    """Log what a limit dropped: urgency and size of each message."""
    counts = [sum(urgent == each for urgent, _ in dropped) for each in Urgency]
    _log.error(
        "The outbox is full (%.1f MB): dropped %d strips, %d summaries and %d alarm messages (%.1f MB) before "
        "delivery.",
        limit / 1e6,
        *counts,
        sum(size for _, size in dropped) / 1e6,
    )


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Device and inode of a file; None if there is none."""
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def _add_expiry(database: sqlite3.Connection, old_expires_s: float) -> None:
    """Add the column for the expiry, which an outbox of version 0.1 lacks or has in UTC."""
    columns = {column[1] for column in database.execute("PRAGMA table_info(message)")}
    if "expires_clock_s" in columns:
        return
    with database:
        database.execute("ALTER TABLE message ADD COLUMN expires_clock_s REAL")
        database.execute("CREATE INDEX expiring_clock ON message (expires_clock_s) WHERE expires_clock_s IS NOT NULL")
        if "expires_s" in columns:
            database.execute("UPDATE message SET expires_clock_s = ? WHERE expires_s IS NOT NULL", (old_expires_s,))
