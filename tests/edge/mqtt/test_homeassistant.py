"""The discovery message for Home Assistant; `benchmarks/home_assistant.py` tests it with a real one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecg.alarms.kinds import AlarmState
from ecg.events import Rhythm
from ecg.protocol.message import Message
from ecg.protocol.payloads import Info
from ecg.protocol.wording import RHYTHMS
from edge.config import HomeAssistantSettings
from edge.mqtt.homeassistant import birth_topic, discovery, discovery_messages

INFO = Info(version="1.2", python="3.13", source="ads1292 CJMCU-1292 module", nominal_rate_hz=500.0)
SETTINGS = HomeAssistantSettings()
TOPIC = "homeassistant/device/bed-3/config"


def told(*, has_battery: bool = True, settings: HomeAssistantSettings = SETTINGS) -> Message:
    return discovery(settings, "bed-3", INFO, has_battery=has_battery)


def body(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(message.payload)
    return content


@pytest.fixture
def components() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = body(told())["components"]
    return found


def test_discovery_is_a_retained_state_of_one_device() -> None:
    message = told()
    assert (message.topic, message.qos, message.retain, message.durable) == (TOPIC, 1, True, False)
    content = body(message)
    assert content["availability_topic"] == "ecg/bed-3/status"
    assert content["device"]["sw_version"] == content["origin"]["sw_version"] == "1.2"


def test_another_prefix_changes_the_topics_of_discovery_and_birth() -> None:
    settings = HomeAssistantSettings(discovery_prefix="ha/discovery")
    assert told(settings=settings).topic == "ha/discovery/device/bed-3/config"
    assert birth_topic(settings) == "ha/discovery/status"
    assert birth_topic(HomeAssistantSettings(enabled=False)) is None


def test_every_entity_has_its_own_id_and_name(components: dict[str, dict[str, Any]]) -> None:
    assert len({each["unique_id"] for each in components.values()}) == len(components)
    assert len({each["name"] for each in components.values()}) == len(components)


def test_entities_use_the_device_s_own_topics(components: dict[str, dict[str, Any]]) -> None:
    for each in components.values():
        topics = [each[key] for key in each if key.endswith("_topic")]
        assert topics
        assert all(topic.startswith("ecg/bed-3/") for topic in topics)


def test_vitals_expire_and_unknown_is_none(components: dict[str, dict[str, Any]]) -> None:
    for key in ("heart_rate", "rhythm", "electrodes", "signal_quality"):
        assert components[key]["expire_after"] == 30
    assert components["heart_rate"]["value_template"] == "{{ value_json.heart_rate_bpm | default(none) }}"


def test_every_rhythm_and_every_stage_of_an_alarm_has_a_name(components: dict[str, dict[str, Any]]) -> None:
    assert set(RHYTHMS) == set(Rhythm)
    assert components["rhythm"]["options"] == list(RHYTHMS.values())
    assert components["event"]["event_types"] == [state.value for state in AlarmState]


def test_a_machine_without_a_battery_has_no_battery_entity(components: dict[str, dict[str, Any]]) -> None:
    assert components["battery"]["device_class"] == "battery"
    assert body(told(has_battery=False))["components"]["battery"] == {"platform": "sensor"}


def test_a_press_carries_its_time_so_that_an_old_one_is_refused(components: dict[str, dict[str, Any]]) -> None:
    assert components["acknowledge"]["command_topic"] == "ecg/bed-3/cmd/ack"
    assert components["acknowledge"]["command_template"] == (
        '{"by": "Home Assistant", "time": "{{ utcnow().isoformat() }}"}'
    )


def test_an_earlier_discovery_message_is_removed_by_an_empty_retained_one() -> None:
    def told_now(settings: HomeAssistantSettings) -> list[Message]:
        return discovery_messages(
            settings, "bed-3", INFO, has_battery=True, earlier_topics=[TOPIC, "ha/device/bed-3/config"]
        )

    empty = Message("ha/device/bed-3/config", b"", qos=1, retain=True)
    assert told_now(SETTINGS) == [told(), empty]
    assert told_now(HomeAssistantSettings(enabled=False)) == [Message(TOPIC, b"", qos=1, retain=True), empty]
