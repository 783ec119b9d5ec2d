"""From a notice to its message. Each function is pure: the same notice gives the same bytes, in any order of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.notices import BeatsNotice, Notice, Strip, VitalsNotice
from ecg.protocol.message import Message, Urgency, rfc3339
from ecg.protocol.payloads import (
    AlarmEntry,
    AlarmsPayload,
    BeatEntry,
    BeatsPayload,
    ReplyPayload,
    SnoozeEntry,
    StripPayload,
    SummaryPayload,
    VitalsPayload,
)
from ecg.protocol.topics import Topics
from ecg.protocol.wording import sentence
from ecg.scale import GAIN_PER_MV, MISSING, Scale

if TYPE_CHECKING:
    from datetime import datetime

    from ecg.alarms.active import ActiveAlarm
    from ecg.protocol.commands import Answer, Command
    from ecg.protocol.payloads import HostState, Info
    from ecg.samples import Beat
    from ecg.summary.summaries import Summary

__all__ = ["HOST_EXPIRY_S", "VITALS_EXPIRY_S", "encode", "host_message", "info_message", "reply_message"]

VITALS_EXPIRY_S: Final = 30
"""A heart rate older than this is worse than none."""

HOST_EXPIRY_S: Final = 120
"""Battery and storage change slowly; told each 30 s, they may be missed a few times."""

REPLY_EXPIRY_S: Final = 60
"""As long as a command lives: later nobody waits for its answer."""

STRIP_EXPIRY_S: Final = 86400
"""Who has not asked for a strip within a day finds it in the recording."""


def encode(notice: Notice, device_id: str) -> Message:
    """Give the message of a notice.

    Args:
        notice: what is told.
        device_id: the device's pseudonym.
    """
    topics = Topics(device_id)
    if isinstance(notice, BeatsNotice):
        return _beats(notice, topics)
    if isinstance(notice, VitalsNotice):
        return _vitals(notice, topics)
    if isinstance(notice, AlarmNotice):
        return _event(notice, topics)
    if isinstance(notice, ActiveAlarmsNotice):
        return _alarms(notice, topics)
    if isinstance(notice, Strip):
        return _strip(notice, topics)
    return _summary(notice, topics)


def info_message(info: Info, time: datetime, device_id: str) -> Message:
    """Give the retained description of the device, true at `time`."""
    topics = Topics(device_id)
    return Message(topics.info, _headed("info/1", info, time, topics), qos=1, retain=True)


def host_message(state: HostState, time: datetime, device_id: str) -> Message:
    """Give how the machine that the monitor runs on is at `time`."""
    topics = Topics(device_id)
    return Message(topics.machine, _headed("machine/1", state, time, topics), expiry_s=HOST_EXPIRY_S)


def reply_message(command: Command, answer: Answer, time: datetime, device_id: str) -> Message:
    """Give the answer to a command, on its response topic or, where it has none, on the device's own.

    Only `ecg/<device_id>/reply` and what is below it is taken as a response topic: whoever may give commands may read
    there, and nobody can make this device write where the sender may not, such as Home Assistant's discovery. An answer
    to any other topic goes to `ecg/<device_id>/reply`.
    """
    topics = Topics(device_id)
    topic = command.reply_topic or ""
    own = topic == topics.reply or topic.startswith(f"{topics.reply}/")
    usable = own and not set(topic) & set("+#\0")
    payload = ReplyPayload(
        schema="reply/1",
        device=device_id,
        time=rfc3339(time),
        command=command.verb,
        ok=answer.ok,
        text=answer.text,
        id=answer.id,
        **answer.result,
    )
    return Message(
        topic if usable else topics.reply,
        msgspec.json.encode(payload),
        qos=1,
        expiry_s=REPLY_EXPIRY_S,
        correlation=command.correlation,
    )


def _headed(schema: str, body: msgspec.Struct, time: datetime, topics: Topics) -> bytes:
    """A body behind the fields that every payload begins with."""
    head = {"schema": schema, "device": topics.device_id, "time": rfc3339(time)}
    return msgspec.json.encode(head | msgspec.to_builtins(body))


def _beats(notice: BeatsNotice, topics: Topics) -> Message:
    beats = [_beat(time, beat) for time, beat in notice.beats]
    payload = BeatsPayload(schema="beats/1", device=topics.device_id, time=beats[-1].time, beats=beats)
    return Message(topics.beats, msgspec.json.encode(payload), expiry_s=VITALS_EXPIRY_S)


def _beat(time: datetime, beat: Beat) -> BeatEntry:
    return BeatEntry(
        time=rfc3339(time),
        index=beat.index,
        label=beat.label,
        rr_ms=_rounded(beat.rr_ms, 1),
        probability=_rounded(beat.probability, 3),
        r_mv=_rounded(beat.r_mv, 3),
    )


def _vitals(notice: VitalsNotice, topics: Topics) -> Message:
    vitals, time = notice.vitals, rfc3339(notice.time)
    if vitals is None:
        payload = VitalsPayload(schema="vitals/1", device=topics.device_id, time=time, faults=("no_samples",))
    else:
        payload = VitalsPayload(
            schema="vitals/1",
            device=topics.device_id,
            time=time,
            index=vitals.index,
            heart_rate_bpm=_rounded(vitals.heart_rate_bpm, 1),
            rhythm=vitals.rhythm,
            quality=_rounded(vitals.quality, 2),
            faults=vitals.faults,
            electrodes=vitals.electrodes,
            pacing_pulses_per_min=_rounded(vitals.pacing_pulses_per_min, 1),
        )
    return Message(topics.vitals, msgspec.json.encode(payload), expiry_s=VITALS_EXPIRY_S)


def _event(notice: AlarmNotice, topics: Topics) -> Message:
    entry = _alarm(notice.alarm, notice.snoozed_until)
    payload = _headed("event/2", entry, notice.time, topics)
    return Message(topics.event, payload, qos=1, durable=True, urgency=Urgency.ALARM)


def _alarms(notice: ActiveAlarmsNotice, topics: Topics) -> Message:
    until = {snooze.kind: snooze.until for snooze in notice.snoozes}
    payload = AlarmsPayload(
        schema="alarms/2",
        device=topics.device_id,
        time=rfc3339(notice.time),
        alarms=[_alarm(alarm, until.get(alarm.kind)) for alarm in notice.alarms],
        snoozes=[SnoozeEntry(kind=snooze.kind, until=rfc3339(snooze.until)) for snooze in notice.snoozes],
    )
    return Message(topics.alarms, msgspec.json.encode(payload), qos=1, retain=True)


def _alarm(alarm: ActiveAlarm, snoozed_until: datetime | None) -> AlarmEntry:
    return AlarmEntry(
        uuid=alarm.uuid,
        kind=alarm.kind,
        priority=alarm.priority,
        state=alarm.state,
        onset=rfc3339(alarm.onset),
        onset_index=alarm.onset_index,
        text=sentence(alarm.kind, unseen=None if alarm.unseen_since is None else alarm.evidence.get("unseen")),
        evidence=alarm.evidence,
        unseen_since=_moment(alarm.unseen_since),
        acknowledged=_moment(alarm.acknowledged),
        acknowledged_by=alarm.acknowledged_by,
        escalations=alarm.escalations,
        snoozed_until=_moment(snoozed_until),
    )


def _strip(strip: Strip, topics: Topics) -> Message:
    scale = Scale.around(strip.samples_mv)
    payload = StripPayload(
        schema="strip/1",
        device=topics.device_id,
        time=rfc3339(strip.start),
        uuid=strip.uuid,
        index=strip.index,
        rate_hz=strip.rate_hz,
        mv_per_step=1 / GAIN_PER_MV,
        offset_mv=round(scale.middle_mv),
        missing=MISSING,
        samples=scale.to_numbers(strip.samples_mv).astype("<i2").tobytes(),
    )
    return Message(
        topics.strip(strip.uuid),
        msgspec.json.encode(payload),
        qos=1,
        expiry_s=STRIP_EXPIRY_S,
        durable=True,
        urgency=Urgency.BULK,
    )


def _summary(summary: Summary, topics: Topics) -> Message:
    tally = summary.tally
    payload = SummaryPayload(
        schema=f"summary.{summary.name}/2",
        device=topics.device_id,
        time=rfc3339(summary.end),
        start=rfc3339(summary.start),
        duration_s=tally.duration_s,
        beats=tally.beats,
        heart_rate_min_bpm=tally.heart_rate_min_bpm,
        heart_rate_min_time=_moment(summary.slowest_at),
        heart_rate_mean_bpm=tally.heart_rate_mean_bpm,
        heart_rate_max_bpm=tally.heart_rate_max_bpm,
        heart_rate_max_time=_moment(summary.fastest_at),
        sdnn_ms=_rounded(tally.sdnn_ms, 1),
        rmssd_ms=_rounded(tally.rmssd_ms, 1),
        pnn50=_rounded(tally.pnn50, 4),
        longest_rr_ms=tally.longest_rr_ms,
        longest_rr_time=_moment(summary.longest_at),
        ectopic_burden=_rounded(tally.ectopic_burden, 4),
        ventricular_burden=_rounded(tally.ventricular_burden, 4),
        atrial_fibrillation_s=tally.atrial_fibrillation_s,
        atrial_fibrillation_burden=_rounded(tally.atrial_fibrillation_burden, 4),
        good_signal_s=tally.good_signal_s,
        good_signal_share=_rounded(tally.good_signal_share, 4),
        lost_s=tally.lost_s,
    )
    return Message(topics.summary(summary.name), msgspec.json.encode(payload), qos=1, durable=True)


def _moment(time: datetime | None) -> str | None:
    return None if time is None else rfc3339(time)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)
