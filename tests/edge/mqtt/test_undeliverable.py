"""A message that the broker does not take, or does not confirm, keeps no other message from being delivered."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from ecg.protocol.message import Message, Urgency
from edge.config import MqttSettings
from edge.mqtt import delivery
from edge.mqtt.client import MqttClient
from edge.mqtt.session import Session
from edge.storage.outbox import Outbox
from tests.support.proxy import PUBACK, PUBLISH, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Connect = Callable[[int], MqttClient]

LIMIT = 20_000


def event(text: bytes) -> Message:
    return Message("ecg/a/event", text, qos=1, durable=True, urgency=Urgency.ALARM)


def strip(size: int) -> Message:
    return Message("ecg/a/strip/x", b"x" * size, qos=1, durable=True, urgency=Urgency.BULK, expiry_s=86400)


def summary(size: int) -> Message:
    return Message("ecg/a/summary/minute", b"x" * size, qos=1, durable=True)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "storage", max_bytes=10_000_000) as outbox:
        yield outbox


@pytest.fixture
def connect(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> Iterator[Connect]:
    caplog.set_level(logging.INFO)
    clients: list[MqttClient] = []

    def start(port: int) -> MqttClient:
        clients.append(MqttClient(MqttSettings(host="127.0.0.1", port=port), "a", outbox))
        clients[-1].start()
        return clients[-1]

    yield start
    for client in clients:
        client.stop(2.0)


@pytest.fixture
def strict_broker(mosquitto: Any) -> Any:
    """A broker that announces the largest packet that it takes."""
    mosquitto.stop()
    mosquitto.configure("allow_anonymous true", f"max_packet_size {LIMIT}")
    mosquitto.start()
    return mosquitto


@pytest.fixture
def proxy(mosquitto: Any) -> Iterator[Proxy]:
    with Proxy(mosquitto.port) as proxy:
        yield proxy


def logged(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if part in record.getMessage()]


def test_a_strip_larger_than_the_broker_takes_is_dropped_and_the_connection_stays(
    *,
    strict_broker: Any,
    listen: Any,
    connect: Connect,
    wait_until: Any,
    outbox: Outbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener = listen()
    client = connect(strict_broker.port)
    client.send(strip(40_000), strip(40_000), event(b"1"))
    wait_until(lambda: not len(outbox))
    client.send(event(b"2"))
    wait_until(lambda: listener.payloads("ecg/a/event") == [b"1", b"2"])
    assert listener.payloads("ecg/a/strip/x") == []
    assert listener.payloads("ecg/a/status") == [b"online"]
    assert len(logged(caplog, "larger than the broker takes")) == 2
    assert not logged(caplog, "is lost")


def test_a_summary_larger_than_the_broker_takes_stays_in_the_outbox(
    *, strict_broker: Any, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox
) -> None:
    listener = listen()
    client = connect(strict_broker.port)
    client.send(summary(40_000), summary(10), event(b"1"))
    wait_until(lambda: len(outbox) == 1 and listener.payloads("ecg/a/summary/minute") == [b"x" * 10])
    assert listener.payloads("ecg/a/event") == [b"1"]
    assert client.connected.is_set()


def test_a_state_larger_than_the_broker_takes_is_not_sent(
    *, strict_broker: Any, listen: Any, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listener = listen()
    client = connect(strict_broker.port)
    client.send(Message("ecg/a/info", b"x" * 40_000, qos=1, retain=True), event(b"1"))
    wait_until(lambda: listener.payloads("ecg/a/event") == [b"1"])
    wait_until(lambda: logged(caplog, "ecg/a/info"))
    assert not logged(caplog, "is lost")


@pytest.mark.parametrize("payload", [b"", b"x" * 118, b"x" * 119, b"x" * 16_400, b"x" * 19_970])
@pytest.mark.parametrize("expiry_s", [None, 60])
def test_the_size_that_is_compared_is_the_size_that_is_sent(
    proxy: Proxy, payload: bytes, expiry_s: int | None, wait_until: Any
) -> None:
    seen: list[int] = []

    def judge(way: str, packet: bytes) -> Any:
        if way == "up" and packet[0] >> 4 == PUBLISH:
            seen.append(len(packet))
        return "pass"

    proxy.judge = judge
    settings = MqttSettings(host="127.0.0.1", port=proxy.port)
    session = Session(
        settings, "a", MQTTProtocolVersion.MQTTv5, birth_topic=None, on_command=lambda _: None, on_birth=lambda: None
    )
    session.connect()
    message = Message("ecg/a/event", payload, qos=1, expiry_s=expiry_s)
    session.publish(message)
    wait_until(lambda: session.serve() or seen)
    session.maximum_bytes = seen[0]
    assert not session.too_large(message)
    session.maximum_bytes = seen[0] - 1
    assert session.too_large(message)
    session.disconnect()


def test_a_broker_that_hangs_up_on_a_strip_gets_every_event_all_the_same(
    *, proxy: Proxy, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The limit is not announced: the connection breaks on the strip."""
    proxy.judge = lambda way, packet: "cut" if way == "up" and len(packet) > LIMIT else "pass"
    listener = listen()
    client = connect(proxy.port)
    client.send(summary(10), strip(40_000), strip(10), event(b"1"))
    wait_until(lambda: len(outbox) == 1)
    connections = proxy.connections
    assert connections <= 4
    client.send(event(b"2"))
    wait_until(lambda: set(listener.payloads("ecg/a/event")) == {b"1", b"2"})
    assert listener.payloads("ecg/a/strip/x")
    assert proxy.connections == connections
    assert logged(caplog, "set aside")


