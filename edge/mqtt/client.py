"""The MQTT client. Its own thread connects, sends, reconnects and disconnects; no other thread waits for it."""

from __future__ import annotations

import logging
import math
import queue
import random
import secrets
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from paho.mqtt.enums import MQTTProtocolVersion

from ecg.errors import InputError
from ecg.protocol.message import Message, status_message
from edge.mqtt.credentials import credential_path
from edge.mqtt.delivery import Delivery
from edge.mqtt.outage_log import OutageLog
from edge.mqtt.session import Abilities, Session, State
from edge.mqtt.subscribing import Subscriber
from edge.mqtt.suspects import Suspects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.protocol.commands import Command
    from edge.config import MqttSettings
    from edge.storage.outbox import Outbox

__all__ = ["MqttClient"]

BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 60.0
"""A broker that restarts is reconnected soon; one that is gone gets few attempts."""

STABLE_S = 30.0
"""After a connection that lasted this long, the backoff starts at its first step again."""

HANG_UPS_MAX = 4
"""After so many short connections in a row it is no old connection of this monitor's own that holds its client id."""

TRANSIENT_MAX = 200
"""Most messages that may wait outside the outbox for the network; older ones have no value."""

COMMANDS_MAX = 500
"""Most commands that may wait for the main thread, each at most `MAX_PACKET_BYTES` of the session long."""

DISCONNECT_S = 1.0
"""Part of the stopping time that is reserved for `offline` and its confirmation."""

_log = logging.getLogger(__name__)


