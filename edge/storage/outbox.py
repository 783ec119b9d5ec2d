"""The durable outbox: what must arrive is on disk before it is sent, and is removed only when the broker has it.

A committed message survives a kill and a power cut. Delivery is at least once: a message whose PUBACK was lost is sent
again.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from edge.storage.database import open_database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from edge.mqtt.messages import Message

__all__ = ["Outbox", "Pending"]

ROW_OVERHEAD_BYTES = 32
"""What SQLite needs for a row beside its text, roughly: ids, lengths, the index entry."""

PURGE_TO = 0.9
"""A full outbox is emptied to this share of its limit: dropping is rare, and each log line tells of many messages."""

_SCHEMA = (
    (
        "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, urgent INTEGER NOT NULL,"
        " topic TEXT NOT NULL, payload BLOB NOT NULL, bytes INTEGER NOT NULL)"
    ),
    # Holds the sizes too: summing them at the start then reads the index alone.
    "CREATE INDEX IF NOT EXISTS sending ON message (urgent DESC, id, bytes)",
)

_STRIP, _SUMMARY, _ALARM = -1, 0, 1
"""What is sent first has the highest of these, in the column `urgent`."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """A message on disk that the broker has not confirmed.

    Attributes:
        id: names it in `Outbox.remove`; grows in order of arrival.
        topic, payload: as they are to be published, at QoS 1.
        expiry_s: seconds for which it is still worth something; None = for ever.
    """

    id: int
    topic: str
    payload: bytes
    expiry_s: int | None = None


class Outbox:
    """Messages that must arrive, kept in `DIRECTORY/outbox.sqlite` until the broker has confirmed them.

    May be used from several threads. Alarms (`.../event`) come out before summaries, and those before strips
    (`.../strip/...`), each in order of arrival. A message that has expired does not come out.

    Args:
        directory: created where it is missing.
        max_bytes: above this, the oldest strips are dropped, then the oldest summaries, then the oldest alarms.

    Raises:
        InputError: the directory cannot be written, or another process has the outbox open.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._database = open_database(directory / "outbox.sqlite", _SCHEMA)
        _add_expiry(self._database)
        totals = self._database.execute("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM message")
        self._count, self._bytes = totals.fetchone()

    def __enter__(self) -> Self:
        """Give the outbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __len__(self) -> int:
        """Count the messages that wait."""
        return int(self._count)

    def put(self, messages: Iterable[Message]) -> None:
        """Write messages; when this returns they are on disk.

        Raises:
            sqlite3.Error: the disk is full or fails; none of the messages was kept.
        """
        rows = [
            (_urgency(message.topic), message.topic, message.payload, _bytes(message), _expires_s(message))
            for message in messages
        ]
        if not rows:
            return
        with self._lock:
            self._drop_expired()
            with self._database:
                self._database.executemany(
                    "INSERT INTO message (urgent, topic, payload, bytes, expires_s) VALUES (?, ?, ?, ?, ?)", rows
                )
            self._bytes += sum(row[3] for row in rows)
            self._count += len(rows)
            if self._bytes > self._max_bytes:
                self._purge()

    def next(self, count: int, *, besides: Iterable[int] = ()) -> list[Pending]:
        """Give up to `count` messages in the order of sending, without those in `besides` (already on their way)."""
        besides = set(besides)
        now_s = time.time()
        with self._lock:
            rows = self._database.execute(
                "SELECT id, topic, payload, CAST(expires_s - ? AS INTEGER) FROM message"
                " WHERE expires_s IS NULL OR expires_s >= ? + 1 ORDER BY urgent DESC, id LIMIT ?",
                (now_s, now_s, count + len(besides)),
            ).fetchall()
        return [Pending(*row) for row in rows if row[0] not in besides][:count]

    def remove(self, ids: Sequence[int]) -> None:
        """Forget messages that the broker has confirmed.

        Raises:
            sqlite3.Error: the disk fails; they will be sent again.
        """
        if not ids:
            return
        with self._lock, self._database:
            for identifier in ids:
                row = self._database.execute(
                    "DELETE FROM message WHERE id = ? RETURNING bytes", (identifier,)
                ).fetchone()
                if row is not None:
                    self._bytes -= row[0]
                    self._count -= 1

    def close(self) -> None:
        """Close the file; what waits stays on disk."""
        with self._lock:
            self._database.close()

    def _purge(self) -> None:
        """Drop strips, then summaries, then alarms, the oldest first, until well below the limit; say how much."""
        target = self._max_bytes * PURGE_TO
        dropped = dict.fromkeys((_STRIP, _SUMMARY, _ALARM), 0)
        before = self._bytes
        with self._database:
            for identifier, urgent, size in self._database.execute(
                "SELECT id, urgent, bytes FROM message ORDER BY urgent, id"
            ).fetchall():
                if self._bytes <= target:
                    break
                self._database.execute("DELETE FROM message WHERE id = ?", (identifier,))
                self._bytes -= size
                self._count -= 1
                dropped[urgent] += 1
        _log.error(
            "The outbox is full (%.1f MB): dropped %d strips, %d summaries and %d alarm messages (%.1f MB) before "
            "delivery.",
            self._max_bytes / 1e6,
            dropped[_STRIP],
            dropped[_SUMMARY],
            dropped[_ALARM],
            (before - self._bytes) / 1e6,
        )

    def _drop_expired(self) -> None:
        with self._database:
            sizes = self._database.execute(
                "DELETE FROM message WHERE expires_s < ? RETURNING bytes", (time.time(),)
            ).fetchall()
        if sizes:
            self._count -= len(sizes)
            self._bytes -= sum(size for (size,) in sizes)
            _log.info("%d strips expired before they could be delivered; the recording has them.", len(sizes))


def _urgency(topic: str) -> int:
    if topic.endswith("/event"):
        return _ALARM
    return _STRIP if "/strip/" in topic else _SUMMARY


def _expires_s(message: Message) -> float | None:
    return None if message.expiry_s is None else time.time() + message.expiry_s


def _bytes(message: Message) -> int:
    return len(message.topic.encode()) + len(message.payload) + ROW_OVERHEAD_BYTES


def _add_expiry(database: sqlite3.Connection) -> None:
    """An outbox of version 0.1 has no column for it."""
    if "expires_s" not in {column[1] for column in database.execute("PRAGMA table_info(message)")}:
        with database:
            database.execute("ALTER TABLE message ADD COLUMN expires_s REAL")
            database.execute("CREATE INDEX expiring ON message (expires_s) WHERE expires_s IS NOT NULL")
