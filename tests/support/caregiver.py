"""A caregiver's MQTT client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Caregiver"]


class Caregiver:
    """Keeps every message of some topics, also what came while the broker or itself was away; gives commands.

    Args:
        port: of the broker on this machine.
        device: whose tree `bodies` and `command` mean.
        topics: what it listens to.
        credentials: `username` and `password`, where the broker wants them.
    """

    def __init__(self, port: int, device: str, *, topics: Iterable[str] = ("ecg/#",), **credentials: str) -> None:
        self.messages: list[paho.MQTTMessage] = []
        self._device = device
        self._ready = False
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"caregiver-{id(self)}", protocol=MQTTProtocolVersion.MQTTv5
        )
        if credentials:
            self._client.username_pw_set(**credentials)
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in topics])
        self._client.on_subscribe = lambda *_: setattr(self, "_ready", True)
        self._client.on_message = lambda _client, _data, message: self.messages.append(message)
        keep = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        keep.SessionExpiryInterval = 600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=keep)
        self._client.loop_start()
        wait_until(lambda: self._ready, "the caregiver's client is connected")

    def payloads(self, topic: str) -> list[bytes | bytearray]:
        """Give what came on a topic."""
        return [message.payload for message in list(self.messages) if message.topic == topic]

    def bodies(self, name: str) -> list[dict[str, Any]]:
        """Give the JSON of what came on a topic below the device's root."""
        return [json.loads(payload) for payload in self.payloads(f"ecg/{self._device}/{name}")]

    def command(self, verb: str, payload: bytes | dict[str, Any] = b"", *, retain: bool = False, **values: Any) -> None:
        """Give the daemon a command; `values` are MQTT 5 properties."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for name, value in values.items():
            setattr(properties, name, value)
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._client.publish(f"ecg/{self._device}/cmd/{verb}", data, qos=1, retain=retain, properties=properties)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()
