"""Sends messages over one connection and tracks which are confirmed or refused."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.protocol.message import Message, Urgency

if TYPE_CHECKING:
    from edge.mqtt.session import Session
    from edge.mqtt.suspects import Key, Suspects
    from edge.storage.outbox import Outbox, Pending

__all__ = ["Delivery"]

WINDOW = 10
"""Most outbox messages in flight, so that a new alarm waits for few others."""

REFUSED_MAX = 100
"""After this many refused messages on one connection, the rest waits for the next connection."""

CONFIRM_S = 20.0
"""For a broker's confirmation. One that works confirms within a second; an alarm must not wait for long on one that
does not."""

SLOWEST_BYTES_PER_S = 1_000
"""Of a network that is waited for: bad GPRS. A slower one gets no strip through within a strip's own length."""

GUILTY_MAX = 3
"""A strip that ended this many connections, each time sent alone, is dropped."""

TOO_LARGE: Final = "packet too large"
"""The text of MQTT's reason code 149."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message in flight.

    Attributes:
        key: its id in the outbox, or its topic.
        topic: its topic.
        size: bytes of its payload.
        due_s: when its confirmation is overdue, on the monotonic clock.
        urgency: see `Urgency`.
    """

    key: Key
    topic: str
    size: int
    due_s: float
    urgency: Urgency


