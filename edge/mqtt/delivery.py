"""Sends messages over one connection and tracks which are confirmed or refused."""

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
"""Most outbox messages in flight, so that a new alarm waits for few others."""

REFUSED_MAX = 100
"""After this many refused messages on one connection, the rest waits for the next connection."""

_log = logging.getLogger(__name__)


class Delivery:
    """Publishes over one connection and empties the outbox.

    Args:
        session: an established connection.
        outbox: its messages are sent in its order and removed once confirmed.
    """

    def __init__(self, session: Session, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._queued: deque[Message] = deque()
        self._in_flight: dict[int, int | None] = {}  # MQTT message id -> outbox id; None for a state
        self._confirmed: list[int] = []
        self._refused: set[int] = set()
        self._outbox_drained = False
        self._disk_error_logged = False

    @property
    def answered(self) -> bool:
        """Whether every published message was sent and the broker has answered it."""
        return not self._queued and not self._in_flight

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and the outbox has nothing more to send."""
        return self.answered and self._outbox_drained

    def publish(self, message: Message) -> None:
        """Queue a message that is not in the outbox; it is sent before those in the outbox."""
        self._queued.append(message)

    def send_next(self) -> None:
        """Process the broker's answers, then send as much as the broker's limit and the window allow."""
        self.take_answers()
        self.send_queued()
        waiting = {identifier for identifier in self._in_flight.values() if identifier is not None}
        free = min(WINDOW - len(waiting), self._session.receive_maximum - len(self._in_flight))
        if len(self._refused) >= REFUSED_MAX:
            self._outbox_drained = True
            return
        if free <= 0:
            self._outbox_drained = False
            return
        try:
            batch = self._outbox.next(free, excluding=waiting | self._refused | set(self._confirmed))
        except sqlite3.Error as error:
            self._outbox_drained = True
            self._log_disk_error(error)
            return
        self._outbox_drained = not batch
        for pending in batch:
            mid = self._session.publish(Message(pending.topic, pending.payload, qos=1, expiry_s=pending.expiry_s))
            self._in_flight[mid] = pending.id

    def send_queued(self) -> None:
        """Send the queued messages that the broker's limit allows."""
        while self._queued and len(self._in_flight) < self._session.receive_maximum:
            message = self._queued.popleft()
            mid = self._session.publish(message)
            if message.qos:
                self._in_flight[mid] = None

    def take_answers(self) -> None:
        """Process the broker's answers: confirmed messages leave the outbox, refused ones stay."""
        for mid in self._session.acknowledged:
            identifier = self._in_flight.pop(mid, None)
            if identifier is not None:
                self._confirmed.append(identifier)
        self._session.acknowledged.clear()
        for mid, reason in self._session.refused:
            identifier = self._in_flight.pop(mid, None)
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
                self._log_disk_error(error)
            else:
                self._confirmed.clear()

    def _log_disk_error(self, error: sqlite3.Error) -> None:
        if not self._disk_error_logged:
            _log.error("The outbox failed (%s): its messages may be sent late or twice.", error)
        self._disk_error_logged = True
