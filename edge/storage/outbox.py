"""The durable outbox: a message is on disk before it is sent, and is removed only when the broker has confirmed it.

A committed message survives a kill and a power cut. Delivery is at least once: a message whose PUBACK was lost is sent
again. A thread of its own does all the work on the disk, and nobody waits for a slow one longer than `PATIENCE_S`.
While the disk is slow, full, read-only or fails, messages wait in memory, are sent from there, and are written as soon
as the disk works again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from ecg.errors import HardwareError
from ecg.protocol.message import Urgency
from edge.storage.database import is_damage
from edge.storage.outbox_file import PURGE_TO, OutboxFile, Row, log_dropped
from edge.storage.state import decode_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from ecg.protocol.message import Message

__all__ = ["Outbox", "Pending"]

ROW_OVERHEAD_BYTES = 32
"""Approximate space of a row beside topic and payload: ids, lengths, the index entry."""

UNWRITTEN_MAX_BYTES = 4_000_000
"""Most bytes that wait in memory while the disk fails: 10,000 alarm messages."""

PATIENCE_S = 0.5
"""Longest wait for the disk. A good card writes a message in 0.05 s; after this the message is sent from memory."""

OPENING_S = 4.0
"""Longest wait for the disk at the start: the saved alarms are on it. Another process's lock is told in less."""

UNRESPONSIVE_S = 10.0
"""A disk that needs longer than this does not answer; a power cut would lose the messages in memory."""

RETRY_S = 5.0
"""Pause between two attempts to open a file that cannot be opened."""

CLOSING_S = 5.0
"""Longest wait for the disk at the end, so that the whole shutdown fits into systemd's 20 s."""

T = TypeVar("T")

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


