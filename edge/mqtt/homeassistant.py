"""MQTT discovery for Home Assistant: it shows the monitor as one device.

One retained message, `PREFIX/device/<device_id>/config`, lists the entities and their topics
(https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload, Home Assistant 2024.12 and later). The
values come from the device's ordinary messages. The template of a field gives `None` when a message lacks the field;
Home Assistant shows that as unknown. An entity whose messages stop becomes unavailable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ecg.alarms.kinds import AlarmState, Priority
from ecg.protocol.encoder import HOST_EXPIRY_S, VITALS_EXPIRY_S
from ecg.protocol.message import Message
from ecg.protocol.topics import Topics
from ecg.protocol.wording import RHYTHMS

if TYPE_CHECKING:
    from ecg.protocol.payloads import Info
    from edge.config import HomeAssistantSettings

__all__ = ["birth_topic", "discovery", "discovery_messages"]

BIRTH: Final = "status"
"""Topic below the prefix on which Home Assistant publishes `online` when it has started."""

PRESSED: Final = '"time": "{{ utcnow().isoformat() }}"'
"""Home Assistant's messages do not expire. This time lets the daemon refuse an old press."""

_PRIORITIES: Final = (Priority.HIGH, Priority.MEDIUM, Priority.LOW)


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the message; fields that are None are left out."""


class _Device(_Part, frozen=True, kw_only=True, omit_defaults=True):
    identifiers: list[str]
    name: str
    manufacturer: str
    model: str
    serial_number: str
    sw_version: str


class _Origin(_Part, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    sw_version: str


class _Component(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """One entity; the field names are Home Assistant's."""

    platform: str
    unique_id: str | None = None
    name: str | None = None
    icon: str | None = None
    device_class: str | None = None
    entity_category: str | None = None
    state_topic: str | None = None
    value_template: str | None = None
    json_attributes_topic: str | None = None
    json_attributes_template: str | None = None
    expire_after: int | None = None
    unit_of_measurement: str | None = None
    state_class: str | None = None
    suggested_display_precision: int | None = None
    options: list[str] | None = None
    event_types: list[str] | None = None
    payload_on: str | None = None
    payload_off: str | None = None
    command_topic: str | None = None
    command_template: str | None = None


class _Discovery(_Part, frozen=True, kw_only=True, omit_defaults=True):
    device: _Device
    origin: _Origin
    components: dict[str, _Component]
    availability_topic: str
    qos: int


def birth_topic(settings: HomeAssistantSettings) -> str | None:
    """Topic on which Home Assistant says that it has started; None if the settings turn discovery off."""
    return f"{settings.discovery_prefix}/{BIRTH}" if settings.enabled else None


def discovery(settings: HomeAssistantSettings, device_id: str, info: Info, *, has_battery: bool) -> Message:
    """Build the retained discovery message.

    Args:
        settings: the prefix.
        device_id: the device's pseudonym.
        info: versions and front end.
        has_battery: whether this machine reports a battery.
    """
    topics = Topics(device_id)
    components = {
        key: msgspec.structs.replace(entity, unique_id=f"ecg-edge_{device_id}_{key}")
        for entities in (_vitals_entities, _alarm_entities, _host_entities, _info_entities, _buttons)
        for key, entity in entities(topics).items()
    }
    if not has_battery:
        components["battery"] = _Component(platform="sensor")  # a platform alone removes the entity
    payload = _Discovery(
        device=_Device(
            identifiers=[f"ecg-edge_{device_id}"],
            name=f"ECG {device_id}",
            manufacturer="ECG Edge",
            model=info.source,
            serial_number=device_id,
            sw_version=info.version,
        ),
        origin=_Origin(name="ECG Edge", sw_version=info.version),
        components=components,
        availability_topic=topics.status,
        qos=1,
    )
    return Message(_topic(settings, device_id), msgspec.json.encode(payload), qos=1, retain=True)


