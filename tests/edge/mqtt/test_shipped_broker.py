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

    def __init__(self, name: str, broker: Any, wait_until: Callable[..., None], *, client_id: str = "") -> None:
        # The callbacks hold no reference to this object: with a cycle paho's sockets would be left unclosed.
        got: list[str] = []
        answers: dict[int, bool] = {}
        self.got, self._answers, self._wait_until = got, answers, wait_until
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        ended: list[bool] = []
        self.ended = ended
        self._client.on_disconnect = lambda *_: ended.append(True)
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
    names = ("pi-1", "pi-2", "caregiver", "ward-phone", "homeassistant", "stranger")
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


OF_A_DEVICE = ("status", "info", "vitals", "event", "alarms", "strip/1", "summary/hour", "live", "reply/x")
ACCOUNTS = ("pi-1", "pi-2", "caregiver", "ward-phone", "homeassistant")
PEOPLE = {"caregiver", "ward-phone", "homeassistant"}
WRITERS_AND_READERS: dict[str, tuple[set[str], set[str]]] = {
    **{f"ecg/{pi}/{topic}": ({pi}, PEOPLE) for pi in ("pi-1", "pi-2") for topic in OF_A_DEVICE},
    **{f"ecg/{pi}/cmd/ack": ({pi} | PEOPLE, {pi} | PEOPLE) for pi in ("pi-1", "pi-2")},
    **{f"ecg/{name}/{topic}": (set(), PEOPLE) for name in PEOPLE for topic in ("event", "status", "alarms")},
    **{f"ecg/{name}/cmd/ack": (PEOPLE - {name}, PEOPLE - {name}) for name in PEOPLE},
    **{f"homeassistant/device/{pi}/config": ({pi, "homeassistant"}, {"homeassistant"}) for pi in ("pi-1", "pi-2")},
    **{f"homeassistant/device/{name}/config": ({"homeassistant"}, {"homeassistant"}) for name in ("caregiver", "x")},
    "homeassistant/status": ({"homeassistant"}, {"pi-1", "pi-2", "homeassistant"}),
    "homeassistant/sensor/x/config": ({"homeassistant"}, {"homeassistant"}),
    "$SYS/broker/version": (set(), set()),
    "other": (set(), set()),
}
"""Topic: who may write it, and who may read it, as the design says; docs/mqtt.md shows it to people."""


def test_who_may_write_and_read_each_topic(users: dict[str, User], wait_until: Callable[..., None]) -> None:
    for name in ACCOUNTS:
        users[name].listen("#")
        users[name].listen("$SYS/broker/version")
    writers = {topic: {name for name in ACCOUNTS if users[name].may_write(topic)} for topic in WRITERS_AND_READERS}
    assert writers == {topic: writers for topic, (writers, _) in WRITERS_AND_READERS.items()}
    assert users["homeassistant"].may_write("ecg/pi-1/cmd/last")
    assert users["homeassistant"].may_write("ecg/pi-2/cmd/last")
    assert users["homeassistant"].may_write("homeassistant/last")
    wait_until(lambda: all(any(topic.endswith("/last") for topic in users[name].got) for name in ACCOUNTS))
    for topic, (may_write, may_read) in WRITERS_AND_READERS.items():
        readers = {name for name in ACCOUNTS if topic in users[name].got}
        assert readers == (may_read if may_write else set()), topic


@pytest.mark.parametrize("thief", ["pi-1", "caregiver", "homeassistant", "stranger"])
@pytest.mark.parametrize("client_id", ["ecg-edge-pi-2", "pi-2"])
def test_nobody_can_take_a_devices_connection(
    *, shipped_broker: Any, wait_until: Callable[..., None], thief: str, client_id: str
) -> None:
    device = User("pi-2", shipped_broker, wait_until, client_id="ecg-edge-pi-2")
    device.listen("ecg/pi-2/cmd/+")
    other = User(thief, shipped_broker, wait_until, client_id=client_id)
    other.listen("ecg/pi-2/cmd/+")
    nurse = User("ward-phone", shipped_broker, wait_until)
    assert nurse.may_write("ecg/pi-2/cmd/ack")
    wait_until(lambda: device.got == ["ecg/pi-2/cmd/ack"])
    assert not device.ended
    for user in (device, other, nurse):
        user.close()


def test_nobody_connects_without_a_password(shipped_broker: Any, wait_until: Callable[..., None]) -> None:
    answers: list[bool] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False)
    client.tls_set(ca_certs=shipped_broker.ca_file)
    client.on_connect = lambda _c, _u, _f, reason, _p: answers.append(not reason.is_failure)
    client.connect("127.0.0.1", shipped_broker.port)
    client.loop_start()
    wait_until(lambda: answers)
    client.loop_stop()
    assert answers == [False]