class Outbox:
    """Messages that must arrive, stored in `DIRECTORY/outbox.sqlite` until the broker has confirmed them.

    Thread-safe. The most urgent messages are sent first: alarms, then summaries, then strips, each in order of arrival.
    An expired message is not sent. Without a usable disk it works in memory, and `fault` says why.

    Args:
        directory: created if it is missing.
        max_bytes: above this, the oldest strips are dropped, then the oldest summaries, then the oldest alarms.

    Raises:
        HardwareError: another process has the outbox open.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self._path = directory / "outbox.sqlite"
        self._max_bytes = max_bytes
        self._disk = threading.Lock()  # held while the disk works; before `_changed` where both are taken
        self._changed = threading.Condition()  # guards what follows; never held while the disk works
        self._unwritten: list[Row] = []  # not on disk yet, in order of arrival
        self._put_s: dict[int, float] = {}  # when each of them came, on the monotonic clock
        self._removed: set[int] = set()  # confirmed, and not deleted from the disk yet
        self._state: dict[str, bytes] = {}
        self._unwritten_state: dict[str, bytes] = {}
        self._fault: str | None = "the disk has not answered yet"
        self._refused: HardwareError | None = None
        self._read_error: sqlite3.Error | None = None
        self._incidents: deque[str] = deque(maxlen=10)
        self._asked = 1  # rounds of the thread: asked for, and ended
        self._ended = 0
        self._round_since_s: float | None = None
        self._is_slow = False
        self._closing = False
        self._is_open = False
        self._is_starting = True
        self._open_due_s = 0.0
        self._last_id = 0
        self._file: OutboxFile | None = None
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._ended > 0, OPENING_S)
            self._is_starting = False
            # Where the file's own ids are not known, new ones must be larger; see `_open`.
            self._last_id = max(self._last_id, 0 if self._is_open else time.time_ns() // 1000)
        if self._refused is not None:
            raise self._refused

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
        stored = 0 if self._file is None else self._file.count
        return max(0, stored + len(self._unwritten) - len(self._removed))

    @property
    def fault(self) -> str | None:
        """Why messages in memory cannot be written; None while the disk works. Never waits."""
        since_s = self._round_since_s
        if since_s is not None and time.monotonic() - since_s > UNRESPONSIVE_S:
            return f"the disk has not answered for {time.monotonic() - since_s:.0f} s"
        return self._fault

    @property
    def is_slow(self) -> bool:
        """Whether the disk has not taken yet what it was given: messages on it cannot be read at the moment."""
        return self._is_slow

    def take_incident(self) -> str | None:
        """What happened to the file since the last call, one thing at a time: damaged, deleted; None if nothing."""
        return self._incidents.popleft() if self._incidents else None

    def put(self, messages: Iterable[Message], state: Mapping[str, object] | None = None) -> None:
        """Write messages and state in one transaction.

        When this returns they are on disk, unless the disk fails or is slow; then they wait in memory.

        Args:
            messages: to be delivered.
            state: named values to keep for the next start; msgspec must be able to encode them as JSON.
        """
        now_s = time.monotonic()
        with self._changed:
            for message in messages:
                self._last_id += 1
                expires_s = None if message.expiry_s is None else now_s + message.expiry_s
                size = len(message.topic.encode()) + len(message.payload) + ROW_OVERHEAD_BYTES
                row = Row(self._last_id, message.urgency, message.topic, message.payload, size, expires_s)
                self._unwritten.append(row)
                self._put_s[row.id] = now_s
            values = {name: msgspec.json.encode(value) for name, value in (state or {}).items()}
            self._state |= values
            self._unwritten_state |= values
            if self._is_slow or self._fault is not None:
                self._limit_unwritten()
        self._ask()

    def retry(self) -> None:
        """Try again to open the file and to write what waits in memory; waits for it as `put` does."""
        self._open_due_s = 0.0
        self._ask()

    def state(self, name: str, kind: type[T]) -> T | None:
        """Read a value of the state; None if there is none or it cannot be decoded. Never waits."""
        with self._changed:
            return decode_state(self._state.get(name), name, kind)

    def stored_state(self, name: str, kind: type[T]) -> T | None:
        """Read a value of the state back from the disk; None also if the disk does not answer."""
        with self._reading() as file:
            return None if file is None else decode_state(file.states().get(name), name, kind)

    def next(self, count: int, *, excluding: Iterable[int] = ()) -> list[Pending]:
        """The next messages to send, at most `count`, without the ids in `excluding` (already in flight).

        Messages in memory are among them if the disk fails or is slow.

        Raises:
            sqlite3.Error: the disk fails, and nothing waits in memory.
        """
        excluding = set(excluding)
        with self._reading() as file:
            now_s = time.monotonic()
            with self._changed:
                excluding |= self._removed
                is_waiting = self._is_slow or self._fault is not None
                rows = [
                    row
                    for row in self._unwritten
                    if (is_waiting or now_s - self._put_s[row.id] >= PATIENCE_S)
                    and (row.expires_s is None or row.expires_s >= now_s + 1)
                ]
            if file is not None:
                try:
                    rows += file.rows(count + len(excluding))
                except sqlite3.Error as error:
                    if is_damage(error):
                        self._read_error = error
                        self._asked += 1  # the thread puts the file aside at its next round
                    if not rows:
                        raise
        rows.sort(key=lambda row: (-row.urgent, row.id))
        return [_pending(row, now_s) for row in rows if row.id not in excluding][:count]

    def remove(self, ids: Sequence[int]) -> None:
        """Remove messages that the broker has confirmed; never waits.

        A kill before the disk has done so sends them again.
        """
        if not ids:
            return
        with self._changed:
            self._removed.update(ids)
            self._asked += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits in memory, if possible, and close the file."""
        with self._changed:
            self._closing = True
            self._asked += 1
            self._changed.notify_all()
        self._thread.join(CLOSING_S)
        lost = [row for row in self._unwritten if row.id not in self._removed]
        if lost:
            _log.error("%d undelivered messages are lost: they could not be written to the disk.", len(lost))

    def _ask(self) -> None:
        """Ask for a round of work on the disk, and wait for it at most `PATIENCE_S`; not at all if it is slow."""
        with self._changed:
            self._asked += 1
            asked = self._asked
            self._changed.notify_all()
            if self._is_slow or self._changed.wait_for(lambda: self._ended >= asked, PATIENCE_S):
                return
            self._is_slow = True
        _log.warning("The disk is slow: until it answers, new messages wait in memory and are sent from there.")

    @contextmanager
    def _reading(self) -> Iterator[OutboxFile | None]:
        """The file to read from; None if the disk does not answer, or at once while it is slow."""
        if not self._disk.acquire(timeout=0.0 if self._is_slow else PATIENCE_S):
            yield None
            return
        try:
            yield self._file
        finally:
            self._disk.release()

    def _run(self) -> None:
        """The thread: one round of work on the disk whenever somebody asks for it."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked > self._ended)
                asked, closing = self._asked, self._closing
                self._round_since_s = time.monotonic()
            try:
                with self._disk:
                    self._work(closing=closing)
            except Exception as error:  # noqa: BLE001 - the thread must survive any error, or nothing is kept
                self._fail(error)
            with self._changed:
                self._round_since_s = None
                self._ended = asked
                if self._is_slow and self._asked == asked:
                    self._is_slow = False
                    _log.warning("The disk answers again; what waited in memory is written, unless it fails.")
                self._changed.notify_all()
            if self._refused is not None:
                return
            if closing:
                with self._disk:
                    if self._file is not None:
                        self._file.close()
                        self._file = None
                return

    def _work(self, *, closing: bool) -> None:
        self._forget_confirmed()
        if self._read_error is not None:
            error, self._read_error = self._read_error, None
            raise error
        if self._is_open and self._file is not None and self._file.is_gone:
            self._file = self._file.to_memory()
            self._is_open, self._open_due_s = False, 0.0
            self._tell(f"{self._path} was deleted or replaced while the monitor was running")
        if not self._is_open:
            if time.monotonic() < self._open_due_s and not closing:
                return
            self._open_due_s = time.monotonic() + RETRY_S
            self._open()
        assert self._file is not None
        with self._changed:
            written, state, removed = list(self._unwritten), dict(self._unwritten_state), set(self._removed)
        removed -= {row.id for row in written}  # confirmed a moment ago: written now, removed in the next round
        if written or state or removed:
            self._file.write(written, state, removed)
        with self._changed:
            self._settle(written, state, removed)
        if self._file.bytes > self._max_bytes:
            self._file.purge(self._max_bytes)

    def _forget_confirmed(self) -> None:
        """Drop messages that were confirmed before they were written."""
        with self._changed:
            confirmed = self._removed & {row.id for row in self._unwritten}
            self._unwritten = [row for row in self._unwritten if row.id not in confirmed]
            self._removed -= confirmed
            for identifier in confirmed:
                del self._put_s[identifier]

    def _open(self) -> None:
        """Open the file; until that succeeds, work with what can be read of it."""
        try:
            opened = OutboxFile.open(self._path)
        except BaseException:
            if self._file is None:
                self._file = OutboxFile.in_memory(self._path)
                self._know(self._file)
            raise
        before, self._file = self._file, opened
        self._is_open = True
        if opened.damage is not None:
            self._tell(opened.damage)
        if before is not None:
            opened.adopt(before)
            before.close()
        self._know(opened)

    def _know(self, file: OutboxFile) -> None:
        """Take over the ids and the state of a file; what was put since the start is newer."""
        stored = file.states()
        with self._changed:
            self._last_id = max(self._last_id, file.last_id)
            if self._is_open:
                self._unwritten_state = {
                    name: value for name, value in self._state.items() if stored.get(name) != value
                }
            self._state = stored | self._state

    def _settle(self, written: list[Row], state: dict[str, bytes], removed: set[int]) -> None:
        """Forget what is on the disk now."""
        if self._fault is not None and self._ended:
            _log.warning("The outbox can be written again; %d messages that waited are on disk.", len(written))
        self._fault = None
        done = {row.id for row in written}
        self._unwritten = [row for row in self._unwritten if row.id not in done]
        for identifier in done:
            self._put_s.pop(identifier, None)
        self._unwritten_state = {
            name: value for name, value in self._unwritten_state.items() if state.get(name) != value
        }
        self._removed -= removed

    def _fail(self, error: Exception) -> None:
        """Note why the disk cannot be used; a file that proved damaged is put aside."""
        with self._changed:
            if isinstance(error, HardwareError) and self._is_starting:
                self._refused = error
                return
        if self._is_open and isinstance(error, sqlite3.Error) and is_damage(error):
            self._begin_anew(error)
            return
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error) or repr(error)
        if self._fault is None or not self._ended:
            _log.error("The outbox in %s cannot be written (%s): new messages wait only in memory.", self._path, cause)
        with self._changed:
            self._fault = cause
            self._limit_unwritten()

    def _begin_anew(self, error: sqlite3.Error) -> None:
        assert self._file is not None
        try:
            with self._disk:
                self._file = self._file.begin_anew(error)
                self._tell(self._file.damage or str(error))
                with self._changed:
                    self._unwritten_state = dict(self._state)
                self._work(closing=False)
        except Exception as second:  # noqa: BLE001 - see `_run`
            if self._file is not None and not _is_usable(self._file):
                self._file = OutboxFile.in_memory(self._path)
            self._is_open, self._open_due_s = False, 0.0
            with self._changed:
                self._fault = str(second) or repr(second)

    def _tell(self, incident: str) -> None:
        _log.error("Storage: %s.", incident)
        self._incidents.append(incident)

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
        log_dropped([(row.urgent, row.bytes) for row in self._unwritten if row.id in dropped], UNWRITTEN_MAX_BYTES)
        self._unwritten = [row for row in self._unwritten if row.id not in dropped]
        for identifier in dropped:
            del self._put_s[identifier]


def _is_usable(file: OutboxFile) -> bool:
    try:
        file.states()
    except sqlite3.Error:
        return False
    return True


def _pending(row: Row, now_s: float) -> Pending:
    expiry_s = None if row.expires_s is None else int(row.expires_s - now_s)
    return Pending(row.id, row.topic, row.payload, expiry_s, Urgency(row.urgent))