def discovery_messages(
    settings: HomeAssistantSettings, device_id: str, info: Info, *, has_battery: bool, earlier_topics: list[str]
) -> list[Message]:
    """Build the messages for a start: the discovery message if it is enabled, and removals of earlier ones.

    An empty retained message removes an earlier discovery message. It is sent at each start, because the broker may
    have been unreachable at the last one.

    Args:
        settings: whether discovery is enabled, and its prefix.
        device_id: the device's pseudonym.
        info: versions and front end.
        has_battery: whether this machine reports a battery.
        earlier_topics: every topic on which a discovery message was ever published.
    """
    wanted = [discovery(settings, device_id, info, has_battery=has_battery)] if settings.enabled else []
    topics = {message.topic for message in wanted}
    return [*wanted, *(Message(topic, b"", qos=1, retain=True) for topic in earlier_topics if topic not in topics)]


def _topic(settings: HomeAssistantSettings, device_id: str) -> str:
    return f"{settings.discovery_prefix}/device/{device_id}/config"


def _field(name: str) -> str:
    """Template of a field; None where it is absent."""
    return f"{{{{ value_json.{name} | default(none) }}}}"


def _percent_field(name: str) -> str:
    """Template of a share from 0 to 1, as percent."""
    return f"{{{{ (100 * value_json.{name}) | round if value_json.{name} is defined else none }}}}"


def _vitals_entities(topics: Topics) -> dict[str, _Component]:
    words = ", ".join(f"'{rhythm.value}': '{name}'" for rhythm, name in RHYTHMS.items())
    return {
        "heart_rate": _Component(
            platform="sensor",
            name="Heart rate",
            icon="mdi:heart-pulse",
            state_topic=topics.vitals,
            value_template=_field("heart_rate_bpm"),
            unit_of_measurement="bpm",
            state_class="measurement",
            suggested_display_precision=0,
            expire_after=VITALS_EXPIRY_S,
        ),
        "rhythm": _Component(
            platform="sensor",
            name="Rhythm",
            icon="mdi:pulse",
            device_class="enum",
            options=list(RHYTHMS.values()),
            state_topic=topics.vitals,
            value_template=f"{{{{ {{{words}}}.get(value_json.rhythm) }}}}",
            expire_after=VITALS_EXPIRY_S,
        ),
        "electrodes": _Component(
            platform="binary_sensor",
            name="Electrode contact",
            device_class="connectivity",
            state_topic=topics.vitals,
            value_template=_field("electrodes"),
            payload_on="on",
            payload_off="off",
            expire_after=VITALS_EXPIRY_S,
        ),
        "signal_quality": _Component(
            platform="sensor",
            name="Signal quality",
            icon="mdi:signal",
            state_topic=topics.vitals,
            value_template=_percent_field("quality"),
            unit_of_measurement="%",
            state_class="measurement",
            expire_after=VITALS_EXPIRY_S,
        ),
    }


def _alarm_entities(topics: Topics) -> dict[str, _Component]:
    def of(priority: Priority) -> str:
        return f"value_json.alarms | selectattr('priority', 'eq', '{priority}') | list"

    ranked = " + ".join(map(of, _PRIORITIES))
    unacknowledged = "value_json.alarms | rejectattr('acknowledged', 'defined') | list | count"
    unseen = "value_json.alarms | selectattr('unseen_since', 'defined') | list | count"
    parts = {
        "alarm": _Component(
            platform="sensor",
            name="Alarm",
            icon="mdi:bell-alert",
            state_topic=topics.alarms,
            value_template=(
                f"{{% set ranked = {ranked} %}}{{{{ ranked[0].text if ranked else 'No alarm' }}}}"
                "{{ ' (and %d more)' % (ranked | count - 1) if ranked | count > 1 else '' }}"
            ),
        ),
        "active_alarms": _Component(
            platform="sensor",
            name="Active alarms",
            icon="mdi:bell-badge",
            state_topic=topics.alarms,
            value_template="{{ value_json.alarms | count }}",
            state_class="measurement",
            json_attributes_topic=topics.alarms,
            json_attributes_template=(
                "{{ {'alarms': value_json.alarms, 'snoozes': value_json.snoozes | default([]),"
                f" 'unacknowledged': {unacknowledged}, 'unseen': {unseen}}} | tojson }}}}"
            ),
        ),
        "event": _Component(
            platform="event",
            name="Alarm event",
            icon="mdi:bell-ring",
            state_topic=topics.event,
            event_types=[state.value for state in AlarmState],
            # `delay_s` lets an automation recognise a message that waited for the network.
            value_template=(
                "{{ dict(value_json, event_type=value_json.state,"
                " delay_s=(now() - as_datetime(value_json.time)).total_seconds() | round(1)) | tojson }}"
            ),
        ),
    }
    for priority in _PRIORITIES:
        parts[f"{priority}_alarm"] = _Component(
            platform="binary_sensor",
            name=f"{priority.capitalize()} alarm",
            device_class="problem",
            state_topic=topics.alarms,
            value_template=f"{{{{ {of(priority)} | count > 0 }}}}",
            payload_on="True",
            payload_off="False",
        )
    return parts


