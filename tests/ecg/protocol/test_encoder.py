"""What goes over the wire: topics, JSON, delivery; and back."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.active import ActiveAlarm, Snooze
from ecg.alarms.kinds import AlarmKind, AlarmState, Priority
from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.errors import InputError
from ecg.events import Rhythm, Vitals
from ecg.notices import BeatsNotice, Notice, Strip, VitalsNotice
from ecg.protocol.commands import Answer, Command
from ecg.protocol.decoder import decode
from ecg.protocol.encoder import encode, host_message, info_message, reply_message
from ecg.protocol.message import Message, Urgency, rfc3339, status_message
from ecg.protocol.payloads import AlarmEntry, HostState, Info
from ecg.protocol.schemas import MESSAGES
from ecg.protocol.wording import SENTENCES
from ecg.samples import Beat
from ecg.summary.summaries import minute_summary, summarise
from ecg.summary.tally import MinuteSummary, Tally

START = datetime(2024, 5, 1, 12, tzinfo=UTC)


def utc(index: int) -> datetime:
    return START + timedelta(seconds=index / 360)


def encoded(notice: Notice) -> Message:
    return encode(notice, "bed-3")


def body(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(message.payload)
    return content


PAUSE = ActiveAlarm(
    uuid="a-b",
    kind=AlarmKind.PAUSE,
    priority=Priority.MEDIUM,
    state=AlarmState.OPENED,
    onset=utc(360),
    onset_index=360,
    evidence={"rr_ms": 2600.0},
)
BATTERY = ActiveAlarm(
    uuid="c-d",
    kind=AlarmKind.BATTERY_LOW,
    priority=Priority.LOW,
    state=AlarmState.ACKNOWLEDGED,
    onset=utc(0),
    evidence={},
    acknowledged=utc(720),
    acknowledged_by="nurse",
)
OPENED = AlarmNotice(time=utc(720), alarm=PAUSE, snoozed_until=None)
ACTIVE = ActiveAlarmsNotice(
    time=utc(720),
    alarms=(BATTERY, PAUSE),
    snoozes=(Snooze(kind=AlarmKind.PAUSE, until=utc(21_600), granted_s=60.0),),
)


def vitals(index: int, *known: Any) -> VitalsNotice:
    return VitalsNotice(time=utc(index), vitals=Vitals(index, *known))


def test_vitals_that_are_unknown_are_absent_and_not_zero() -> None:
    assert body(encoded(vitals(360, None, None, None, (), None))) == {
        "schema": "vitals/1",
        "device": "bed-3",
        "time": "2024-05-01T12:00:01.000Z",
        "index": 360,
        "faults": [],
    }


def test_vitals_expire_and_are_no_state() -> None:
    message = encoded(vitals(360, 72.04, Rhythm.NORMAL, 0.987, ("mains",), "on"))
    assert (message.topic, message.qos, message.retain, message.expiry_s, message.durable) == (
        "ecg/bed-3/vitals",
        0,
        False,
        30,
        False,
    )
    content = body(message)
    assert content["heart_rate_bpm"] == 72.0
    assert content["rhythm"] == "N"
    assert content["quality"] == 0.99
    assert content["faults"] == ["mains"]
    assert content["electrodes"] == "on"


def test_vitals_without_samples_say_so_and_nothing_else() -> None:
    content = body(encoded(VitalsNotice(time=START, vitals=None)))
    assert content["faults"] == ["no_samples"]
    assert "heart_rate_bpm" not in content


def test_an_alarm_is_an_event_that_must_arrive_first_and_a_state_that_is_retained() -> None:
    event, state = encoded(OPENED), encoded(ACTIVE)
    assert (event.topic, event.qos, event.retain, event.durable) == ("ecg/bed-3/event", 1, False, True)
    assert event.urgency is Urgency.ALARM
    assert (state.topic, state.qos, state.retain, state.durable) == ("ecg/bed-3/alarms", 1, True, False)
    content = body(event)
    assert content["onset"] == "2024-05-01T12:00:01.000Z"
    assert content["time"] == "2024-05-01T12:00:02.000Z"
    assert content["evidence"] == {"rr_ms": 2600.0}
    assert [entry["uuid"] for entry in body(state)["alarms"]] == ["c-d", "a-b"]


def test_an_alarm_of_the_host_has_no_place_in_the_signal() -> None:
    assert "onset_index" not in body(encoded(AlarmNotice(time=utc(0), alarm=BATTERY, snoozed_until=None)))


def test_acknowledgement_and_snooze_are_in_the_messages() -> None:
    battery, pause = body(encoded(ACTIVE))["alarms"]
    assert battery["acknowledged"] == "2024-05-01T12:00:02.000Z"
    assert battery["acknowledged_by"] == "nurse"
    assert "acknowledged" not in pause
    assert pause["snoozed_until"] == "2024-05-01T12:01:00.000Z"
    assert body(encoded(ACTIVE))["snoozes"] == [{"kind": "pause", "until": "2024-05-01T12:01:00.000Z"}]
    snoozed = body(encoded(AlarmNotice(time=utc(720), alarm=PAUSE, snoozed_until=utc(21_600))))
    assert snoozed["snoozed_until"] == "2024-05-01T12:01:00.000Z"


def test_beats_carry_their_moments() -> None:
    beats = (Beat(360, "V", None, 0.9876, 0.8, -1.23456), Beat(720, "unclassified", 1000.0, None, None, None))
    message = encoded(BeatsNotice(beats=tuple((utc(beat.index), beat) for beat in beats)))
    assert message.topic == "ecg/bed-3/beats"
    assert body(message)["time"] == "2024-05-01T12:00:02.000Z"
    assert body(message)["beats"] == [
        {"time": "2024-05-01T12:00:01.000Z", "index": 360, "label": "V", "probability": 0.988, "r_mv": -1.235},
        {"time": "2024-05-01T12:00:02.000Z", "index": 720, "label": "unclassified", "rr_ms": 1000.0},
    ]


def a_minute(index: int = 0) -> MinuteSummary:
    tally = Tally(duration=21_600, good=21_600, beats={"N": 70, "V": 2})
    for number in range(8):
        tally.interval(300 + number, index + 360)
    tally.averaged(2428, index + 720)
    tally.normal_interval(300, None)
    tally.normal_interval(320, 300)
    return MinuteSummary(index, tally)


def test_a_minute_summary_tells_its_stretch_and_must_arrive() -> None:
    message = encoded(minute_summary(a_minute(), utc))
    assert (message.topic, message.qos, message.durable) == ("ecg/bed-3/summary/minute", 1, True)
    assert body(message) == {
        "schema": "summary.minute/2",
        "device": "bed-3",
        "start": "2024-05-01T12:00:00.000Z",
        "time": "2024-05-01T12:01:00.000Z",
        "duration_s": 60.0,
        "beats": {"N": 70, "V": 2},
        "heart_rate_min_bpm": 71.2,
        "heart_rate_min_time": "2024-05-01T12:00:02.000Z",
        "heart_rate_mean_bpm": 71.2,
        "heart_rate_max_bpm": 71.2,
        "heart_rate_max_time": "2024-05-01T12:00:02.000Z",
        "sdnn_ms": 39.3,
        "rmssd_ms": 55.6,
        "pnn50": 1.0,
        "longest_rr_ms": 852.8,
        "longest_rr_time": "2024-05-01T12:00:01.000Z",
        "ectopic_burden": 0.0278,
        "ventricular_burden": 0.0278,
        "atrial_fibrillation_s": 0.0,
        "atrial_fibrillation_burden": 0.0,
        "good_signal_s": 60.0,
        "good_signal_share": 1.0,
        "lost_s": 0.0,
    }


def test_what_a_summary_does_not_know_is_absent() -> None:
    content = body(encoded(minute_summary(MinuteSummary(0, Tally(duration=360)), utc)))
    known = {"schema", "device", "start", "time", "duration_s", "beats"}
    assert content.keys() == known | {"good_signal_s", "good_signal_share", "lost_s"}


INFO = Info(version="1", python="3", source="simulator", nominal_rate_hz=360.0)


def test_info_is_retained_and_leaves_out_what_is_unknown() -> None:
    message = info_message(INFO, START, "bed-3")
    assert message.retain
    assert body(message) == {
        "schema": "info/1",
        "device": "bed-3",
        "time": "2024-05-01T12:00:00.000Z",
        "version": "1",
        "python": "3",
        "source": "simulator",
        "nominal_rate_hz": 360.0,
    }


def test_status_is_plain_text() -> None:
    assert status_message("bed-3", online=True) == Message("ecg/bed-3/status", b"online", qos=1, retain=True)
    assert status_message("bed-3", online=False).payload == b"offline"


def test_every_alarm_has_a_sentence() -> None:
    assert set(SENTENCES) == set(AlarmKind)


def test_an_alarm_that_nobody_can_see_says_so_and_since_when() -> None:
    unseen = replace(PAUSE, kind=AlarmKind.ASYSTOLE, unseen_since=utc(720), evidence={"unseen": "electrode_off"})
    message = encoded(AlarmNotice(time=utc(1000), alarm=unseen, snoozed_until=None))
    told = body(message)
    assert told["unseen_since"] == "2024-05-01T12:00:02.000Z"
    assert told["text"] == f"{SENTENCES[AlarmKind.ASYSTOLE]} Whether it goes on cannot be seen: an electrode is off."
    decoded = decode(message.topic, message.payload).body
    assert isinstance(decoded, AlarmEntry)
    assert decoded.unseen_since == told["unseen_since"]
    assert "unseen_since" not in body(encoded(OPENED))


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_times_are_utc_with_milliseconds_whatever_the_zone(moment: datetime) -> None:
    text = rfc3339(moment)
    assert text.endswith("Z")
    back = datetime.fromisoformat(text)
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def answered(reply_topic: str | None, answer: Answer | None = None) -> Message:
    command = Command(
        verb="ack", payload=b"", source="mqtt", received_s=0.0, reply_topic=reply_topic, correlation=b"\x00"
    )
    return reply_message(command, answer or Answer(ok=True, text="Done.", id="7"), START, "bed-3")


def test_an_answer_goes_where_it_is_expected_with_its_correlation() -> None:
    message = answered("ecg/bed-3/reply/phone-7", Answer(ok=True, text="Done.", id="7", result={"until": "now"}))
    assert (message.topic, message.qos, message.retain, message.durable) == ("ecg/bed-3/reply/phone-7", 1, False, False)
    assert message.expiry_s == 60
    assert message.correlation == b"\x00"
    assert body(message) == {
        "schema": "reply/1",
        "device": "bed-3",
        "time": "2024-05-01T12:00:00.000Z",
        "command": "ack",
        "ok": True,
        "text": "Done.",
        "until": "now",
        "id": "7",
    }


FOREIGN = (
    "ecg/bed-3/event",
    "ecg/bed-3/replyx",
    "ecg/bed-4/reply",
    "ecg/bed-3/reply/#",
    "homeassistant/device/bed-3/config",
    "homeassistant/status",
    "phones/7/answers",
)
"""Where the sender of a command may not write, or may not read."""


@pytest.mark.parametrize("topic", [None, "", "a/#", "+/b", "a\0", "$SYS/a", *FOREIGN])
def test_an_answer_goes_nowhere_but_below_the_device_s_own_reply(topic: str | None) -> None:
    assert answered(topic).topic == "ecg/bed-3/reply"


@pytest.mark.parametrize("topic", ["ecg/bed-3/reply", "ecg/bed-3/reply/nurse"])
def test_an_answer_may_go_below_the_device_s_own_topic(topic: str) -> None:
    assert answered(topic).topic == topic


def test_a_strip_carries_its_samples_with_their_scale() -> None:
    samples_mv = np.array([250.0, 250.1, np.nan, 249.0])
    message = encoded(Strip("a-b", START, 500.0, samples_mv, index=720))
    content = body(message)
    adc = np.frombuffer(base64.b64decode(content["samples"]), dtype="<i2")

    assert (message.topic, message.qos, message.retain) == ("ecg/bed-3/strip/a-b", 1, False)
    assert (message.expiry_s, message.durable) == (86400, True)
    assert (content["schema"], content["time"], content["uuid"]) == ("strip/1", "2024-05-01T12:00:00.000Z", "a-b")
    assert (content["rate_hz"], content["index"]) == (500.0, 720)
    assert (adc == content["missing"]).tolist() == [False, False, True, False]
    assert (adc * content["mv_per_step"] + content["offset_mv"])[[0, 1, 3]] == pytest.approx(samples_mv[[0, 1, 3]])


NOTICES: list[Notice] = [
    OPENED,
    ACTIVE,
    vitals(360, 72.04, Rhythm.NORMAL, 0.987, ("mains",), "on"),
    VitalsNotice(time=START, vitals=None),
    BeatsNotice(beats=((utc(360), Beat(360, "V", None, 0.9876, 0.8, -1.23456)),)),
    minute_summary(a_minute(), utc),
    summarise("day", start=START, end=utc(360), tally=Tally(duration=360), utc=utc),
    Strip("a-b", START, 500.0, np.array([0.0, np.nan, 1.0])),
]
MESSAGES_OF_ALL_KINDS = [
    *map(encoded, NOTICES),
    info_message(INFO, START, "bed-3"),
    host_message(HostState(uptime_s=1.0, lost_s=0.0, recording="on", undelivered=0), START, "bed-3"),
    answered(None),
]


def test_encoding_is_pure_whatever_the_order_of_calls() -> None:
    first = [encoded(notice) for notice in NOTICES]
    assert [encoded(notice) for notice in reversed(NOTICES)] == list(reversed(first))


def test_every_message_is_decoded() -> None:
    assert {decode(message.topic, message.payload).name for message in MESSAGES_OF_ALL_KINDS} == set(MESSAGES)
    for message in MESSAGES_OF_ALL_KINDS:
        received = decode(message.topic, message.payload)
        assert received.device_id == "bed-3"
        assert received.head is not None
        assert received.head.device == "bed-3"
    status = status_message("bed-3", online=True)
    assert decode(status.topic, status.payload).body is True


def test_a_field_of_a_later_version_is_passed_over() -> None:
    message = encoded(OPENED)
    later = json.dumps(body(message) | {"colour": "red"}).encode()
    received = decode(message.topic, later)
    assert isinstance(received.body, AlarmEntry)
    assert (received.body.uuid, received.body.evidence) == ("a-b", {"rr_ms": 2600.0})


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("ecg/bed-3/dance", b"{}"),
        ("ecg/bed-3", b"{}"),
        ("ecg/bed-3/cmd/ack", b"{}"),
        ("homeassistant/status", b"online"),
        ("ecg/bed-3/status", b"perhaps"),
        ("ecg/bed-3/vitals", b"{"),
        ("ecg/bed-3/vitals", b"\xff"),
        ("ecg/bed-3/vitals", b"[" * 100_000),
        ("ecg/bed-3/vitals", encoded(OPENED).payload),
        ("ecg/bed-4/event", encoded(OPENED).payload),
        ("ecg/bed-3/event", encoded(OPENED).payload.replace(b"event/2", b"event/3")),
    ],
)
def test_what_is_no_message_of_a_monitor_is_refused(topic: str, payload: bytes) -> None:
    with pytest.raises(InputError):
        decode(topic, payload)


@given(st.sampled_from(sorted(MESSAGES)), st.binary(max_size=200))
def test_no_bytes_make_the_decoder_fail_otherwise(name: str, payload: bytes) -> None:
    with pytest.raises(InputError):
        decode(f"ecg/bed-3/{name}", payload)
