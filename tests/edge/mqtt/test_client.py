"""The client against a real broker: states, outbox, refusals, disconnection."""

from __future__ import annotations

import gc
import logging
import math
import shutil
import subprocess
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any, Literal

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ecg.errors import InputError
from ecg.protocol.message import Message, Urgency
from edge.config import MqttSettings
from edge.mqtt.client import MqttClient
from edge.mqtt.session import Session
from edge.storage.outbox import Outbox
from tests.support.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ecg.protocol.commands import Command

    Connect = Callable[..., MqttClient]


SUBSCRIBE = 8
"""MQTT packet type: the upper four bits of a packet's first byte."""


def event(number: int) -> Message:
    return Message("ecg/a/event", b"event %d" % number, qos=1, durable=True, urgency=Urgency.ALARM)


def alarms(text: bytes) -> Message:
    return Message("ecg/a/alarms", text, qos=1, retain=True)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "storage", max_bytes=1_000_000) as outbox:
        yield outbox


@pytest.fixture
def connect(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> Iterator[Connect]:
    caplog.set_level(logging.INFO)
    clients: list[MqttClient] = []

    def start(port: int, *, device_id: str = "a", **settings: Any) -> MqttClient:
        broker = MqttSettings(**({"host": "127.0.0.1", "port": port} | settings))
        clients.append(MqttClient(broker, device_id, outbox))
        clients[-1].start()
        return clients[-1]

    yield start
    for client in clients:
        client.stop(2.0)


def logged(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if part in record.getMessage()]


def test_a_late_subscriber_finds_the_states(mosquitto: Any, listen: Any, connect: Connect, wait_until: Any) -> None:
    client = connect(mosquitto.port)
    client.send(alarms(b"[]"))
    client.send(alarms(b"[asystole]"))
    early = listen()
    wait_until(lambda: early.payloads("ecg/a/alarms")[-1:] == [b"[asystole]"])
    late = listen()
    wait_until(lambda: late.payloads("ecg/a/alarms") and late.payloads("ecg/a/status"))
    assert late.payloads("ecg/a/alarms") == [b"[asystole]"]
    assert late.payloads("ecg/a/status") == [b"online"]
    assert all(message.retain for message in late.messages)


def test_an_event_is_not_retained(
    mosquitto: Any, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox
) -> None:
    early = listen()
    connect(mosquitto.port).send(event(1))
    wait_until(lambda: early.payloads("ecg/a/event") == [b"event 1"] and not len(outbox))
    late = listen()
    wait_until(lambda: late.payloads("ecg/a/status"))
    assert late.payloads("ecg/a/event") == []


def test_vitals_carry_their_expiry(mosquitto: Any, listen: Any, connect: Connect, wait_until: Any) -> None:
    listener = listen()
    client = connect(mosquitto.port)
    wait_until(client.connected.is_set)
    client.send(Message("ecg/a/vitals", b"72", expiry_s=30))
    wait_until(lambda: listener.payloads("ecg/a/vitals"))
    (vitals,) = [message for message in listener.messages if message.topic == "ecg/a/vitals"]
    assert vitals.properties.MessageExpiryInterval == 30


def test_stopping_sends_what_waits_then_offline(
    mosquitto: Any, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox
) -> None:
    listener = listen()
    client = connect(mosquitto.port)
    for number in range(50):
        client.send(event(number))
    assert client.stop(10.0)
    assert len(outbox) == 0
    wait_until(lambda: b"offline" in listener.payloads("ecg/a/status"))
    assert listener.payloads("ecg/a/event") == [b"event %d" % number for number in range(50)]
    assert [message.payload for message in listener.messages][-1] == b"offline"
    assert listener.payloads("ecg/a/status") == [b"online", b"offline"]


def test_stopping_at_once_still_delivers(mosquitto: Any, listen: Any, connect: Connect, wait_until: Any) -> None:
    listener = listen()
    client = connect(mosquitto.port)
    client.send(event(1))
    assert client.stop(10.0)
    wait_until(lambda: listener.payloads("ecg/a/event") == [b"event 1"])


def test_an_outage_loses_no_event_and_leaves_no_stale_vitals(
    mosquitto: Any, listen: Any, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listener = listen()
    client = connect(mosquitto.port)
    wait_until(client.connected.is_set)
    mosquitto.stop()
    wait_until(lambda: not client.connected.is_set())
    for number in range(30):
        client.send(event(number))
    client.send(Message("ecg/a/vitals", b"stale", expiry_s=30))
    client.send(alarms(b"[now]"))
    mosquitto.start()
    wait_until(lambda: len(listener.payloads("ecg/a/event")) >= 30)
    # Once from the broker's queue and perhaps once more as the retained state.
    wait_until(lambda: set(listener.payloads("ecg/a/alarms")) == {b"[now]"})
    assert listener.payloads("ecg/a/event") == [b"event %d" % number for number in range(30)]
    assert listener.payloads("ecg/a/vitals") == []
    assert len(logged(caplog, "is lost")) == 1
    assert len(logged(caplog, "is back")) == 1


def test_an_unreachable_broker_is_logged_once(
    closed_port: int, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture, outbox: Outbox
) -> None:
    client = connect(closed_port)
    client.send(event(1))
    wait_until(lambda: logged(caplog, "cannot be used"))
    # Two more attempts (after about 1 s and 3 s) must add no line.
    threading.Event().wait(4.0)
    (line,) = logged(caplog, "cannot be used")
    assert "nothing listens there" in line
    assert not client.stop(2.0)
    assert len(outbox) == 1


def test_a_refused_password_is_logged_once_with_what_to_check(
    mosquitto: Any, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "monitor", "right"], check=True)
    mosquitto.stop()
    mosquitto.configure("allow_anonymous false", f"password_file {passwords}")
    mosquitto.start()
    secret = tmp_path / "secret"
    secret.write_text("wrong\n")
    client = connect(mosquitto.port, username="monitor", password_file=str(secret))
    wait_until(lambda: logged(caplog, "cannot be used"))
    secret.write_text("right\n")  # read anew at the next attempt
    wait_until(client.connected.is_set)
    (line,) = logged(caplog, "cannot be used")
    assert "check mqtt.username and mqtt.password_file" in line
    assert "wrong" not in caplog.text


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves the socket to the collector
def test_tls_to_a_broker_without_tls_is_one_log_line(
    mosquitto: Any, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    connect(mosquitto.port, tls=True)
    wait_until(lambda: logged(caplog, "cannot be used"))
    assert "mqtt.tls" in caplog.text


def self_signed(folder: Path, name: str, *names: str) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names]
    subprocess.run([*command, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """That of the broker on localhost."""
    return self_signed(tmp_path, "broker", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")


def test_tls_is_used_where_the_certificate_is_trusted(
    mosquitto: Any, connect: Connect, wait_until: Any, certificate: tuple[Path, Path]
) -> None:
    mosquitto.stop()
    mosquitto.configure("allow_anonymous true", f"certfile {certificate[0]}", f"keyfile {certificate[1]}")
    mosquitto.start()
    client = connect(mosquitto.port, host="localhost", tls=True, ca_file=str(certificate[0]))
    wait_until(client.connected.is_set)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves the socket to the collector
def test_a_certificate_of_an_unknown_ca_is_refused(
    *,
    mosquitto: Any,
    connect: Connect,
    wait_until: Any,
    certificate: tuple[Path, Path],
    caplog: pytest.LogCaptureFixture,
) -> None:
    mosquitto.stop()
    mosquitto.configure("allow_anonymous true", f"certfile {certificate[0]}", f"keyfile {certificate[1]}")
    mosquitto.start()
    client = connect(mosquitto.port, host="localhost", tls=True)
    wait_until(lambda: logged(caplog, "its certificate cannot be verified"))
    assert not client.connected.is_set()


def test_a_device_shows_its_own_certificate(
    *,
    mosquitto: Any,
    connect: Connect,
    wait_until: Any,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = self_signed(tmp_path, "device", "-subj", "/CN=bed-3")
    mosquitto.stop()
    mosquitto.configure(
        f"certfile {certificate[0]}",
        f"keyfile {certificate[1]}",
        f"cafile {own[0]}",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous false",
    )
    mosquitto.start()
    trusting = {"host": "localhost", "tls": True, "ca_file": str(certificate[0])}
    nobody = connect(mosquitto.port, **trusting)
    wait_until(lambda: logged(caplog, "mqtt.cert_file"))
    assert not nobody.connected.is_set()
    known = connect(mosquitto.port, **trusting, cert_file=str(own[0]), key_file=str(own[1]))
    wait_until(known.connected.is_set)


def test_a_missing_password_file_is_refused_at_the_start(outbox: Outbox) -> None:
    with pytest.raises(InputError, match=r"mqtt\.password_file"):
        MqttClient(MqttSettings(username="a", password_file="/nonexistent/secret"), "a", outbox)


@pytest.fixture
def old_broker() -> Iterator[int]:
    """The demo's broker, amqtt, which speaks 3.1.1 only; gives its port."""
    pytest.importorskip("amqtt")
    from edge.demo.broker import broker

    with broker() as port:
        yield port
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # amqtt leaves its sockets to the garbage collector
        gc.collect()


def test_a_broker_without_mqtt_5_is_used_with_3_1_1(
    old_broker: int, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture, outbox: Outbox
) -> None:
    client = connect(old_broker)
    client.send(event(1))
    wait_until(lambda: client.connected.is_set() and not len(outbox))
    assert client.stop(5.0)
    assert len(logged(caplog, "does not support MQTT 5")) == 1


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        ("retain_available false", "keeps no retained messages"),
        ("max_qos 0", "confirms no messages"),
        ("max_inflight_messages 1", ""),
        ("max_keepalive 10", ""),
    ],
)
def test_a_broker_that_lacks_something_gets_the_alarms_all_the_same(
    *,
    mosquitto: Any,
    listen: Any,
    connect: Connect,
    wait_until: Any,
    caplog: pytest.LogCaptureFixture,
    outbox: Outbox,
    lacking: str,
    told: str,
) -> None:
    mosquitto.stop()
    mosquitto.configure("allow_anonymous true", lacking)
    mosquitto.start()
    listener = listen()
    client = connect(mosquitto.port)
    client.send(alarms(b"[]"))
    for number in range(30):
        client.send(event(number))
    wait_until(lambda: len(listener.payloads("ecg/a/event")) == 30 and not len(outbox))
    wait_until(lambda: listener.payloads("ecg/a/alarms"))
    assert listener.payloads("ecg/a/status") == [b"online"]
    assert client.trouble is None
    assert len(logged(caplog, told)) == 1 if told else not logged(caplog, "Use another broker")
    mosquitto.stop()
    mosquitto.start()  # what it lacks is known by now
    client.send(event(99))
    wait_until(lambda: not len(outbox), timeout_s=30.0)
    assert len(logged(caplog, told)) == 1 if told else True


def test_a_command_arrives_with_what_its_answer_needs(
    mosquitto: Any, connect: Connect, wait_until: Any, listen: Any
) -> None:
    listener = listen()
    client = connect(mosquitto.port, device_id="bed-3")
    wait_until(client.connected.is_set)
    arrived: list[Any] = []

    def take() -> bool:
        command = client.next_command()
        if command is not None:
            arrived.append(command)
        return bool(arrived)

    def sent_and_taken() -> bool:  # the subscription may come a moment after the connection
        listener.command("ack", {"kind": "pause"}, ResponseTopic="ecg/bed-3/reply/x", CorrelationData=b"\x00\xff")
        return take()

    wait_until(sent_and_taken)
    command = arrived[0]
    assert (command.verb, command.payload, command.source) == ("ack", b'{"kind": "pause"}', "mqtt")
    assert (command.reply_topic, command.correlation) == ("ecg/bed-3/reply/x", b"\x00\xff")
    assert not command.retained


def test_mqtt_3_1_1_marks_a_retained_command_too(mosquitto: Any, listen: Any, wait_until: Any) -> None:
    listener = listen()
    listener.command("ack", b"{}", retain=True, ResponseTopic="ecg/bed-3/reply/x")
    wait_until(lambda: listener.payloads("ecg/bed-3/cmd/ack"))  # the broker has it
    arrived: list[Command] = []
    session = Session(
        MqttSettings(host="127.0.0.1", port=mosquitto.port),
        "bed-3",
        MQTTProtocolVersion.MQTTv311,
        birth_topic=None,
        on_command=arrived.append,
        on_birth=lambda: None,
    )
    session.connect()
    session.subscribe()

    def hear(count: int) -> None:
        wait_until(lambda: session.serve() or len(arrived) >= count)

    hear(1)
    listener.command("mark", b"{}", CorrelationData=b"x")
    hear(2)
    session.disconnect()
    assert [(command.verb, command.retained) for command in arrived] == [("ack", True), ("mark", False)]
    assert {(command.reply_topic, command.correlation, command.expiry_s) for command in arrived} == {(None, None, None)}


def test_a_command_that_waited_in_the_session_says_since_when(mosquitto: Any, listen: Any, wait_until: Any) -> None:
    listener = listen()
    arrived: list[Command] = []

    def connected(away_since_s: float) -> Session:
        settings = MqttSettings(host="127.0.0.1", port=mosquitto.port)
        session = Session(
            settings,
            "bed-3",
            MQTTProtocolVersion.MQTTv5,
            birth_topic=None,
            away_since_s=away_since_s,
            on_command=arrived.append,
            on_birth=lambda: None,
        )
        session.connect()
        session.subscribe()
        return session

    first = connected(-math.inf)
    wait_until(lambda: first.serve() or listener.command("mark", b"{}") or arrived)  # it has subscribed
    assert arrived[-1].waited_since_s is None
    first.disconnect()  # the broker keeps the session
    heard_s = first.waiting_since_s
    assert heard_s == first.heard_s
    arrived.clear()
    for verb in ("ack", "mute", "snooze"):
        listener.command(verb, b"{}")
    listener.command("status", b"{}", MessageExpiryInterval=50)
    second = connected(heard_s)
    wait_until(lambda: second.serve() or any(command.verb == "status" for command in arrived))
    assert {command.waited_since_s for command in arrived} == {heard_s}
    second.disconnect()
    # It may not have got all of them: what comes next time can be as old.
    assert second.waiting_since_s == heard_s


def test_a_command_that_a_network_held_up_says_since_when(
    mosquitto: Any, listen: Any, connect: Connect, wait_until: Any, outbox: Outbox
) -> None:
    listener = listen()
    flows = threading.Event()
    flows.set()
    arrived: list[Command] = []

    def hold(way: str, _packet: bytes) -> Literal["pass"]:
        if way == "down":
            flows.wait(20.0)
        return "pass"

    with Proxy(mosquitto.port) as network:
        network.judge = hold
        client = connect(network.port, device_id="bed-3")
        client.send(event(1))
        wait_until(lambda: client.connected.is_set() and not len(outbox))
        flows.clear()
        for _ in range(2):
            listener.command("ack", b"{}")
        wait_until(lambda: len(listener.payloads("ecg/bed-3/cmd/ack")) == 2)  # the broker has sent them by now
        opened_s = time.monotonic()
        client.send(event(2))
        wait_until(lambda: len(listener.payloads("ecg/a/event")) == 2)
        flows.set()
        wait_until(lambda: not len(outbox))
        listener.command("ack", b"{}")  # by somebody who knows of the second event

        def take() -> bool:
            command = client.next_command()
            if command is not None:
                arrived.append(command)
            return len(arrived) == 3

        wait_until(take)
        assert [(command.sent_after_s or 0.0) > opened_s for command in arrived] == [False, False, True]
        assert all(command.received_s > opened_s for command in arrived)
        client.stop(2.0)


def test_a_broker_that_ends_the_connection_at_a_subscription_gets_the_alarms(
    *,
    mosquitto: Any,
    listen: Any,
    connect: Connect,
    wait_until: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.mqtt.subscribing.AGAIN_S", 3.0)
    listener = listen()
    allowed = threading.Event()

    def refuse(_way: str, packet: bytes) -> Literal["pass", "cut"]:
        return "cut" if packet[0] >> 4 == SUBSCRIBE and not allowed.is_set() else "pass"

    with Proxy(mosquitto.port) as network:
        network.judge = refuse
        client = connect(network.port, device_id="bed-3")
        client.send(event(1))
        wait_until(lambda: listener.payloads("ecg/a/event") and logged(caplog, "commands do not arrive"))
        allowed.set()

        def is_heard() -> bool:
            listener.command("ack", b"{}")
            return client.next_command() is not None

        wait_until(is_heard, timeout_s=30.0)
        client.stop(2.0)
    assert len(logged(caplog, "commands do not arrive")) == 1


def test_a_flood_of_commands_is_limited_and_logged_once(
    mosquitto: Any, connect: Connect, wait_until: Any, listen: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listener = listen()
    client = connect(mosquitto.port, device_id="bed-3")
    wait_until(client.connected.is_set)
    for _ in range(1000):
        listener.command("ack")
    wait_until(lambda: logged(caplog, "faster than they can be carried out"))
    taken = 0
    while client.next_command() is not None:
        taken += 1
    assert taken >= 500
    assert len(logged(caplog, "faster than they can be carried out")) == 1


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves its sockets to the collector
def test_who_takes_the_client_id_again_and_again_does_not_silence_the_monitor(
    *, mosquitto: Any, listen: Any, connect: Connect, wait_until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A broker without the shipped settings lets anybody take any client id."""
    listener = listen()
    client = connect(mosquitto.port)
    wait_until(client.connected.is_set)
    thieves = []
    while not logged(caplog, "an id that nobody knows"):
        thieves.append(paho.Client(CallbackAPIVersion.VERSION2, "ecg-edge-a", reconnect_on_failure=False))
        thieves[-1].connect("127.0.0.1", mosquitto.port)
        thieves[-1].loop_start()
        wait_until(lambda: not client.connected.is_set())
        wait_until(lambda: client.connected.is_set() or logged(caplog, "an id that nobody knows"))
    client.send(event(1))
    wait_until(lambda: listener.payloads("ecg/a/event") == [b"event 1"])
    assert thieves[-1].is_connected()
    for thief in thieves:
        thief.disconnect()
        thief.loop_stop()
        thief._reset_sockets()
