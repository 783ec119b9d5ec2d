"""What goes over the wire: topics, JSON, delivery."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange, Vitals
from ecg.protocol.commands import Answer, Command
from ecg.protocol.encoder import Encoder
from ecg.protocol.message import Message, rfc3339, status_message
from ecg.protocol.payloads import Info
from ecg.protocol.wording import SENTENCES
from ecg.samples import Beat, Gap
from ecg.summary.tally import MinuteSummary, Tally
from edge.storage.strips import Strip

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
SESSION = UUID("00000000-0000-0000-0000-000000000001")


def utc(index: int) -> datetime:
    return START + timedelta(seconds=index / 360)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder("bed-3", utc, SESSION)


def alarm(state: AlarmState, *, kind: AlarmKind = AlarmKind.PAUSE, index: int = 720, onset: int = 360) -> AlarmEvent:
    return AlarmEvent(index, kind, Priority.MEDIUM, state, onset, {"rr_ms": 2600.0})


def body(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(message.payload)
    return content


def test_vitals_that_are_unknown_are_absent_and_not_zero(encoder: Encoder) -> None:
    (message,) = encoder.encode(Vitals(360, None, None, None, (), None))
    assert body(message) == {
        "schema": "vitals/1",
        "device": "bed-3",
        "time": "2024-05-01T12:00:01.000Z",
        "index": 360,
        "faults": [],
    }


def test_vitals_expire_and_are_no_state(encoder: Encoder) -> None:
    (message,) = encoder.encode(Vitals(360, 72.04, Rhythm.NORMAL, 0.987, ("mains",), "on"))
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


def test_an_alarm_is_an_event_that_must_arrive_and_a_state_that_is_retained(encoder: Encoder) -> None:
    event, state = encoder.encode(alarm(AlarmState.OPENED))
    assert (event.topic, event.qos, event.retain, event.durable) == ("ecg/bed-3/event", 1, False, True)
    assert (state.topic, state.qos, state.retain, state.durable) == ("ecg/bed-3/alarms", 1, True, False)
    content = body(event)
    assert content["onset"] == "2024-05-01T12:00:01.000Z"
    assert content["time"] == "2024-05-01T12:00:02.000Z"
    assert content["evidence"] == {"rr_ms": 2600.0}
    assert [entry["uuid"] for entry in body(state)["alarms"]] == [content["uuid"]]


def test_an_alarm_keeps_its_uuid_and_onset_for_its_whole_life() -> None:
    drift = [timedelta(0)]
    encoder = Encoder("bed-3", lambda index: utc(index) + drift[0], SESSION)
    opened = body(encoder.encode(alarm(AlarmState.OPENED))[0])
    drift[0] = timedelta(milliseconds=40)
    updated = body(encoder.encode(alarm(AlarmState.UPDATED, index=1000))[0])
    closed = body(encoder.encode(alarm(AlarmState.CLOSED, index=2000))[0])
    assert opened["uuid"] == updated["uuid"] == closed["uuid"]
    assert opened["onset"] == updated["onset"] == closed["onset"]
    assert [content["state"] for content in (opened, updated, closed)] == ["opened", "updated", "closed"]


def test_two_runs_of_the_monitor_never_share_an_alarm() -> None:
    uuids = {
        body(Encoder("bed-3", utc, UUID(int=session)).encode(alarm(AlarmState.OPENED))[0])["uuid"] for session in (1, 2)
    }
    assert len(uuids) == 2


def test_the_set_of_alarms_follows_what_opens_and_closes(encoder: Encoder) -> None:
    def active() -> set[str]:
        return {entry["kind"] for entry in body(encoder.alarms())["alarms"]}

    assert active() == set()
    encoder.encode(alarm(AlarmState.OPENED))
    encoder.encode(alarm(AlarmState.OPENED, kind=AlarmKind.ASYSTOLE))
    assert active() == {"pause", "asystole"}
    encoder.encode(alarm(AlarmState.CLOSED))
    assert active() == {"asystole"}


def test_vitals_without_samples_say_so_and_nothing_else(encoder: Encoder) -> None:
    content = body(encoder.no_samples(START))
    assert content["faults"] == ["no_samples"]
    assert "heart_rate_bpm" not in content


def test_beats_go_out_with_the_next_vitals(encoder: Encoder) -> None:
    assert encoder.encode(Beat(360, "V", None, 0.9876, 0.8, -1.23456)) == []
    assert encoder.encode(Beat(720, "unclassified", 1000.0, None, None, None)) == []
    beats, vitals = encoder.encode(Vitals(900, 60.0, None, 0.9, (), None))
    assert (beats.topic, vitals.topic) == ("ecg/bed-3/beats", "ecg/bed-3/vitals")
    assert body(beats)["beats"] == [
        {"time": "2024-05-01T12:00:01.000Z", "index": 360, "label": "V", "probability": 0.988, "r_mv": -1.235},
        {"time": "2024-05-01T12:00:02.000Z", "index": 720, "label": "unclassified", "rr_ms": 1000.0},
    ]
    assert encoder.flush() == []


def test_gaps_and_rhythm_changes_have_no_message_of_their_own(encoder: Encoder) -> None:
    assert encoder.encode(Gap(0, 10)) == []
    assert encoder.encode(RhythmChange(0, None)) == []


def a_minute(index: int = 0) -> MinuteSummary:
    tally = Tally(duration=21_600, good=21_600, beats={"N": 70, "V": 2})
    for number in range(8):
        tally.interval(300 + number, index + 360)
    tally.averaged(2428, index + 720)
    tally.normal_interval(300, None)
    tally.normal_interval(320, 300)
    return MinuteSummary(index, tally)


def test_a_minute_summary_tells_its_stretch_and_must_arrive(encoder: Encoder) -> None:
    (message,) = encoder.encode(a_minute())
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


def test_what_a_summary_does_not_know_is_absent(encoder: Encoder) -> None:
    content = body(encoder.encode(MinuteSummary(0, Tally(duration=360)))[0])
    known = {"schema", "device", "start", "time", "duration_s", "beats"}
    assert content.keys() == known | {"good_signal_s", "good_signal_share", "lost_s"}


def test_an_hour_and_a_day_are_told_when_they_are_over(encoder: Encoder) -> None:
    told = [message for number in range(61) for message in encoder.encode(a_minute(number * 21_600))]
    (hour,) = [message for message in told if message.topic == "ecg/bed-3/summary/hour"]
    assert (hour.qos, hour.durable) == (1, True)
    content = body(hour)
    assert (content["schema"], content["start"], content["time"]) == (
        "summary.hour/2",
        "2024-05-01T12:00:00.000Z",
        "2024-05-01T13:00:00.000Z",
    )
    assert content["beats"] == {"N": 4200, "V": 120}
    assert content["longest_rr_time"] == "2024-05-01T12:00:01.000Z"
    assert [message.topic.rpartition("/")[2] for message in encoder.unfinished()] == ["hour", "day"]


def test_evidence_may_hold_numpy_numbers(encoder: Encoder) -> None:
    evidence = {"rate_bpm": np.float64(31.5), "beats": np.int64(5), "unknown": None}
    event = AlarmEvent(0, AlarmKind.PAUSE, Priority.LOW, AlarmState.OPENED, 0, evidence)
    assert body(encoder.encode(event)[0])["evidence"] == {"rate_bpm": 31.5, "beats": 5, "unknown": None}


def test_info_is_retained_and_leaves_out_what_is_unknown(encoder: Encoder) -> None:
    message = encoder.info(Info(version="1", python="3", source="simulator", nominal_rate_hz=360.0), START)
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


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_times_are_utc_with_milliseconds_whatever_the_zone(moment: datetime) -> None:
    text = rfc3339(moment)
    assert text.endswith("Z")
    back = datetime.fromisoformat(text)
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def answered(encoder: Encoder, reply_topic: str | None, answer: Answer | None = None) -> Message:
    command = Command(
        verb="ack", payload=b"", source="mqtt", received_s=0.0, reply_topic=reply_topic, correlation=b"\x00"
    )
    return encoder.reply(command, answer or Answer(ok=True, text="Done.", id="7"), START)


def test_an_answer_goes_where_it_is_expected_with_its_correlation(encoder: Encoder) -> None:
    message = answered(encoder, "phones/7/answers", Answer(ok=True, text="Done.", id="7", result={"until": "now"}))
    assert (message.topic, message.qos, message.retain, message.durable) == ("phones/7/answers", 1, False, False)
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


@pytest.mark.parametrize("topic", [None, "", "a/#", "+/b", "a\0", "$SYS/a", "ecg/bed-3/event", "ecg/bed-4/reply"])
def test_an_answer_never_looks_like_another_message(encoder: Encoder, topic: str | None) -> None:
    assert answered(encoder, topic).topic == "ecg/bed-3/reply"


@pytest.mark.parametrize("topic", ["ecg/bed-3/reply", "ecg/bed-3/reply/nurse"])
def test_an_answer_may_go_below_the_device_s_own_topic(encoder: Encoder, topic: str) -> None:
    assert answered(encoder, topic).topic == topic


def test_an_alarm_of_the_machine_has_no_place_in_the_signal(encoder: Encoder) -> None:
    event = AlarmEvent(720, AlarmKind.BATTERY_LOW, Priority.LOW, AlarmState.OPENED, 360, {"battery_percent": 9.0})
    told, state = encoder.machine(event, lambda index: START + timedelta(hours=index))
    assert body(told)["onset"] == "2024-05-16T12:00:00.000Z"
    assert "onset_index" not in body(told)
    assert [alarm["kind"] for alarm in body(state)["alarms"]] == ["battery_low"]


def test_acknowledgement_escalation_and_snooze_are_in_the_messages(encoder: Encoder) -> None:
    encoder.encode(alarm(AlarmState.OPENED, kind=AlarmKind.ASYSTOLE))
    encoder.encode(AlarmEvent(0, AlarmKind.ASYSTOLE, Priority.HIGH, AlarmState.UPDATED, 360, {}))
    high = AlarmEvent(720, AlarmKind.EXTREME_TACHYCARDIA, Priority.HIGH, AlarmState.OPENED, 360, {})
    encoder.encode(high)
    assert encoder.tick(0.0, START) == []
    *raised, _ = encoder.tick(120.0, START)
    assert [(body(each)["state"], body(each)["escalations"]) for each in raised] == [("escalated", 1)]
    encoder.board.snooze(AlarmKind.PAUSE, 60, now_s=120.0, time=START)
    event, state = encoder.notices(encoder.board.acknowledge(encoder.board.alarms[1:], START), START)
    assert body(event)["state"] == "acknowledged"
    assert body(event)["acknowledged"] == "2024-05-01T12:00:00.000Z"
    assert body(state)["snoozes"] == [{"kind": "pause", "until": "2024-05-01T12:01:00.000Z"}]
    (snoozed, _) = encoder.encode(alarm(AlarmState.OPENED))
    assert body(snoozed)["snoozed_until"] == "2024-05-01T12:01:00.000Z"
    (state,) = encoder.tick(180.0, START)  # the snooze has ended, and that is told
    assert "snoozes" not in body(state)


def test_a_strip_carries_its_samples_with_their_scale(encoder: Encoder) -> None:
    samples_mv = np.array([250.0, 250.1, np.nan, 249.0])
    message = encoder.strip(Strip("a-b", START, 500.0, samples_mv, index=720))
    content = body(message)
    adc = np.frombuffer(base64.b64decode(content["samples"]), dtype="<i2")

    assert (message.topic, message.qos, message.retain) == ("ecg/bed-3/strip/a-b", 1, False)
    assert (message.expiry_s, message.durable) == (86400, True)
    assert (content["schema"], content["time"], content["uuid"]) == ("strip/1", "2024-05-01T12:00:00.000Z", "a-b")
    assert (content["rate_hz"], content["index"]) == (500.0, 720)
    assert (adc == content["missing"]).tolist() == [False, False, True, False]
    assert (adc * content["mv_per_step"] + content["offset_mv"])[[0, 1, 3]] == pytest.approx(samples_mv[[0, 1, 3]])
