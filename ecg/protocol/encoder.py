"""From events to MQTT messages: topic, payload and how each is to be delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import msgspec

from ecg.alarms.active import Board
from ecg.alarms.kinds import AlarmEvent
from ecg.alarms.settings import AlarmSettings
from ecg.events import Event, Vitals
from ecg.protocol.message import Message, rfc3339
from ecg.protocol.payloads import (
    AlarmEntry,
    AlarmsPayload,
    BeatEntry,
    BeatsPayload,
    Info,
    MachineState,
    ReplyPayload,
    SnoozeEntry,
    StripPayload,
    SummaryPayload,
    VitalsPayload,
)
from ecg.protocol.topics import Topics
from ecg.protocol.wording import SENTENCES
from ecg.samples import Beat
from ecg.scale import GAIN_PER_MV, MISSING, Scale
from ecg.summary.periods import Periods
from ecg.summary.tally import MinuteSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecg.alarms.active import ActiveAlarm, Notice
    from ecg.protocol.commands import Answer, Command
    from ecg.summary.periods import PeriodSummary
    from ecg.summary.tally import Extreme, Tally
    from edge.storage.strips import Strip

__all__ = [
    "MACHINE_EXPIRY_S",
    "VITALS_EXPIRY_S",
    "Encoder",
    "Info",
    "MachineState",
]

VITALS_EXPIRY_S = 30
"""A heart rate older than this is worse than none."""

MACHINE_EXPIRY_S = 120
"""Battery and storage change slowly; told each 30 s, they may be missed a few times."""

REPLY_EXPIRY_S = 60
"""As long as a command lives: later nobody waits for its answer."""

STRIP_EXPIRY_S = 86400
"""Who has not asked for a strip within a day finds it in the recording."""


def _plain(value: Any) -> Any:
    """Turn a numpy scalar that found its way into evidence into the Python number it holds."""
    item = getattr(value, "item", None)
    if item is None:
        raise NotImplementedError(f"Objects of type {type(value)} cannot be a message")
    return item()


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


class Encoder:
    """Turns the events of one session into messages; what becomes of alarms in between is the board's.

    An alarm's UUID is derived from the session, its kind and its onset, so it is the same in each message of its life.

    Args:
        device_id: the device's pseudonym.
        utc_of_index: the moment of a 360 Hz index, as an aware datetime.
        session: names this run of the monitor; a new one for each start.
        board: takes every alarm; the caller may acknowledge and snooze on it.
        periods: takes every minute and adds up hours and days.

    Attributes:
        last_vitals, last_event: the last messages of these; None before the first.
    """

    def __init__(
        self,
        device_id: str,
        utc_of_index: Callable[[int], datetime],
        session: UUID,
        *,
        board: Board | None = None,
        periods: Periods | None = None,
    ) -> None:
        self.topics = Topics(device_id)
        self.periods = periods or Periods()
        self.board = board or Board(AlarmSettings())
        self.last_vitals: Message | None = None
        self.last_event: Message | None = None
        self._device = device_id
        self._utc_of_index = utc_of_index
        self._session = session
        self._alarms_time: datetime | None = None
        self._beats: list[BeatEntry] = []
        self._json = msgspec.json.Encoder()

    def encode(self, event: Event) -> list[Message]:
        """Give the messages that an event causes, in the order in which they are to be sent.

        Beats are collected and go out with the next vitals; gaps and rhythm changes have no message of their own (an
        alarm or the vitals tell of them).
        """
        if isinstance(event, Beat):
            self._beats.append(self._beat(event))
            return []
        if isinstance(event, Vitals):
            return [*self.flush(), self._vitals(event)]
        if isinstance(event, AlarmEvent):
            onset, time = self._utc_of_index(event.onset_index), self._utc_of_index(event.index)
            return self._take(event, onset=onset, onset_index=event.onset_index, time=time)
        if isinstance(event, MinuteSummary):
            return [self._minute(event), *map(self._period, self.periods.add(event, self._utc_of_index))]
        return []

    def machine(self, event: AlarmEvent, utc_of_index: Callable[[int], datetime]) -> list[Message]:
        """Give the messages of an alarm of the machine, whose indices are on another clock."""
        onset, time = utc_of_index(event.onset_index), utc_of_index(event.index)
        return self._take(event, onset=onset, onset_index=None, time=time)

    def tick(self, now_s: float, time: datetime) -> list[Message]:
        """Give what the passing of time causes on the board; see there for the two clocks."""
        before = self.board.revision
        notices = self.board.tick(now_s, time)
        return self.notices(notices, time) if self.board.revision != before else []

    def notices(self, notices: Iterable[Notice], time: datetime) -> list[Message]:
        """Give the messages of a change on the board: what happened to alarms, and the set as it is now."""
        self._alarms_time = time
        return [*map(self._event, notices), self.alarms()]

    def reply(self, command: Command, answer: Answer, time: datetime) -> Message:
        """Give the answer to a command, on its response topic or, where it has none, on the device's own.

        Under `ecg/` only `ecg/<device_id>/reply` and what is below it is taken as a response topic: nobody can make
        this device write a message that looks like another one of it, or like a command.
        """
        topic = command.reply_topic or ""
        own = topic == self.topics.reply or topic.startswith(f"{self.topics.reply}/")
        usable = topic and not set(topic) & set("+#\0") and (own or not topic.startswith(("ecg/", "$")))
        payload = ReplyPayload(
            schema="reply/1",
            device=self._device,
            time=rfc3339(time),
            command=command.verb,
            ok=answer.ok,
            text=answer.text,
            id=answer.id,
            **answer.result,
        )
        return Message(
            topic if usable else self.topics.reply,
            self._json.encode(payload),
            qos=1,
            expiry_s=REPLY_EXPIRY_S,
            correlation=command.correlation,
        )

    def uuid(self, event: AlarmEvent) -> str:
        """Give the UUID of the alarm that an event, not yet encoded, tells of; the same for its whole life."""
        known = self.board.active(event.kind)
        return known.uuid if known is not None else str(uuid5(self._session, f"{event.kind.value}/{event.onset_index}"))

    def flush(self) -> list[Message]:
        """Give the beats that still wait for the next vitals; at the end of a stream there is none."""
        if not self._beats:
            return []
        beats, self._beats = self._beats, []
        payload = BeatsPayload(schema="beats/1", device=self._device, time=beats[-1].time, beats=beats)
        return [Message(self.topics.beats, self._json.encode(payload), expiry_s=VITALS_EXPIRY_S)]

    def unfinished(self) -> list[Message]:
        """Give the hour and the day that are not over, where no more of them will come."""
        return [self._period(period) for period in self.periods.finish()]

    def today(self) -> Message | None:
        """Give the day that is not over, as far as its minutes are known; None before the first."""
        return next((self._period(each) for each in self.periods.unfinished if each.name == "day"), None)

    def no_samples(self, moment: datetime) -> Message:
        """Give vitals for a moment at which the front end delivers nothing: all that is known is that."""
        payload = VitalsPayload(schema="vitals/1", device=self._device, time=rfc3339(moment), faults=("no_samples",))
        self.last_vitals = Message(self.topics.vitals, self._json.encode(payload), expiry_s=VITALS_EXPIRY_S)
        return self.last_vitals

    def alarms(self) -> Message:
        """Give the retained set of alarms now active; empty until the first alarm of the session."""
        until = {snooze.kind: snooze.until for snooze in self.board.snoozes}
        payload = AlarmsPayload(
            schema="alarms/2",
            device=self._device,
            time=rfc3339(self._alarms_time) if self._alarms_time is not None else self._time(0),
            alarms=[self._alarm(alarm, until.get(alarm.kind)) for alarm in self.board.alarms],
            snoozes=[SnoozeEntry(kind=each.kind, until=rfc3339(each.until)) for each in self.board.snoozes],
        )
        return Message(self.topics.alarms, self._json.encode(payload), qos=1, retain=True)

    def strip(self, strip: Strip) -> Message:
        """Give the ECG around an event, or what was asked for."""
        scale = Scale.around(strip.samples_mv)
        payload = StripPayload(
            schema="strip/1",
            device=self._device,
            time=rfc3339(strip.start),
            uuid=strip.uuid,
            index=strip.index,
            rate_hz=strip.rate_hz,
            mv_per_step=1 / GAIN_PER_MV,
            offset_mv=round(scale.middle_mv),
            missing=MISSING,
            samples=scale.to_numbers(strip.samples_mv).astype("<i2").tobytes(),
        )
        topic = self.topics.strip(strip.uuid)
        return Message(topic, self._json.encode(payload), qos=1, expiry_s=STRIP_EXPIRY_S, durable=True)

    def info(self, info: Info, moment: datetime) -> Message:
        """Give the retained description of the device."""
        head = {"schema": "info/1", "device": self._device, "time": rfc3339(moment)}
        payload = head | msgspec.to_builtins(info)
        return Message(self.topics.info, self._json.encode(payload), qos=1, retain=True)

    def machine_state(self, state: MachineState, moment: datetime) -> Message:
        """Give how the machine is."""
        head = {"schema": "machine/1", "device": self._device, "time": rfc3339(moment)}
        payload = head | msgspec.to_builtins(state)
        return Message(self.topics.machine, self._json.encode(payload), expiry_s=MACHINE_EXPIRY_S)

    def _time(self, index: int) -> str:
        return rfc3339(self._utc_of_index(index))

    def _beat(self, beat: Beat) -> BeatEntry:
        return BeatEntry(
            time=self._time(beat.index),
            index=beat.index,
            label=beat.label,
            rr_ms=_round(beat.rr_ms, 1),
            probability=_round(beat.probability, 3),
            r_mv=_round(beat.r_mv, 3),
        )

    def _vitals(self, vitals: Vitals) -> Message:
        payload = VitalsPayload(
            schema="vitals/1",
            device=self._device,
            time=self._time(vitals.index),
            index=vitals.index,
            heart_rate_bpm=_round(vitals.heart_rate_bpm, 1),
            rhythm=vitals.rhythm,
            quality=_round(vitals.quality, 2),
            faults=vitals.faults,
            electrodes=vitals.electrodes,
        )
        self.last_vitals = Message(self.topics.vitals, self._json.encode(payload), expiry_s=VITALS_EXPIRY_S)
        return self.last_vitals

    def _take(self, event: AlarmEvent, *, onset: datetime, onset_index: int | None, time: datetime) -> list[Message]:
        event = replace(event, evidence=msgspec.to_builtins(event.evidence, enc_hook=_plain))
        notice = self.board.take(event, uuid=self.uuid(event), onset=onset, onset_index=onset_index, time=time)
        return [] if notice is None else self.notices([notice], time)

    def _event(self, notice: Notice) -> Message:
        head = {"schema": "event/2", "device": self._device, "time": rfc3339(notice.time)}
        payload = head | msgspec.to_builtins(self._alarm(notice.alarm, notice.snoozed_until))
        self.last_event = Message(self.topics.event, self._json.encode(payload), qos=1, durable=True)
        return self.last_event

    @staticmethod
    def _alarm(alarm: ActiveAlarm, snoozed_until: datetime | None) -> AlarmEntry:
        return AlarmEntry(
            uuid=alarm.uuid,
            kind=alarm.kind,
            priority=alarm.priority,
            state=alarm.state,
            onset=rfc3339(alarm.onset),
            onset_index=alarm.onset_index,
            text=SENTENCES[alarm.kind],
            evidence=alarm.evidence,
            acknowledged=None if alarm.acknowledged is None else rfc3339(alarm.acknowledged),
            acknowledged_by=alarm.acknowledged_by,
            escalations=alarm.escalations,
            snoozed_until=None if snoozed_until is None else rfc3339(snoozed_until),
        )

    def _minute(self, summary: MinuteSummary) -> Message:
        return self._summary(
            "minute",
            start=self._utc_of_index(summary.index),
            end=self._utc_of_index(summary.index + summary.tally.duration),
            tally=summary.tally,
            utc=self._utc_of_index,
        )

    def _period(self, period: PeriodSummary) -> Message:
        return self._summary(
            period.name,
            start=period.start,
            end=period.end,
            tally=period.tally,
            utc=lambda unix_ms: datetime.fromtimestamp(unix_ms / 1000, UTC),
        )

    def _summary(
        self, name: str, *, start: datetime, end: datetime, tally: Tally, utc: Callable[[int], datetime]
    ) -> Message:
        def when(extreme: Extreme | None) -> str | None:
            return None if extreme is None else rfc3339(utc(extreme.moment))

        payload = SummaryPayload(
            schema=f"summary.{name}/2",
            device=self._device,
            time=rfc3339(end),
            start=rfc3339(start),
            duration_s=tally.duration_s,
            beats=tally.beats,
            heart_rate_min_bpm=tally.heart_rate_min_bpm,
            heart_rate_min_time=when(tally.slowest),
            heart_rate_mean_bpm=tally.heart_rate_mean_bpm,
            heart_rate_max_bpm=tally.heart_rate_max_bpm,
            heart_rate_max_time=when(tally.fastest),
            sdnn_ms=_round(tally.sdnn_ms, 1),
            rmssd_ms=_round(tally.rmssd_ms, 1),
            pnn50=_round(tally.pnn50, 4),
            longest_rr_ms=tally.longest_rr_ms,
            longest_rr_time=when(tally.longest),
            ectopic_burden=_round(tally.ectopic_burden, 4),
            ventricular_burden=_round(tally.ventricular_burden, 4),
            atrial_fibrillation_s=tally.fibrillation_s,
            atrial_fibrillation_burden=_round(tally.fibrillation_burden, 4),
            good_signal_s=tally.good_signal_s,
            good_signal_share=_round(tally.good_signal_share, 4),
            lost_s=tally.lost_s,
        )
        return Message(self.topics.summary(name), self._json.encode(payload), qos=1, durable=True)
