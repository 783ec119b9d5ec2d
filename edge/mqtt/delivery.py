"""What is under way on one connection: which messages of the outbox are sent, confirmed or refused."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from typing import TYPE_CHECKING

from ecg.protocol.message import Message

if TYPE_CHECKING:
    from edge.mqtt.session import Session
    from edge.storage.outbox import Outbox

__all__ = ["Delivery"]

WINDOW = 10
"""Messages of the outbox under way at a time: a new alarm waits for no more than these."""

REFUSED_MAX = 100
"""So many messages refused on one connection, and the rest waits for the next one."""

_log = logging.getLogger(__name__)


class Delivery:
    """Publishes on one connection and empties the outbox over it.

    Args:
        session: a connection that is up.
        outbox: its messages are sent in its order and removed when confirmed.
    """

    def __init__(self, session: Session, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._queued: deque[Message] = deque()
        self._under_way: dict[int, int | None] = {}  # MQTT message id -> outbox id; None for a state
        self._confirmed: list[int] = []
        self._refused: set[int] = set()
        self._exhausted = False
        self._disk_failed = False

    @property
    def settled(self) -> bool:
        """Whether everything handed over was sent and the broker has answered for it."""
        return not self._queued and not self._under_way

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and the outbox had nothing more to send."""
        return self.settled and self._exhausted

    def publish(self, message: Message) -> None:
        """Take a message that is not in the outbox; `feed` sends it before those that are."""
        self._queued.append(message)

    def feed(self) -> None:
        """Take the broker's answers, then send what waits, as far as the broker's limit and the window allow."""
        self.settle()
        self.send_queued()
        waiting = {identifier for identifier in self._under_way.values() if identifier is not None}
        free = min(WINDOW - len(waiting), self._session.receive_maximum - len(self._under_way))
        if len(self._refused) >= REFUSED_MAX:
            self._exhausted = True
            return
        if free <= 0:
            self._exhausted = False
            return
        try:
            batch = self._outbox.next(free, besides=waiting | self._refused | set(self._confirmed))
        except sqlite3.Error as error:
            self._exhausted = True
            self._tell_disk(error)
            return
        self._exhausted = not batch
        for pending in batch:
            mid = self._session.publish(Message(pending.topic, pending.payload, qos=1, expiry_s=pending.expiry_s))
            self._under_way[mid] = pending.id

    def send_queued(self) -> None:
        """Send messages that are not in the outbox, as far as the broker's limit allows."""
        while self._queued and len(self._under_way) < self._session.receive_maximum:
            message = self._queued.popleft()
            mid = self._session.publish(message)
            if message.qos:
                self._under_way[mid] = None

    def settle(self) -> None:
        """Take the broker's answers: what it confirmed leaves the outbox, what it refused stays there."""
        for mid in self._session.acknowledged:
            identifier = self._under_way.pop(mid, None)
            if identifier is not None:
                self._confirmed.append(identifier)
        self._session.acknowledged.clear()
        for mid, reason in self._session.refused:
            identifier = self._under_way.pop(mid, None)
            if identifier is not None:
                if not self._refused:
                    _log.error(
                        "The broker refuses messages (%s): they stay in the outbox. Check its access list.", reason
                    )
                self._refused.add(identifier)
        self._session.refused.clear()
        if self._confirmed:
            try:
                self._outbox.remove(self._confirmed)
            except sqlite3.Error as error:
                self._tell_disk(error)
            else:
                self._confirmed.clear()

    def _tell_disk(self, error: sqlite3.Error) -> None:
        if not self._disk_failed:
            _log.error("The outbox fails (%s): what it holds may be sent late or twice.", error)
        self._disk_failed = True
