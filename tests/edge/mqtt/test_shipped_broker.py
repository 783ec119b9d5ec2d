"""The shipped ACL, in a real mosquitto: a device has only its own topics, a caregiver reads and sends commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class User:
    """A client that remembers what it got, and asks the broker what it may do."""

    def __init__(self, name: str, broker: Any, wait_until: Callable[..., None]) -> None:
        # The callbacks hold no reference to this object: with a cycle paho's sockets would be left unclosed.
        got: list[str] = []
        answers: dict[int, bool] = {}
        self.got, self._answers, self._wait_until = got, answers, wait_until
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.tls_set(ca_certs=broker.ca_file)
        self._client.username_pw_set(name, Path(broker.password_file(name)).read_text().strip())
        self._client.on_message = lambda _c, _u, message: got.append(message.topic)
        self._client.on_publish = lambda _c, _u, mid, reason, _p: answers.update({mid: not reason.is_failure})
        self._client.on_subscribe = lambda _c, _u, mid, _r, _p: answers.update({mid: True})
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def listen(self, topic: str) -> None:
        _, mid = self._client.subscribe(topic, qos=1)
        self._wait_until(lambda: mid in self._answers)

    def may_write(self, topic: str) -> bool:
        """Whether the broker accepts a message there: its PUBACK says."""
        mid = self._client.publish(topic, b"x", qos=1).mid
        self._wait_until(lambda: mid in self._answers)
        return self._answers[mid]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def users(shipped_broker: Any, wait_until: Callable[..., None]) -> Iterator[dict[str, User]]:
    names = ("pi-1", "pi-2", "caregiver", "homeassistant", "stranger")
    found = {name: User(name, shipped_broker, wait_until) for name in names}
    yield found
    for user in found.values():
        user.close()


DEVICES = [("pi-1", "pi-2"), ("pi-2", "pi-1")]


@pytest.mark.parametrize(("device", "other"), DEVICES)
def test_a_device_writes_only_its_own_topics(users: dict[str, User], device: str, other: str) -> None:
    for topic in ("status", "event", "summary/minute", "strip/1", "reply", "reply/nurse"):
        assert users[device].may_write(f"ecg/{device}/{topic}")
        assert not users[device].may_write(f"ecg/{other}/{topic}")


@pytest.mark.parametrize(("device", "other"), DEVICES)
def test_a_device_reads_its_own_commands_and_nothing_else(
    users: dict[str, User], wait_until: Callable[..., None], device: str, other: str
) -> None:
    for topic in ("#", f"ecg/{other}/#", f"ecg/{other}/event", "ecg/+/event"):
        users[device].listen(topic)
    assert users[other].may_write(f"ecg/{other}/event")
    assert users["caregiver"].may_write(f"ecg/{other}/cmd/ack")
    assert users["caregiver"].may_write(f"ecg/{device}/cmd/ack")
    wait_until(lambda: users[device].got)
    assert set(users[device].got) == {f"ecg/{device}/cmd/ack"}


def test_a_caregiver_reads_all_and_writes_only_commands(
    users: dict[str, User], wait_until: Callable[..., None]
) -> None:
    users["caregiver"].listen("ecg/#")
    assert users["pi-1"].may_write("ecg/pi-1/event")
    assert users["pi-2"].may_write("ecg/pi-2/reply/nurse")
    wait_until(lambda: sorted(users["caregiver"].got) == ["ecg/pi-1/event", "ecg/pi-2/reply/nurse"])
    assert not users["caregiver"].may_write("ecg/pi-1/event")
    assert not users["caregiver"].may_write("ecg/pi-1/reply/nurse")


def test_other_users_read_and_write_nothing_of_others(users: dict[str, User]) -> None:
    users["stranger"].listen("ecg/#")
    assert users["pi-1"].may_write("ecg/pi-1/event")
    assert not users["stranger"].may_write("ecg/pi-1/cmd/ack")
    assert users["stranger"].may_write("ecg/stranger/event")  # as if a device of that name
    assert users["stranger"].got == []


def test_a_device_publishes_its_discovery_and_hears_when_home_assistant_has_started(
    users: dict[str, User], wait_until: Callable[..., None]
) -> None:
    users["pi-1"].listen("#")
    users["homeassistant"].listen("homeassistant/#")
    assert users["pi-1"].may_write("homeassistant/device/pi-1/config")
    assert not users["pi-1"].may_write("homeassistant/device/pi-2/config")
    assert not users["pi-1"].may_write("homeassistant/status")
    assert not users["caregiver"].may_write("homeassistant/device/pi-1/config")
    assert users["homeassistant"].may_write("homeassistant/status")
    assert users["homeassistant"].may_write("ecg/pi-1/cmd/ack")
    assert not users["homeassistant"].may_write("ecg/pi-1/event")
    wait_until(lambda: "ecg/pi-1/cmd/ack" in users["pi-1"].got)
    assert users["pi-1"].got == ["homeassistant/status", "ecg/pi-1/cmd/ack"]
    wait_until(lambda: "homeassistant/status" in users["homeassistant"].got)
    assert users["homeassistant"].got[0] == "homeassistant/device/pi-1/config"
