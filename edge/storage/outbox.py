"""The durable outbox: what must arrive is on disk before it is sent, and is removed only when the broker has it.

A committed message survives a kill and a power cut. Delivery is at least once: a message whose PUBACK was lost is sent
again. While the disk is full or fails, messages wait in memory, are sent from there, and go onto the disk as soon as it
takes them.
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
"""What SQLite needs for a row beside its text, roughly: ids, lengths, the index entry."""

PURGE_TO = 0.9
"""A full outbox is emptied to this share of its limit: dropping is rare, and each log line tells of many messages."""

HELD_MAX_BYTES = 4_000_000
"""So much waits in memory while the disk does not take it: 10,000 alarm messages."""

T = TypeVar("T")

_SCHEMA = (
    SCHEMA,
    (
        "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, urgent INTEGER NOT NULL,"
        " topic TEXT NOT NULL, payload BLOB NOT NULL, bytes INTEGER NOT NULL)"
    ),
    # Holds the sizes too: summing them at the start then reads the index alone.
    "CREATE INDEX IF NOT EXISTS sending ON message (urgent DESC, id, bytes)",
)

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


@dataclass(frozen=True, slots=True)
class _Row:
    """A message as the table has it."""

    id: int
    urgent: int
    topic: str
    payload: bytes
    bytes: int
    expires_s: float | None


class Outbox:
    """Messages that must arrive, kept in `DIRECTORY/outbox.sqlite` until the broker has confirmed them.

    May be used from several threads. The more urgent ones come out first: alarms, then summaries, then strips,
    each in order of arrival. A message that has expired does not come out.

    Args:
        directory: created where it is missing.
        max_bytes: above this, the oldest strips are dropped, then the oldest summaries, then the oldest alarms.

    Attributes:
        fault: why the disk does not take what waits in memory; None while all is on disk.

    Raises:
        InputError: the directory cannot be written, or another process has the outbox open.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self.fault: str | None = None
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._held: list[_Row] = []  # what the disk has not taken, in order of arrival ...
        self._held_state: dict[str, bytes] = {}  # ... and the newest values of what must be known after a restart
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
        """Count the messages that wait."""
        return int(self._count) + len(self._held)

    def put(self, messages: Iterable[Message], state: Mapping[str, object] | None = None) -> None:
        """Write messages and values of `state` in one piece; when this returns they are on disk, or `fault` is set.

        Args:
            messages: to be delivered.
            state: what must be known after a restart, by name: JSON-able.
        """
        with self._lock:
            for message in messages:
                self._last_id += 1
                topic, size = message.topic, _bytes(message)
                row = _Row(self._last_id, message.urgency, topic, message.payload, size, _expires_s(message))
                self._held.append(row)
            self._held_state |= {name: msgspec.json.encode(value) for name, value in (state or {}).items()}
            self._write()

    def retry(self) -> None:
        """Write what waits in memory, if the disk takes it now."""
        with self._lock:
            self._write()

    def state(self, name: str, kind: type[T]) -> T | None:
        """Give a value that must be known after a restart; None where there is none that can be understood."""
        with self._lock:
            return read_state(self._database, name, kind)

    def next(self, count: int, *, besides: Iterable[int] = ()) -> list[Pending]:
        """Give up to `count` messages in the order of sending, without those in `besides` (already on their way).

        Raises:
            sqlite3.Error: the disk fails, and nothing waits in memory.
        """
        besides = set(besides)
        now_s = time.time()
        with self._lock:
            rows = [row for row in self._held if row.expires_s is None or row.expires_s >= now_s + 1]
            try:
                rows += self._stored(now_s, count + len(besides))
            except sqlite3.Error:
                if not rows:
                    raise
        rows.sort(key=lambda row: (-row.urgent, row.id))
        return [_pending(row, now_s) for row in rows if row.id not in besides][:count]

    def remove(self, ids: Sequence[int]) -> None:
        """Forget messages that the broker has confirmed.

        Raises:
            sqlite3.Error: the disk fails; they will be sent again.
        """
        if not ids:
            return
        with self._lock:
            self._held = [row for row in self._held if row.id not in ids]
            sizes = []
            with self._database:
                for identifier in ids:
                    sizes += self._database.execute(
                        "DELETE FROM message WHERE id = ? RETURNING bytes", (identifier,)
                    ).fetchall()
            self._forget(sizes)

    def close(self) -> None:
        """Close the file; what waits stays on disk, as far as the disk took it."""
        with self._lock:
            self._write()
            if self._held:
                _log.error("%d messages that were not delivered are lost: the disk did not take them.", len(self._held))
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
        if not (self._held or self._held_state):
            return
        try:
            self._drop_expired()
            with self._database:
                self._database.executemany(
                    "INSERT INTO message (id, urgent, topic, payload, bytes, expires_s) VALUES (?, ?, ?, ?, ?, ?)",
                    [(row.id, row.urgent, row.topic, row.payload, row.bytes, row.expires_s) for row in self._held],
                )
                write_state(self._database, self._held_state)
        except sqlite3.Error as error:
            if self.fault is None:
                _log.error("The outbox cannot be written (%s): messages wait in memory only.", error)
            self.fault = str(error)
            self._shed()
            return
        if self.fault is not None:
            _log.warning("The outbox is written again; %d messages that waited are on disk.", len(self._held))
        self.fault = None
        self._bytes += sum(row.bytes for row in self._held)
        self._count += len(self._held)
        self._held.clear()
        self._held_state.clear()
        if self._bytes > self._max_bytes:
            try:
                self._purge()
            except sqlite3.Error as error:
                _log.error("The outbox is full and cannot be emptied (%s).", error)

    def _shed(self) -> None:
        """Keep what waits in memory within its limit, by the same order as on disk."""
        size = sum(row.bytes for row in self._held)
        if size <= HELD_MAX_BYTES:
            return
        dropped = set()
        for row in sorted(self._held, key=lambda row: (row.urgent, row.id)):
            if size <= HELD_MAX_BYTES * PURGE_TO:
                break
            size -= row.bytes
            dropped.add(row.id)
        self._tell_dropped([(row.urgent, row.bytes) for row in self._held if row.id in dropped], HELD_MAX_BYTES)
        self._held = [row for row in self._held if row.id not in dropped]

    def _purge(self) -> None:
        """Drop strips, then summaries, then alarms, the oldest first, until well below the limit; say how much."""
        excess = self._bytes - self._max_bytes * PURGE_TO
        dropped: list[tuple[int, int, int]] = []
        for row in self._database.execute("SELECT urgent, bytes, id FROM message ORDER BY urgent, id"):
            if excess <= 0:
                break
            dropped.append(row)
            excess -= row[1]
        with self._database:
            self._database.executemany("DELETE FROM message WHERE id = ?", [(row[2],) for row in dropped])
        self._forget([(size,) for _, size, _ in dropped])
        self._tell_dropped([(urgent, size) for urgent, size, _ in dropped], self._max_bytes)

    @staticmethod
    def _tell_dropped(dropped: list[tuple[int, int]], limit: int) -> None:
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
            self._forget(sizes)
            _log.info("%d strips expired before they could be delivered; the recording has them.", len(sizes))

    def _forget(self, sizes: list[tuple[int]]) -> None:
        self._count -= len(sizes)
        self._bytes -= sum(size for (size,) in sizes)


def _pending(row: _Row, now_s: float) -> Pending:
    return Pending(row.id, row.topic, row.payload, None if row.expires_s is None else int(row.expires_s - now_s))


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
