"""One connection to the broker, from CONNECT to its end, in MQTT 5 or 3.1.1.

Everything here runs on the client's thread.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ecg.protocol.commands import Command
from ecg.protocol.message import Message, status_message
from ecg.protocol.topics import Topics
from edge.mqtt import causes
from edge.mqtt.credentials import set_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.reasoncodes import ReasonCode

    from edge.config import MqttSettings

__all__ = ["Abilities", "Session", "State"]

WILL_DELAY_S = 15
"""A short loss of the network must not publish `offline` (the design's figure)."""

SESSION_EXPIRY_S = 300
"""Longer than the will delay, which ends with the session, and than a command's lifetime of 60 s."""

CONNECT_TIMEOUT_S = 5.0
"""For TCP and TLS. A broker in the same country answers within 1 s even over mobile networks."""

CONNACK_TIMEOUT_S = 10.0
"""For the broker's answer; the broker may have to ask a password store."""

VERSION_TIMEOUT_S = 3.0
"""For the answer to MQTT 5. Some older brokers misread it and wait for more, so silence may mean no."""

POLL_S = 0.05
"""Longest time that a message waits for this thread: part of the second that an alarm may take."""

UNSUPPORTED_VERSION = 132
"""MQTT 5 reason code; paho also uses it when a 3.1.1 broker refuses version 5."""

RETAIN_NOT_SUPPORTED, QOS_NOT_SUPPORTED = 154, 155
"""MQTT 5 reason codes: the broker keeps no messages, or confirms none, and refuses a will that asks for it."""

RESUMED_S = 30.0
"""So long after the broker resumed a session, a command may be one that had waited in it: the broker sends at most
`MAX_INFLIGHT` at a time, and waits for their confirmation over a slow network."""

MAX_INFLIGHT = 20
"""Most unconfirmed messages: mosquitto's default limit."""

MQTT_MAX_BYTES = 268_435_455
"""No packet can be longer (MQTT 5, section 1.5.5)."""

NOT_DUE_TO_A_MESSAGE = (137, 139, 141, 142, 150, 151, 152, 156, 157, 159, 160, 161, 162)
"""Reason codes of a DISCONNECT that no message has caused: busy, shutting down, keep alive, taken over, rate, quota, by
hand, another server, moved, connection rate, connect time, subscriptions with an identifier or a wildcard."""

PACKET_TOO_LARGE = 149
"""MQTT 5 reason code."""

MAX_PACKET_BYTES = 65_536
"""The broker does not forward longer commands (MQTT 5 only). Real commands are much shorter."""

_log = logging.getLogger(__name__)


class State(Enum):
    """State of a connection."""

    CONNECTING = auto()
    UP = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a broker can do, as far as it has told.

    Attributes:
        retains: it keeps the states for those who come later.
        confirms: it takes messages of QoS 1.
    """

    retains: bool = True
    confirms: bool = True


_ALL_ABILITIES: Final = Abilities()


class Session:
    """One connection to the broker.

    Args:
        settings: the broker.
        device_id: pseudonym of the device; part of the client id and the topics.
        version: MQTT version.
        abilities: those of the broker; what it lacks is not asked of it.
        birth_topic: topic on which another program publishes `online` when it wants all states again.
        away_since_s: what the last connection gave as `waiting_since_s`; minus infinity: there was none.
        client_suffix: end of the client id.
        on_command: called with each command that arrives.
        on_birth: called when `online` arrives on `birth_topic`.

    Attributes:
        state: see `State`.
        abilities: as given, less what the broker has said since that it lacks.
        heard_s: when the broker was last heard, on the monotonic clock; `away_since_s` before it has answered.
        cause: why it ended, as part of a sentence; None before the end, or if `disconnect` ended it.
        version_unsupported: the broker answered that it does not support MQTT 5.
        version_refused: the broker answered so, or did not answer to MQTT 5 at all, as some older ones do.
        receive_maximum: most unconfirmed messages that the broker allows.
        maximum_bytes: longest packet that the broker takes, as it announced.
        ended_by_message: the connection ended in a way that a message may have caused.
        hung_up: the broker, or what is before it, ended the connection.
        is_subscribed: `subscribe` was called.
        found_too_large: the broker ended the connection because a packet was too large.
        acknowledged: ids of messages that the broker confirmed since the caller last emptied the list.
        refused: ids of messages that the broker refused, with the reason.
    """

    def __init__(
        self,
        settings: MqttSettings,
        device_id: str,
        version: MQTTProtocolVersion,
        *,
        abilities: Abilities = _ALL_ABILITIES,
        birth_topic: str | None,
        away_since_s: float = -math.inf,
        client_suffix: str = "",
        on_command: Callable[[Command], None],
        on_birth: Callable[[], None],
    ) -> None:
        self.state = State.CONNECTING
        self.abilities = abilities
        self.cause: str | None = None
        self.heard_s = away_since_s
        self.receive_maximum = MAX_INFLIGHT
        self.maximum_bytes = MQTT_MAX_BYTES
        self.ended_by_message = self.found_too_large = self.hung_up = False
        self.is_subscribed = False
        self.version_unsupported = False
        self.version_refused = False
        self.acknowledged: list[int] = []
        self.refused: list[tuple[int, str]] = []
        self._away_since_s = away_since_s
        self._resumed_until_s = -math.inf
        self._sent_s: dict[int, float] = {}  # by id, of what the broker has not confirmed
        self._answered_s = -math.inf
        self._subscribing: dict[int, str] = {}
        self._settings = settings
        self._version = version
        self._topics = Topics(device_id)
        self._birth_topic = birth_topic
        self._on_command = on_command
        self._on_birth = on_birth
        # MQTT 5: without a kept session, a reconnection would publish the will. MQTT 3.1.1 has no will delay anyway.
        clean = None if version == MQTTProtocolVersion.MQTTv5 else True
        self._paho = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"ecg-edge-{device_id}{client_suffix}",
            clean_session=clean,
            protocol=version,
            reconnect_on_failure=False,
        )
        self._paho.connect_timeout = CONNECT_TIMEOUT_S
        self._paho.max_inflight_messages_set(MAX_INFLIGHT)
        self._paho.on_connect = self._on_connect
        self._paho.on_disconnect = self._on_disconnect
        self._paho.on_publish = self._on_publish
        self._paho.on_subscribe = self._on_subscribe
        self._paho.on_message = self._on_message
        will = status_message(device_id, online=False)
        will_properties = self._properties(PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY_S)
        self._paho.will_set(will.topic, will.payload, self._qos(will), self._retain(will), will_properties)

    @property
    def waiting_since_s(self) -> float:
        """How long ago a command for the next connection may have been given, on the monotonic clock."""
        is_emptied = time.monotonic() >= self._resumed_until_s
        return self.heard_s if is_emptied else self._away_since_s

    def connect(self) -> None:
        """Connect and wait for the broker's answer; then `state` is UP or ENDED."""
        settings = self._settings
        self._answered_s = time.monotonic()
        try:
            set_credentials(self._paho, settings)
            self._paho.connect(
                settings.host,
                settings.port,
                settings.keepalive_s,
                clean_start=False if self._version == MQTTProtocolVersion.MQTTv5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
                properties=self._properties(
                    PacketTypes.CONNECT, SessionExpiryInterval=SESSION_EXPIRY_S, MaximumPacketSize=MAX_PACKET_BYTES
                ),
            )
        except (OSError, UnicodeError) as error:
            self._end(causes.of_error(error, tls=settings.tls))
            return
        newest = self._version == MQTTProtocolVersion.MQTTv5
        deadline_s = time.monotonic() + (VERSION_TIMEOUT_S if newest else CONNACK_TIMEOUT_S)
        while self.state is State.CONNECTING and time.monotonic() < deadline_s:
            self.serve()
        if self.state is State.CONNECTING:
            self.version_refused = newest
            self._end("it accepts the connection and does not answer: check mqtt.port and mqtt.tls")
            self._paho.disconnect()

    def serve(self) -> None:
        """Receive and send for up to `POLL_S`."""
        code = self._paho.loop(POLL_S)
        if code == MQTTErrorCode.MQTT_ERR_SUCCESS or self.state is State.ENDED:
            return
        if self.state is State.CONNECTING:
            self.version_refused = self._version == MQTTProtocolVersion.MQTTv5
            certificate = ", and mqtt.cert_file if it asks for a certificate" if self._settings.tls else ""
            self._end(f"it closes the connection without an answer: check mqtt.port and mqtt.tls{certificate}")
        elif code == MQTTErrorCode.MQTT_ERR_KEEPALIVE:
            self._end("it stopped answering")
        else:
            self.ended_by_message = self.hung_up = True
            self._end("the connection broke")

    def too_large(self, message: Message) -> bool:
        """Whether the broker does not take a message of this size."""
        properties = self._publish_properties(message) or self._properties(PacketTypes.PUBLISH)
        body = 2 + len(message.topic.encode()) + (2 if message.qos else 0) + len(message.payload)
        if properties is not None:
            body += len(properties.pack())  # type: ignore[no-untyped-call]
        length_bytes = 1 + sum(body >= 128**power for power in (1, 2, 3))
        return 1 + length_bytes + body > self.maximum_bytes

    def publish(self, message: Message) -> int:
        """Send a message that is not too large; its id."""
        properties = self._publish_properties(message)
        sent_s = time.monotonic()
        mid = self._paho.publish(
            message.topic, message.payload, self._qos(message), self._retain(message), properties
        ).mid
        if self._qos(message):
            self._sent_s[mid] = sent_s
        return mid

    def _qos(self, message: Message) -> int:
        return message.qos if self.abilities.confirms else 0

    def _retain(self, message: Message) -> bool:
        return message.retain and self.abilities.retains

    def give_up(self, cause: str) -> None:
        """End a connection that is of no use, without a DISCONNECT: the broker publishes the will if none follows."""
        self._end(cause)
        connection = self._paho.socket()
        if connection is not None:
            connection.close()

    def _publish_properties(self, message: Message) -> Properties | None:
        values: dict[str, Any] = {"MessageExpiryInterval": message.expiry_s, "CorrelationData": message.correlation}
        known = {name: value for name, value in values.items() if value is not None}
        return self._properties(PacketTypes.PUBLISH, **known) if known else None

    def disconnect(self) -> None:
        """Disconnect in order, so that the broker does not publish the will."""
        self.state = State.ENDED
        self._paho.disconnect()

    def _properties(self, packet: int, **values: Any) -> Properties | None:
        """MQTT 5 properties; None for 3.1.1, which has none."""
        if self._version != MQTTProtocolVersion.MQTTv5:
            return None
        properties = Properties(packet)  # type: ignore[no-untyped-call]
        for name, value in values.items():
            setattr(properties, name, value)
        return properties

    def _end(self, cause: str) -> None:
        self.state = State.ENDED
        self.cause = cause

    def _on_connect(self, _client: paho.Client, _data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self.version_unsupported = self.version_refused = reason.value == UNSUPPORTED_VERSION
            self._lacks(retain=reason.value == RETAIN_NOT_SUPPORTED, qos=reason.value == QOS_NOT_SUPPORTED)
            self._end(causes.of_refusal(reason))
            return
        self.receive_maximum = min(MAX_INFLIGHT, getattr(properties, "ReceiveMaximum", MAX_INFLIGHT))
        self.maximum_bytes = min(MQTT_MAX_BYTES, getattr(properties, "MaximumPacketSize", MQTT_MAX_BYTES))
        self._lacks(
            retain=getattr(properties, "RetainAvailable", 1) == 0, qos=getattr(properties, "MaximumQoS", 1) == 0
        )
        self.state = State.UP
        self.heard_s = time.monotonic()
        if flags.session_present:
            self._resumed_until_s = self.heard_s + RESUMED_S

    def subscribe(self) -> None:
        """Ask for the commands and for `birth_topic`."""
        self.is_subscribed = True
        for topic in (self._topics.commands, self._birth_topic):
            if topic is not None:
                self._subscribe(topic)

    @property
    def is_subscribing(self) -> bool:
        """Whether a subscription has not been answered."""
        return bool(self._subscribing)

    def _lacks(self, *, retain: bool, qos: bool) -> None:
        """The broker said that it keeps no messages, or confirms none."""
        self.abilities = Abilities(self.abilities.retains and not retain, self.abilities.confirms and not qos)

    def _subscribe(self, topic: str) -> None:
        if self._version == MQTTProtocolVersion.MQTTv5:
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
            _, mid = self._paho.subscribe(topic, options=options)
        else:
            _, mid = self._paho.subscribe(topic, qos=1)
        if mid is not None:
            self._subscribing[mid] = topic

    def _on_subscribe(self, _client: paho.Client, _data: Any, mid: int, reasons: Any, _properties: Any) -> None:
        self.heard_s = time.monotonic()
        topic = self._subscribing.pop(mid, "")
        if any(reason.is_failure for reason in reasons):
            _log.error("The broker refuses this monitor's subscription to %s: no message arrives from there.", topic)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.heard_s = time.monotonic()
        if message.topic == self._birth_topic:
            if message.payload == b"online":
                self._on_birth()
            return
        properties = message.properties
        self._on_command(
            Command(
                verb=message.topic.rpartition("/")[2],
                payload=bytes(message.payload),
                source="mqtt",
                received_s=self.heard_s,
                expiry_s=getattr(properties, "MessageExpiryInterval", None),
                retained=message.retain,
                sent_after_s=self._answered_s,
                waited_since_s=self._away_since_s if self.heard_s < self._resumed_until_s else None,
                reply_topic=getattr(properties, "ResponseTopic", None),
                correlation=getattr(properties, "CorrelationData", None),
            )
        )

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, flags: paho.DisconnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if flags.is_disconnect_packet_from_server and self.state is State.UP:
            self.hung_up = True
            self.ended_by_message = reason.value not in NOT_DUE_TO_A_MESSAGE
            self.found_too_large = reason.value == PACKET_TOO_LARGE
            self._end(causes.of_disconnect(reason))

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        self.heard_s = time.monotonic()
        # It answers in order: what comes after this answer was sent after the message that it answers.
        self._answered_s = max(self._answered_s, self._sent_s.pop(mid, self._answered_s))
        if reason.is_failure:
            self.refused.append((mid, str(reason).lower()))
        else:
            self.acknowledged.append(mid)