class MqttClient:
    """Delivers messages to the broker from its own thread.

    Retained messages are states: after each connect, the last one of each topic is sent again. Durable messages wait in
    the outbox until the broker has confirmed them. All other messages are sent if the broker is connected, else
    dropped.

    Incoming commands wait for `next_command`.

    The log names each cause of an outage once, and says once when the broker is back. It does not repeat a cause at
    each retry.

    Args:
        settings: the broker.
        device_id: pseudonym of the device; part of the client id and the topics.
        outbox: holds the durable messages.
        birth_topic: topic on which another program publishes `online` when it wants the states again.

    Attributes:
        connected: set while the broker is connected.
        broker: its address, `host:port`, for the log.

    Raises:
        InputError: a file that the settings name cannot be read.
    """

    def __init__(
        self, settings: MqttSettings, device_id: str, outbox: Outbox, *, birth_topic: str | None = None
    ) -> None:
        for key in ("ca_file", "password_file", "cert_file", "key_file"):
            _check_readable(f"mqtt.{key}", getattr(settings, key))
        self.connected = threading.Event()
        self._settings = settings
        self._device_id = device_id
        self._outbox = outbox
        self._birth_topic = birth_topic
        self._states_due = False
        self.broker = f"{settings.host}:{settings.port}"
        self._outages = OutageLog(self.broker)
        self._suspects = Suspects()
        self._session_up: Session | None = None
        self._hang_ups = 0
        self._client_suffix = ""
        self._subscriber = Subscriber(self.broker)
        self._version = MQTTProtocolVersion.MQTTv5
        self._abilities = Abilities()
        self._told_abilities = Abilities()
        self._lock = threading.Lock()
        self._states: dict[str, Message] = {}
        self._transient: deque[Message] = deque(maxlen=TRANSIENT_MAX)
        self._commands: queue.Queue[Command] = queue.Queue(COMMANDS_MAX)
        self._commands_dropped = False
        self._stopping = threading.Event()
        self._deadline_s = 0.0
        self._away_since_s = -math.inf
        self._failures = 0
        self._fallback_logged = False
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Number of messages that the broker has not confirmed."""
        return len(self._outbox)

    @property
    def trouble(self) -> str | None:
        """Cause of the present outage, as part of a sentence; None while connected or before the first attempt ends."""
        return self._outages.cause

    def send(self, *messages: Message, state: Mapping[str, object] | None = None) -> None:
        """Queue messages; never waits for the network.

        Args:
            messages: the durable ones are on disk, in one transaction, when this returns (unless the disk fails).
            state: values to keep for the next start, committed in the same transaction; see `Outbox.put`.
        """
        durable = [message for message in messages if message.durable]
        if durable or state:
            self._outbox.put(durable, state)
        with self._lock:
            for message in messages:
                if message.retain:
                    self._states[message.topic] = message
                if not message.durable and self.connected.is_set():
                    self._transient.append(message)

    def too_large(self, message: Message) -> bool:
        """Whether a message is larger than the connected broker takes."""
        session = self._session_up
        return session is not None and session.too_large(message)

    def next_command(self) -> Command | None:
        """The next command that has arrived; None if there is none."""
        try:
            return self._commands.get_nowait()
        except queue.Empty:
            self._commands_dropped = False
            return None

    def stop(self, timeout_s: float) -> bool:
        """Send the waiting messages, publish `offline` and disconnect; returns soon after `timeout_s` in any case.

        Returns:
            Whether the broker has confirmed every durable message.
        """
        self._deadline_s = time.monotonic() + timeout_s
        self._stopping.set()
        self._thread.join(timeout_s + DISCONNECT_S)
        waiting = self.waiting
        if waiting:
            _log.warning("%d messages are not delivered yet; they wait in the outbox for the next start.", waiting)
        return waiting == 0

    def _take_command(self, command: Command) -> None:
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            if not self._commands_dropped:
                _log.error("Commands arrive faster than they can be carried out: some get no answer.")
            self._commands_dropped = True

    def _run(self) -> None:
        while True:
            try:
                ended_in_order = self._run_connection()
            except Exception as error:  # noqa: BLE001 - the thread must survive any error, or no more alarms are sent
                ended_in_order = False
                self._outages.failed(f"an unexpected error ({error!r})")
            self.connected.clear()
            if ended_in_order:
                return
            delay_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**self._failures)
            self._failures = min(self._failures + 1, 10)
            # The jitter keeps many monitors from reconnecting at the same moment after a power cut.
            if self._stopping.wait(delay_s * random.uniform(0.75, 1.25)):  # noqa: S311 - no secret
                return

    def _run_connection(self) -> bool:
        """Connect and serve the connection until it ends; whether this client ended it in order."""
        session = self._connect()
        if session.cause is not None:
            self._outages.failed(session.cause)
            return False
        up_at_s = time.monotonic()
        try:
            self._serve(session)
        finally:
            self._away_since_s = session.waiting_since_s
        if session.cause is None:
            return True
        self._subscriber.ended(session)
        stable = time.monotonic() - up_at_s >= STABLE_S
        if stable:
            self._failures = 0
        self._hang_ups = 0 if stable or not session.hung_up else self._hang_ups + 1
        if self._hang_ups == HANG_UPS_MAX:
            self._hang_ups = 0
            self._client_suffix = f"-{secrets.token_hex(8)}"
            _log.error(
                "The broker at %s ends each connection soon, as if another client had the same client id: going on "
                "with an id that nobody knows. Give each monitor its own device.id, and the broker our settings.",
                self.broker,
            )
        self._outages.lost(session.cause, stable=stable, hung_up=session.hung_up)
        return False

    def _connect(self) -> Session:
        """Connect with what the broker supports of MQTT 5, or with 3.1.1; the session may have failed."""
        session = self._session(self._version)
        session.connect()
        while session.abilities != self._abilities:
            self._abilities = session.abilities
            if session.state is State.UP:
                break
            session = self._session(self._version)
            session.connect()
        self._tell_abilities(session)
        if not session.version_refused:
            return session
        older = self._session(MQTTProtocolVersion.MQTTv311)
        older.connect()
        if older.state is State.UP and not self._fallback_logged:
            self._fallback_logged = True
            _log.warning(
                "The broker at %s does not support MQTT 5: using 3.1.1 (no message expires, `offline` has no delay).",
                self.broker,
            )
        if session.version_unsupported:
            self._version = MQTTProtocolVersion.MQTTv311
        return older

    def _tell_abilities(self, session: Session) -> None:
        """Say once what the broker lacks."""
        if session.state is not State.UP or self._abilities == self._told_abilities:
            return
        self._told_abilities = self._abilities
        if not self._abilities.retains:
            _log.warning(
                "The broker at %s keeps no retained messages: who connects later does not learn which alarms are "
                "active or whether this monitor is online. Use another broker.",
                self.broker,
            )
        if not self._abilities.confirms:
            _log.error(
                "The broker at %s confirms no messages (its maximum QoS is 0): alarms are sent, and may be lost on the "
                "way. Use another broker.",
                self.broker,
            )

    def _session(self, version: MQTTProtocolVersion) -> Session:
        return Session(
            self._settings,
            self._device_id,
            version,
            abilities=self._abilities,
            birth_topic=self._birth_topic,
            away_since_s=self._away_since_s,
            client_suffix=self._client_suffix,
            on_command=self._take_command,
            on_birth=self._resend_states,
        )

    def _resend_states(self) -> None:
        self._states_due = True

    def _serve(self, session: Session) -> None:
        """Send and receive on a connection until it ends."""
        self._session_up = session
        delivery = Delivery(session, self._outbox, self._suspects)
        delivery.publish(status_message(self._device_id, online=True))
        with self._lock:
            self._transient.clear()  # left over from the last connection, and older than the states
            self.connected.set()
        self._states_due = True
        is_told, waiting = False, self.waiting
        self._subscriber.connected()
        while session.state is State.UP:
            self._subscriber.subscribe(session)
            if not is_told and delivery.has_answer:  # a broker that confirms nothing is no end of an outage
                is_told = True
                self._outages.up(waiting=waiting)
            with self._lock:
                states = list(self._states.values()) if self._states_due else []
                fresh = [self._transient.popleft() for _ in range(len(self._transient))]
            if self._states_due:  # `states` already has the newest message of each retained topic
                self._states_due = False
                fresh = [message for message in fresh if not message.retain]
            for message in [*states, *fresh]:
                delivery.publish(message)
            delivery.send_next()
            if delivery.overdue:
                delivery.give_up()
                session.give_up("it takes messages and does not confirm them: check the broker and what is before it")
                self._failures = 0  # what it takes may arrive all the same, so new alarms must not wait for long
                break
            if self._stopping.is_set() and (delivery.idle or time.monotonic() > self._deadline_s - DISCONNECT_S):
                break
            session.serve()
        if session.state is State.UP:
            self._disconnect(session, delivery)
        elif delivery.ended():
            self._failures = 0

    def _disconnect(self, session: Session, delivery: Delivery) -> None:
        """Publish `offline`, wait for its confirmation, and disconnect."""
        delivery.publish(status_message(self._device_id, online=False))
        while session.state is State.UP and not delivery.answered and time.monotonic() < self._deadline_s:
            delivery.take_answers()
            delivery.send_queued()
            session.serve()
        if session.state is State.UP:
            session.disconnect()


def _check_readable(key: str, name: str) -> None:
    """Refuse to start without the file. Once the client runs, a missing file is an ordinary outage."""
    if not name:
        return
    path = credential_path(name)
    try:
        path.read_bytes()
    except OSError as error:
        raise InputError(f"{key}: {path} cannot be read ({error.strerror})") from error
