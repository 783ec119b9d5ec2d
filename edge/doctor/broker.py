"""Checks of the broker: can it be reached, and does its access list allow this device its own topics and no others?

A running monitor is asked instead: a broker with the shipped settings gives one connection to each user name, and a
second one would end the monitor's. The messages go to `ecg/<device>/cmd/doctor/probe`, which the device may write and
read and which has no other subscriber.
"""

from __future__ import annotations

import queue
import secrets
import threading
from typing import TYPE_CHECKING, Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ecg.errors import CheckFailedError
from ecg.protocol.topics import Topics
from edge.control_socket import send_command
from edge.doctor.results import Finding, failed, passed, skipped, warning
from edge.mqtt import causes
from edge.mqtt.credentials import set_credentials
from edge.mqtt.session import CONNECT_TIMEOUT_S, UNSUPPORTED_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from paho.mqtt.reasoncodes import ReasonCode

    from edge.config import MqttSettings

__all__ = ["BrokerProbe"]

ANSWER_S = 5.0
ECHO_S = 3.0
USER_IS_DEVICE = (
    "the shipped list (firmware_config/ecg-edge.acl) gives a device its own tree by its user name: "
    "mqtt.username must be the same as device.id, and the list be in force"
)


class BrokerProbe:
    """One connection to the broker of the settings.

    Args:
        settings: of the broker.
        device_id: the device whose topics are checked.
        storage: storage directory of the monitor.
    """

    def __init__(self, settings: MqttSettings, device_id: str, storage: Path) -> None:
        self._settings = settings
        self._device_id = device_id
        self._storage = storage
        self._topic = f"{Topics(device_id).root}/cmd/doctor/probe"
        self._client: paho.Client | None = None
        self._version = MQTTProtocolVersion.MQTTv5

    def check_connection(self) -> Finding:
        """Does the broker accept this device?"""
        where = f"{self._settings.host}:{self._settings.port}"
        running = self._of_running_monitor()
        if running is not None:
            return running
        cause = self._connect()
        if cause == UNSUPPORTED_VERSION:
            self._version = MQTTProtocolVersion.MQTTv311
            cause = self._connect()
        if cause is not None:
            found, _, advice = str(cause).partition(": ")
            return failed(f"the broker at {where} cannot be used: {found}", advice or "ask who runs it")
        text = f"{where} accepts {self._settings.username or 'anybody'}{', over TLS' if self._settings.tls else ''}"
        if self._version != MQTTProtocolVersion.MQTTv5:
            return warning(
                f"{text}, but does not support MQTT 5", "no message expires there; use a broker of version 5"
            )
        return passed(text)

    def check_access(self) -> Finding:
        """May this device write and read its own tree, and no other?"""
        if self._client is None:
            return skipped("the monitor runs; stop it to check what the broker lets it do")
        echoes: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._client.on_message = lambda _client, _data, message: echoes.put(bytes(message.payload))
        refusal = self._answer_to(lambda client: client.subscribe(self._topic, qos=1)[1])
        if refusal is not None:
            return failed(f"the broker refuses the subscription to {self._topic} ({refusal})", USER_IS_DEVICE)
        token = secrets.token_hex(8).encode()
        refusal = self._answer_to(lambda client: client.publish(self._topic, token, qos=1).mid)
        if refusal is not None:
            return failed(f"the broker refuses messages to {self._topic} ({refusal})", USER_IS_DEVICE)
        try:
            while echoes.get(timeout=ECHO_S) != token:
                pass
        except queue.Empty:
            return failed(f"a message to {self._topic} does not come back: no command arrives", USER_IS_DEVICE)
        return self._check_other_tree()

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _of_running_monitor(self) -> Finding | None:
        """What a running monitor says of its connection; None if none runs or it cannot be asked."""
        try:
            broker = send_command(self._storage, "status", {})["status"]["broker"]
        except CheckFailedError:
            return None
        if broker["connected"]:
            return passed(f"the running monitor is connected to {broker['address']}")
        found, _, advice = broker.get("trouble", "not reached yet").partition(": ")
        return failed(
            f"the running monitor cannot use the broker at {broker['address']}: {found}", advice or "ask who runs it"
        )

    def _check_other_tree(self) -> Finding:
        other = f"{Topics(f'{self._device_id}-not').root}/cmd/doctor/probe"
        assert self._client is not None
        if self._version != MQTTProtocolVersion.MQTTv5:  # which does not report a refusal
            return passed(f"{self._topic} can be written and read")
        if self._answer_to(lambda client: client.publish(other, b"", qos=1).mid) is None:
            return warning(
                f"this device can write and read its own topics, but can also write those of others ({other})",
                "let each device write only its own tree: install firmware_config/mosquitto.conf and ecg-edge.acl",
            )
        return passed("this device can write and read its own topics, and cannot write those of others")

    def _connect(self) -> str | int | None:
        """Connect; returns None, the reason of a failure as part of a sentence, or `UNSUPPORTED_VERSION`."""
        settings = self._settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"ecg-edge-{self._device_id}-doctor",
            protocol=self._version,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        answered = threading.Event()
        answers: list[ReasonCode] = []

        def on_connect(_client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
            answers.append(reason)
            answered.set()

        client.on_connect = on_connect
        client.on_disconnect = lambda *_: answered.set()
        try:
            set_credentials(client, settings)
            client.connect(settings.host, settings.port, settings.keepalive_s)
        except (OSError, UnicodeError) as error:
            return causes.of_error(error, tls=settings.tls)
        client.loop_start()
        answered.wait(ANSWER_S)
        self._client = client
        if answers and not answers[0].is_failure:
            return None
        self.close()
        if not answers:
            return "it accepts the connection and does not answer: check mqtt.port and mqtt.tls"
        return UNSUPPORTED_VERSION if answers[0].value == UNSUPPORTED_VERSION else causes.of_refusal(answers[0])

    def _answer_to(self, send_request: Any) -> str | None:
        """Send a request and wait for the broker's answer; returns why it refuses, or None if it does not."""
        client = self._client
        assert client is not None
        answers: queue.SimpleQueue[tuple[int, ReasonCode]] = queue.SimpleQueue()
        client.on_publish = lambda _client, _data, mid, reason, _properties: answers.put((mid, reason))
        client.on_subscribe = lambda _client, _data, mid, reasons, _properties: answers.put((mid, reasons[0]))
        request_mid = send_request(client)
        try:
            while True:
                mid, reason = answers.get(timeout=ANSWER_S)
                if mid == request_mid:
                    return str(reason).lower() if reason.is_failure else None
        except queue.Empty:
            return "no answer" if client.is_connected() else "it hangs up"