def _host_entities(topics: Topics) -> dict[str, _Component]:
    def sensor(key: str, name: str, **options: str | int) -> _Component:
        plain = _Component(
            platform="sensor",
            name=name,
            entity_category="diagnostic",
            state_topic=topics.machine,
            value_template=_field(key),
            expire_after=HOST_EXPIRY_S,
        )
        return msgspec.structs.replace(plain, **options)

    return {
        "battery": sensor(
            "battery_percent", "Battery", device_class="battery", unit_of_measurement="%", state_class="measurement"
        ),
        "temperature": sensor(
            "temperature_c",
            "Temperature",
            device_class="temperature",
            unit_of_measurement="°C",
            state_class="measurement",
            suggested_display_precision=0,
        ),
        "lost": sensor(
            "lost_s",
            "Lost samples",
            icon="mdi:timer-alert",
            device_class="duration",
            unit_of_measurement="s",
            state_class="total_increasing",
            suggested_display_precision=1,
        ),
        "storage_free": sensor(
            "storage_free_mb",
            "Free storage",
            device_class="data_size",
            unit_of_measurement="MB",
            state_class="measurement",
            suggested_display_precision=0,
        ),
        "selftest_result": sensor("selftest", "Last self-test", icon="mdi:clipboard-check"),
        "recording": sensor("recording", "Recording", icon="mdi:record-rec"),
        "undelivered": sensor("undelivered", "Undelivered messages", icon="mdi:tray-full", state_class="measurement"),
    }


def _info_entities(topics: Topics) -> dict[str, _Component]:
    return {
        "model": _Component(
            platform="sensor",
            name="Model",
            icon="mdi:brain",
            entity_category="diagnostic",
            state_topic=topics.info,
            value_template=_field("model"),
        ),
        "sample_rate": _Component(
            platform="sensor",
            name="Sample rate",
            icon="mdi:sine-wave",
            entity_category="diagnostic",
            device_class="frequency",
            unit_of_measurement="Hz",
            state_class="measurement",
            suggested_display_precision=2,
            state_topic=topics.info,
            value_template=_field("rate_hz"),
        ),
    }


def _buttons(topics: Topics) -> dict[str, _Component]:
    def button(verb: str, name: str, icon: str, text: str, *, category: str | None = None) -> _Component:
        return _Component(
            platform="button",
            name=name,
            icon=icon,
            command_topic=topics.command(verb),
            command_template=f"{{{text}, {PRESSED}}}",
            entity_category=category,
        )

    return {
        "acknowledge": button("ack", "Acknowledge alarms", "mdi:bell-check", '"by": "Home Assistant"'),
        "selftest": button(
            "selftest", "Self-test", "mdi:clipboard-pulse", '"id": "Home Assistant"', category="diagnostic"
        ),
        "mark": button("mark", "Mark event", "mdi:flag", '"text": "Home Assistant"'),
    }