def test_a_network_that_breaks_often_loses_nothing(
    proxy: Proxy, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox
) -> None:
    cuts = iter(range(1000))

    def judge(way: str, packet: bytes) -> Any:
        is_confirmation = way == "down" and packet[0] >> 4 == PUBACK
        return "cut" if is_confirmation and next(cuts) in {0, 2, 4} else "pass"

    proxy.judge = judge
    listener = listen()
    client = connect(proxy.port)
    client.send(*[event(b"%d" % number) for number in range(30)])
    wait_until(lambda: not len(outbox) and len(set(listener.payloads("ecg/a/event"))) == 30)


def test_a_broker_that_confirms_nothing_is_left_and_told(
    *,
    proxy: Proxy,
    listen: Any,
    connect: Connect,
    wait_until: Any,
    outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(delivery, "CONFIRM_S", 0.5)
    listener = listen()
    client = connect(proxy.port)
    client.send(event(b"1"))
    wait_until(lambda: not len(outbox))
    proxy.judge = lambda way, packet: "lose" if way == "down" and packet[0] >> 4 == PUBACK else "pass"
    client.send(event(b"2"))

    def third_connection() -> bool:
        client.send(Message("ecg/a/vitals", b"72"))  # of QoS 0, which a broker does not confirm
        return proxy.connections >= 3

    wait_until(third_connection)
    assert client.trouble is not None
    assert "does not confirm" in client.trouble
    assert len(logged(caplog, "is lost")) == 1
    assert len(outbox) == 1
    proxy.judge = lambda _way, _packet: "pass"
    wait_until(lambda: not len(outbox) and client.trouble is None)
    wait_until(lambda: set(listener.payloads("ecg/a/event")) == {b"1", b"2"})


def test_new_alarms_reach_a_broker_that_confirms_nothing(
    *, proxy: Proxy, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not kept back by those that it took and did not confirm, more than may be in flight."""
    monkeypatch.setattr(delivery, "CONFIRM_S", 0.5)
    listener = listen()
    client = connect(proxy.port)
    wait_until(client.connected.is_set)
    proxy.judge = lambda way, packet: "lose" if way == "down" and packet[0] >> 4 == PUBACK else "pass"
    client.send(*[event(b"%d" % number) for number in range(15)])
    wait_until(lambda: proxy.connections >= 3)
    client.send(event(b"new"))
    wait_until(lambda: b"new" in listener.payloads("ecg/a/event"))
    assert len(outbox) == 16
