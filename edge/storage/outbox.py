"""The durable outbox: a message is on disk before it is sent, and is removed only when the broker has confirmed it.

A committed message survives a kill and a power cut. Delivery is at least once: a message whose PUBACK was lost is sent
again. While the disk is full or fails, messages wait in memory, are sent from there, and are written as soon as the
disk works again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from ecg.protocol.message import Urgency
from edge.storage.database import open_database
from edge.storage.state import SCHEMA, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from ecg.protocol.message import Message

__all__ = ["Outbox", "Pending"]

ROW_OVERHEAD_BYTES = 32
"""Approximate space of a row beside topic and payload: ids, lengths, the index entry."""

PURGE_TO = 0.9
"""A full outbox is emptied to this share of its limit, so that purges are rare and each one gets one log line."""

UNWRITTEN_MAX_BYTES = 4_000_000
"""Most bytes that wait in memory while the disk fails: 10,000 alarm messages."""

T = TypeVar("T")

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
class Pending:
    """A message that the broker has not confirmed.

    Attributes:
        id: its id for `Outbox.remove`; grows in order of arrival.
        topic, payload: to be published at QoS 1.
        expiry_s: seconds until it expires; None = never.
        urgency: its place among the others.
    """

    id: int
    topic: str
    payload: bytes
    expiry_s: int | None = None
    urgency: Urgency = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the message table."""

    id: int
    urgent: int
    topic: str
    payload: bytes
    bytes: int
    expires_s: float | None


