"""The MQTT client: one thread that connects, sends, reconnects and says goodbye, and that nothing else waits for."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from paho.mqtt.enums import MQTTProtocolVersion

from ecg.errors import InputError
from ecg.protocol.message import Message, status_message
from edge.mqtt.credentials import credential
from edge.mqtt.delivery import Delivery
from edge.mqtt.outage_log import OutageLog
from edge.mqtt.session import Session, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.protocol.commands import Command
    from edge.config import MqttSettings
    from edge.storage.outbox import Outbox

__all__ = ["MqttClient"]

BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 60.0
"""A broker that restarts is found soon; one that is gone is not hammered."""

SETTLED_S = 30.0
"""A connection that held so long was a good one: the next backoff begins at its first step again."""

TRANSIENT_MAX = 200
"""QoS 0 messages that wait for the network; older ones are worth nothing."""

COMMANDS_MAX = 500
"""Commands that wait for the main thread; each is at most as long as `MAX_PACKET_BYTES` of the session."""

GOODBYE_S = 1.0
"""Kept of the time to stop for `offline` and its confirmation."""

_log = logging.getLogger(__name__)


class MqttClient:
    """Delivers messages to the broker from a thread of its own.

    Retained messages are states: the last of each topic is sent again after each connect. Durable messages go through
    the outbox and leave it when the broker has confirmed them. All others are sent if the broker is there, or dropped.

    Commands are kept for `next_command`.

    Why a broker cannot be used is logged once for each cause, and once more when it is back, not at each retry.

    Args:
        settings: the broker.
        device_id: names the client, its status topic and its will.
        outbox: where durable messages wait.
        birth_topic: when another program says `online` there, the states are sent again.

    Attributes:
        connected: set while the broker can be used.
        broker: how it is called in the log, `host:port`.

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
        self._asked_again = False
        self.broker = f"{settings.host}:{settings.port}"
        self._outages = OutageLog(self.broker)
        self._version = MQTTProtocolVersion.MQTTv5
        self._lock = threading.Lock()
        self._states: dict[str, Message] = {}
        self._transient: deque[Message] = deque(maxlen=TRANSIENT_MAX)
        self._commands: queue.Queue[Command] = queue.Queue(COMMANDS_MAX)
        self._flooded = False
        self._stopping = threading.Event()
        self._deadline_s = 0.0
        self._failures = 0
        self._older_told = False
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many messages of the outbox the broker has not confirmed."""
        return len(self._outbox)

    @property
    def trouble(self) -> str | None:
        """Why the broker cannot be used now, as part of a sentence; None while it can be, or is tried first."""
        return self._outages.cause

    def send(self, *messages: Message, state: Mapping[str, object] | None = None) -> None:
        """Take messages; never waits for the network.

        Args:
            messages: those that are durable are on disk in one piece when this returns, as far as the disk takes them.
            state: what must be known after a restart, committed with them; see `Outbox.put`.
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

    def next_command(self) -> Command | None:
        """Give the next command that arrived; None when there is none."""
        try:
            return self._commands.get_nowait()
        except queue.Empty:
            self._flooded = False
            return None

    def stop(self, timeout_s: float) -> bool:
        """Send what waits, publish `offline`, disconnect; returns after `timeout_s` in any case.

        Returns:
            Whether everything durable was confirmed by the broker.
        """
        self._deadline_s = time.monotonic() + timeout_s
        self._stopping.set()
        self._thread.join(timeout_s + GOODBYE_S)
        waiting = self.waiting
        if waiting:
            _log.warning("Not delivered yet: %d messages; they wait in the outbox for the next start.", waiting)
        return waiting == 0

    def _take_command(self, command: Command) -> None:
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            if not self._flooded:
                _log.error("Commands come faster than they can be carried out: some get no answer.")
            self._flooded = True

    def _run(self) -> None:
        while True:
            try:
                ended_in_order = self._converse()
            except Exception as error:  # noqa: BLE001 - whatever happens here, the next alarm must find a way out
                ended_in_order = False
                self._outages.failed(f"an unexpected error ({error!r})")
            self.connected.clear()
            if ended_in_order:
                return
            delay_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**self._failures)
            self._failures = min(self._failures + 1, 10)
            # The jitter keeps many monitors from knocking at once after a power cut.
            if self._stopping.wait(delay_s * random.uniform(0.75, 1.25)):  # noqa: S311 - no secret
                return

    def _converse(self) -> bool:
        """Connect and stay until the connection ends; give whether we ended it."""
        session = self._connect()
        if session.cause is not None:
            self._outages.failed(session.cause)
            return False
        up_at_s = time.monotonic()
        self._serve(session)
        if session.cause is None:
            return True
        settled = time.monotonic() - up_at_s >= SETTLED_S
        if settled:
            self._failures = 0
        self._outages.lost(session.cause, settled=settled)
        return False

    def _connect(self) -> Session:
        """Try version 5, and 3.1.1 where the broker has no more; give the session, which may have failed."""
        session = self._session(self._version)
        session.connect()
        if not session.version_refused:
            return session
        older = self._session(MQTTProtocolVersion.MQTTv311)
        older.connect()
        if older.state is State.UP and not self._older_told:
            self._older_told = True
            _log.warning(
                "The broker at %s speaks no MQTT 5: going on with 3.1.1 (no message expires, `offline` comes at once).",
                self.broker,
            )
        if session.version_unsupported:
            self._version = MQTTProtocolVersion.MQTTv311
        return older

    def _session(self, version: MQTTProtocolVersion) -> Session:
        return Session(
            self._settings,
            self._device_id,
            version,
            birth_topic=self._birth_topic,
            on_command=self._take_command,
            on_birth=self._take_birth,
        )

    def _take_birth(self) -> None:
        self._asked_again = True

    def _serve(self, session: Session) -> None:
        """Send and receive on a connection until it ends."""
        link = Delivery(session, self._outbox)
        link.publish(status_message(self._device_id, online=True))
        with self._lock:
            self._transient.clear()  # what waited for the connection before is older than the states that follow
            self.connected.set()
        self._asked_again = True
        self._outages.up(waiting=self.waiting)
        while session.state is State.UP:
            with self._lock:
                states = list(self._states.values()) if self._asked_again else []
                fresh = [self._transient.popleft() for _ in range(len(self._transient))]
            if self._asked_again:  # the states are the newest of their topics
                self._asked_again = False
                fresh = [message for message in fresh if not message.retain]
            for message in [*states, *fresh]:
                link.publish(message)
            link.feed()
            if self._stopping.is_set() and (link.idle or time.monotonic() > self._deadline_s - GOODBYE_S):
                break
            session.serve()
        if session.state is State.UP:
            self._say_goodbye(session, link)

    def _say_goodbye(self, session: Session, link: Delivery) -> None:
        """Publish `offline`, wait until the broker has it, and end the connection in order."""
        link.publish(status_message(self._device_id, online=False))
        while session.state is State.UP and not link.settled and time.monotonic() < self._deadline_s:
            link.settle()
            link.send_queued()
            session.serve()
        if session.state is State.UP:
            session.disconnect()


def _check_readable(key: str, name: str) -> None:
    """Refuse to start with a file that is not there; later on it may come and go."""
    if not name:
        return
    path = credential(name)
    try:
        path.read_bytes()
    except OSError as error:
        raise InputError(f"{key}: {path} cannot be read ({error.strerror})") from error