class Delivery:
    """Publishes over one connection and empties the outbox.

    A message that the broker does not take, because of its size or for a reason that it keeps to itself, never keeps
    others from being sent. A strip among them is dropped: the recording has that ECG. Any other stays in the outbox.

    Args:
        session: an established connection.
        outbox: its messages are sent in its order and removed once confirmed.
        suspects: messages that may have ended earlier connections.

    Attributes:
        has_answer: whether the broker has confirmed or refused a message yet.
    """

    def __init__(self, session: Session, outbox: Outbox, suspects: Suspects) -> None:
        self._session = session
        self._outbox = outbox
        self._suspects = suspects
        self._queued: deque[Message] = deque()
        self._suspected_states: dict[str, Message] = {}
        self._in_flight: dict[int, _Sent] = {}  # by MQTT message id, in order of sending
        self._alone: Key | None = None
        self._removable: list[int] = []
        self._refused: set[int] = set()
        self._told: set[str] = set()
        self._outbox_drained = False
        self._disk_error_logged = False
        self.has_answer = False

    @property
    def answered(self) -> bool:
        """Whether every published message was sent and the broker has answered it."""
        return not self._queued and not self._in_flight

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and the outbox has nothing more to send."""
        return self.answered and self._outbox_drained

    @property
    def overdue(self) -> bool:
        """Whether the confirmation of a message is overdue."""
        now_s = time.monotonic()
        return any(sent.due_s < now_s for sent in self._in_flight.values())

    def publish(self, message: Message) -> None:
        """Queue a message that is not in the outbox; it is sent before those in the outbox."""
        self._queued.append(message)

    def send_next(self) -> None:
        """Process the broker's answers, then send as much as the broker's limit and the window allow."""
        self.take_answers()
        self.send_queued()
        waiting = {sent.key for sent in self._in_flight.values() if isinstance(sent.key, int)}
        free = min(WINDOW - len(waiting), self._session.receive_maximum - len(self._in_flight))
        if len(self._refused) >= REFUSED_MAX:
            self._outbox_drained = True
            return
        if free <= 0 or self._alone is not None:
            self._outbox_drained = False
            return
        aside = {key for key in self._suspects.aside(time.monotonic()) if isinstance(key, int)}
        excluded = waiting | aside | self._refused
        try:
            batch = self._next(free + len(self._suspects.suspected), excluded)
        except sqlite3.Error as error:
            self._outbox_drained = True
            self._log_disk_error(error)
            return
        self._outbox_drained = not batch and not self._outbox.is_slow
        self._send_batch(batch, free)

    def send_queued(self) -> None:
        """Send the queued messages that the broker's limit allows."""
        while self._queued and len(self._in_flight) < self._session.receive_maximum:
            message = self._queued.popleft()
            if message.topic not in self._suspects.suspected or not message.qos:
                self._send(message, message.topic)
            else:
                self._suspected_states[message.topic] = message
        if self._suspected_states and not self._in_flight:
            topics = [topic for topic in self._suspected_states if topic not in self._suspects.aside(time.monotonic())]
            for topic in topics[:1]:
                self._alone = topic
                self._send(self._suspected_states.pop(topic), topic)

    def take_answers(self) -> None:
        """Process the broker's answers: confirmed messages leave the outbox, refused ones stay."""
        for mid in self._session.acknowledged:
            sent = self._take(mid)
            if sent is not None and isinstance(sent.key, int):
                self._removable.append(sent.key)
        self._session.acknowledged.clear()
        for mid, reason in self._session.refused:
            sent = self._take(mid)
            if sent is not None and reason == TOO_LARGE:
                self._do_not_send(sent)
            elif sent is not None and isinstance(sent.key, int):
                if not self._refused:
                    _log.error(
                        "The broker refuses messages (%s): they stay in the outbox. Check its access list.", reason
                    )
                self._refused.add(sent.key)
        self._session.refused.clear()
        self._remove()

    def ended(self) -> bool:
        """The connection ended, and not by this client; whether the message that caused it was found."""
        self.take_answers()
        if not self._session.ended_by_message or not self._in_flight:
            return False
        now_s = time.monotonic()
        by_key = {sent.key: sent for sent in self._in_flight.values()}
        alone = self._alone
        if self._session.found_too_large:
            alone = max(by_key.values(), key=lambda sent: sent.size).key
        found = self._suspects.connection_ended(by_key, alone=alone, now_s=now_s)
        if found is None:
            return False
        key, times = found
        sent = by_key[key]
        if (
            sent.urgency is Urgency.BULK
            and isinstance(key, int)
            and (self._session.found_too_large or times >= GUILTY_MAX)
        ):
            self._drop(key, sent.topic, "the broker ends the connection when it gets it")
            self._remove()
        else:
            _log.error(
                "The broker ends the connection when it gets the message on %s (%d bytes): it is set aside, and the "
                "others are sent. Check the broker's limits and its access list.",
                sent.topic,
                sent.size,
            )
        return True

    def give_up(self) -> None:
        """The confirmation of a message is overdue, and the connection is given up."""
        self._suspects.unanswered |= {sent.key for sent in self._in_flight.values() if isinstance(sent.key, int)}

    def _next(self, count: int, excluded: set[int]) -> list[Pending]:
        """The next messages of the outbox: new alarms before those that a broker took and did not confirm."""
        if self._suspects.unanswered:
            new = self._outbox.next(count, excluding=excluded | self._suspects.unanswered)
            alarms = [pending for pending in new if pending.urgency is Urgency.ALARM]
            if alarms:
                return alarms
        return self._outbox.next(count, excluding=excluded)

    def _send_batch(self, batch: list[Pending], free: int) -> None:
        """Send messages of the outbox; of equal urgency, a suspected one comes last, and is sent alone."""
        suspected = self._suspects.suspected
        batch = sorted(batch, key=lambda pending: (-pending.urgency, pending.id in suspected, pending.id))
        for pending in batch[:free]:
            message = Message(pending.topic, pending.payload, qos=1, expiry_s=pending.expiry_s, urgency=pending.urgency)
            if pending.id in suspected:
                if not self._in_flight:
                    self._alone = pending.id
                    self._send(message, pending.id)
                return
            self._send(message, pending.id)

    def _send(self, message: Message, key: Key) -> None:
        size = len(message.payload)
        now_s = time.monotonic()
        if self._session.too_large(message):
            self._alone = None if self._alone == key else self._alone
            self._do_not_send(_Sent(key, message.topic, size, now_s, message.urgency))
            return
        mid = self._session.publish(message)
        if message.qos:
            on_the_way = size + sum(sent.size for sent in self._in_flight.values())
            due_s = now_s + CONFIRM_S + on_the_way / SLOWEST_BYTES_PER_S
            self._in_flight[mid] = _Sent(key, message.topic, size, due_s, message.urgency)

    def _take(self, mid: int) -> _Sent | None:
        """The message that the broker has answered."""
        sent = self._in_flight.pop(mid, None)
        if sent is not None:  # else it was of QoS 0, which no broker answers
            self.has_answer = True
            self._suspects.clear(sent.key)
            if self._alone == sent.key:
                self._alone = None
        return sent

    def _do_not_send(self, sent: _Sent) -> None:
        """A message is larger than the broker takes: drop a strip, keep any other one of the outbox."""
        if isinstance(sent.key, int) and sent.urgency is Urgency.BULK:
            self._drop(sent.key, sent.topic, "it is larger than the broker takes")
            self._remove()
            return
        if isinstance(sent.key, int):
            self._refused.add(sent.key)
        if sent.topic not in self._told:
            self._told.add(sent.topic)
            kept = "it stays in the outbox" if isinstance(sent.key, int) else "it is not sent"
            _log.error(
                "The message on %s (%d bytes) is larger than the broker takes: %s. Raise the broker's limit.",
                sent.topic,
                sent.size,
                kept,
            )

    def _drop(self, identifier: int, topic: str, reason: str) -> None:
        _log.error(
            "The strip on %s is dropped: %s. The recording has that ECG. Raise the broker's limit on the size of a "
            "message, or shorten storage.strip_before_s and strip_after_s.",
            topic,
            reason,
        )
        self._suspects.clear(identifier)
        self._removable.append(identifier)

    def _remove(self) -> None:
        """Remove from the outbox what was confirmed or dropped."""
        if not self._removable:
            return
        self._outbox.remove(self._removable)
        self._removable.clear()

    def _log_disk_error(self, error: sqlite3.Error) -> None:
        if not self._disk_error_logged:
            _log.error("The outbox failed (%s): its messages may be sent late or twice.", error)
        self._disk_error_logged = True