class Outbox:
    """Messages that must arrive, stored in `DIRECTORY/outbox.sqlite` until the broker has confirmed them.

    Thread-safe. The most urgent messages are sent first: alarms, then summaries, then strips, each in order of arrival.
    An expired message is not sent.

    Args:
        directory: created if it is missing.
        max_bytes: above this, the oldest strips are dropped, then the oldest summaries, then the oldest alarms.

    Attributes:
        fault: why messages in memory cannot be written; None while all messages are on disk.

    Raises:
        InputError: the directory cannot be written, or another process has the outbox open.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self.fault: str | None = None
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._unwritten: list[_Row] = []  # not on disk yet, in order of arrival
        self._unwritten_state: dict[str, bytes] = {}
        self._database = open_database(directory / "outbox.sqlite", _SCHEMA)
        _add_expiry(self._database)
        totals = self._database.execute("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM message")
        self._count, self._bytes = totals.fetchone()
        last = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'message'").fetchone()
        self._last_id = last[0] if last else 0

    def __enter__(self) -> Self:
        """Give the outbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __len__(self) -> int:
        """Number of waiting messages."""
        return int(self._count) + len(self._unwritten)

    def put(self, messages: Iterable[Message], state: Mapping[str, object] | None = None) -> None:
        """Write messages and state in one transaction; when this returns they are on disk, or `fault` is set.

        Args:
            messages: to be delivered.
            state: named values to keep for the next start; msgspec must be able to encode them as JSON.
        """
        with self._lock:
            for message in messages:
                self._last_id += 1
                topic, size = message.topic, _bytes(message)
                row = _Row(self._last_id, message.urgency, topic, message.payload, size, _expires_s(message))
                self._unwritten.append(row)
            self._unwritten_state |= {name: msgspec.json.encode(value) for name, value in (state or {}).items()}
            self._write()

    def retry(self) -> None:
        """Try again to write what waits in memory."""
        with self._lock:
            self._write()

    def state(self, name: str, kind: type[T]) -> T | None:
        """Read a value of the state; None if there is none or it cannot be decoded."""
        with self._lock:
            return read_state(self._database, name, kind)

    def next(self, count: int, *, excluding: Iterable[int] = ()) -> list[Pending]:
        """The next messages to send, at most `count`, without the ids in `excluding` (already in flight).

        Raises:
            sqlite3.Error: the disk fails, and nothing waits in memory.
        """
        excluding = set(excluding)
        now_s = time.time()
        with self._lock:
            rows = [row for row in self._unwritten if row.expires_s is None or row.expires_s >= now_s + 1]
            try:
                rows += self._stored(now_s, count + len(excluding))
            except sqlite3.Error:
                if not rows:
                    raise
        rows.sort(key=lambda row: (-row.urgent, row.id))
        return [_pending(row, now_s) for row in rows if row.id not in excluding][:count]

    def remove(self, ids: Sequence[int]) -> None:
        """Remove messages that the broker has confirmed.

        Raises:
            sqlite3.Error: the disk fails; the messages will be sent again.
        """
        if not ids:
            return
        with self._lock:
            self._unwritten = [row for row in self._unwritten if row.id not in ids]
            sizes = []
            with self._database:
                for identifier in ids:
                    sizes += self._database.execute(
                        "DELETE FROM message WHERE id = ? RETURNING bytes", (identifier,)
                    ).fetchall()
            self._subtract(sizes)

    def close(self) -> None:
        """Write what waits in memory, if possible, and close the file."""
        with self._lock:
            self._write()
            if self._unwritten:
                count = len(self._unwritten)
                _log.error("%d undelivered messages are lost: they could not be written to the disk.", count)
            self._database.close()

    def _stored(self, now_s: float, count: int) -> list[_Row]:
        rows = self._database.execute(
            "SELECT id, urgent, topic, payload, bytes, expires_s FROM message"
            " WHERE expires_s IS NULL OR expires_s >= ? + 1 ORDER BY urgent DESC, id LIMIT ?",
            (now_s, count),
        )
        return [_Row(*row) for row in rows]

    def _write(self) -> None:
        """Bring onto the disk what waits in memory, or say why it stays there."""
        if not (self._unwritten or self._unwritten_state):
            return
        try:
            self._drop_expired()
            with self._database:
                self._database.executemany(
                    "INSERT INTO message (id, urgent, topic, payload, bytes, expires_s) VALUES (?, ?, ?, ?, ?, ?)",
                    [(row.id, row.urgent, row.topic, row.payload, row.bytes, row.expires_s) for row in self._unwritten],
                )
                write_state(self._database, self._unwritten_state)
        except sqlite3.Error as error:
            if self.fault is None:
                _log.error("The outbox cannot be written (%s): new messages wait only in memory.", error)
            self.fault = str(error)
            self._limit_unwritten()
            return
        if self.fault is not None:
            _log.warning("The outbox can be written again; %d messages that waited are on disk.", len(self._unwritten))
        self.fault = None
        self._bytes += sum(row.bytes for row in self._unwritten)
        self._count += len(self._unwritten)
        self._unwritten.clear()
        self._unwritten_state.clear()
        if self._bytes > self._max_bytes:
            try:
                self._purge()
            except sqlite3.Error as error:
                _log.error("The outbox is full and cannot be emptied (%s).", error)

    def _limit_unwritten(self) -> None:
        """Drop messages in memory above the limit, in the same order as on disk."""
        size = sum(row.bytes for row in self._unwritten)
        if size <= UNWRITTEN_MAX_BYTES:
            return
        dropped = set()
        for row in sorted(self._unwritten, key=lambda row: (row.urgent, row.id)):
            if size <= UNWRITTEN_MAX_BYTES * PURGE_TO:
                break
            size -= row.bytes
            dropped.add(row.id)
        self._log_dropped(
            [(row.urgent, row.bytes) for row in self._unwritten if row.id in dropped], UNWRITTEN_MAX_BYTES
        )
        self._unwritten = [row for row in self._unwritten if row.id not in dropped]

    def _purge(self) -> None:
        """Drop strips, then summaries, then alarms, the oldest first, until well below the limit."""
        excess = self._bytes - self._max_bytes * PURGE_TO
        dropped: list[tuple[int, int, int]] = []
        for row in self._database.execute("SELECT urgent, bytes, id FROM message ORDER BY urgent, id"):
            if excess <= 0:
                break
            dropped.append(row)
            excess -= row[1]
        with self._database:
            self._database.executemany("DELETE FROM message WHERE id = ?", [(row[2],) for row in dropped])
        self._subtract([(size,) for _, size, _ in dropped])
        self._log_dropped([(urgent, size) for urgent, size, _ in dropped], self._max_bytes)

    @staticmethod
    def _log_dropped(dropped: list[tuple[int, int]], limit: int) -> None:
        counts = [sum(urgent == each for urgent, _ in dropped) for each in Urgency]
        _log.error(
            "The outbox is full (%.1f MB): dropped %d strips, %d summaries and %d alarm messages (%.1f MB) before "
            "delivery.",
            limit / 1e6,
            *counts,
            sum(size for _, size in dropped) / 1e6,
        )

    def _drop_expired(self) -> None:
        with self._database:
            sizes = self._database.execute(
                "DELETE FROM message WHERE expires_s < ? RETURNING bytes", (time.time(),)
            ).fetchall()
        if sizes:
            self._subtract(sizes)
            _log.info("%d strips expired before delivery; the recording still has that ECG.", len(sizes))

    def _subtract(self, sizes: list[tuple[int]]) -> None:
        self._count -= len(sizes)
        self._bytes -= sum(size for (size,) in sizes)


def _pending(row: _Row, now_s: float) -> Pending:
    expiry_s = None if row.expires_s is None else int(row.expires_s - now_s)
    return Pending(row.id, row.topic, row.payload, expiry_s, Urgency(row.urgent))


def _expires_s(message: Message) -> float | None:
    return None if message.expiry_s is None else time.time() + message.expiry_s


def _bytes(message: Message) -> int:
    return len(message.topic.encode()) + len(message.payload) + ROW_OVERHEAD_BYTES


def _add_expiry(database: sqlite3.Connection) -> None:
    """Add the column for the expiry, which an outbox of version 0.1 lacks."""
    if "expires_s" not in {column[1] for column in database.execute("PRAGMA table_info(message)")}:
        with database:
            database.execute("ALTER TABLE message ADD COLUMN expires_s REAL")
            database.execute("CREATE INDEX expiring ON message (expires_s) WHERE expires_s IS NOT NULL")
