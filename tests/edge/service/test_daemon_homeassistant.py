"""`ecg-edge run` and its discovery by Home Assistant, over a real broker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import HomeAssistantSettings, SimulatorSettings, SourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("shipped_model")

SOURCE = SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario="normal:600", speed=10.0))
TOPIC = "homeassistant/device/bed-3/config"


class HomeAssistant:
    """Listens under its prefix and says that it has started."""

    def __init__(self, port: int, prefix: str = "homeassistant") -> None:
        # The callbacks hold no reference to this object: with a cycle paho's sockets would be left unclosed.
        told: list[tuple[str, bytes]] = []
        self.told, self._prefix = told, prefix
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("+/device/#", qos=1)
        self._client.on_message = lambda _c, _u, message: told.append((message.topic, message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def start(self) -> None:
        self._client.publish(f"{self._prefix}/status", b"online", qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def connect(mosquitto: Any) -> Iterator[Callable[[], HomeAssistant]]:
    found: list[HomeAssistant] = []

    def new() -> HomeAssistant:
        found.append(HomeAssistant(mosquitto.port))
        return found[-1]

    yield new
    for each in found:
        each.close()


def test_discovery_is_published_at_the_start_and_when_home_assistant_has_started(
    *,
    mosquitto: Any,
    listen: Any,
    configure: Any,
    launch: Any,
    wait_until: Any,
    connect: Callable[[], HomeAssistant],
) -> None:
    listener, home = listen(), connect()
    launch(configure(mosquitto.port, SOURCE))
    wait_until(lambda: home.told)
    (topic, payload), *_ = home.told
    assert topic == TOPIC
    assert json.loads(payload)["device"]["model"] == "simulator normal:600"
    wait_until(lambda: listener.bodies("machine"))
    assert listener.bodies("machine")[0]["recording"] == "on"
    before = len(home.told), len(listener.bodies("alarms"))
    home.start()
    wait_until(lambda: len(home.told) > before[0] and len(listener.bodies("alarms")) > before[1])
    assert home.told[-1] == (TOPIC, payload)


def test_discovery_is_removed_when_disabled_or_under_an_earlier_prefix(
    *, mosquitto: Any, configure: Any, launch: Any, wait_until: Any, connect: Callable[[], HomeAssistant]
) -> None:
    def run(settings: HomeAssistantSettings, until: Callable[[], object]) -> None:
        daemon = launch(configure(mosquitto.port, SOURCE, homeassistant=settings))
        wait_until(until)
        daemon.stop()

    home = connect()
    run(HomeAssistantSettings(), lambda: home.told)
    run(HomeAssistantSettings(discovery_prefix="ha"), lambda: (TOPIC, b"") in home.told)
    run(HomeAssistantSettings(enabled=False), lambda: ("ha/device/bed-3/config", b"") in home.told)
    late = connect()
    run(HomeAssistantSettings(), lambda: (TOPIC, b"") not in late.told and late.told)
    assert {topic for topic, payload in late.told if payload} == {TOPIC}


def test_a_press_of_a_minute_ago_acknowledges_nothing(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    source = SourceSettings(simulator=SimulatorSettings(scenario="electrode_off:600", speed=10.0))
    launch(configure(mosquitto.port, source))
    wait_until(lambda: any(event["kind"] == "electrode_off" for event in listener.bodies("event")))
    listener.command("ack", {"time": "2025-01-01T00:00:00.000000+00:00"})
    wait_until(lambda: listener.bodies("reply"))
    assert "expired" in listener.bodies("reply")[0]["text"]
    assert "acknowledged" not in listener.bodies("alarms")[-1]["alarms"][0]
