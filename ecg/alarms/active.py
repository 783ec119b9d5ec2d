"""The board of active alarms: who acknowledged what, what is snoozed until when, what must be raised again.

Pure: the time comes with each call, on two clocks. `now_s` never jumps and decides; the datetime is what people read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.alarms.settings import AlarmSettings

__all__ = ["ActiveAlarm", "Board", "BoardState", "Notice", "Snooze"]

CARRY_S: Final = 120.0
"""An alarm that a crash or power cut left open waits so long for its cause to be seen again: fibrillation needs its
window of 32 beats and its hold time of 30 s."""

_LOUDNESS: Final = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)


class ActiveAlarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alarm that was opened and not closed.

    Attributes:
        uuid: names it in each of its messages.
        kind, priority: what it tells of.
        state: the last thing that happened to it.
        onset: when what it tells of began; the first answer stays.
        onset_index: the same as a 360 Hz index of the session; None for an alarm of the machine.
        evidence: what the last decision rests on.
        acknowledged: when somebody said that they know; None while nobody did.
        acknowledged_by: who, as they call themselves, or the way by which they said so.
        escalations: how often it was raised again since.
    """

    uuid: str
    kind: AlarmKind
    priority: Priority
    state: AlarmState
    onset: datetime
    onset_index: int | None = None
    evidence: dict[str, Any]
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    escalations: int = 0


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """A kind that shall not sound or escalate for a time.

    Attributes:
        kind: which; None is all of them, the buzzer is muted.
        until: its end, for people.
        granted_s: its length.
    """

    kind: AlarmKind | None
    until: datetime
    granted_s: float


class BoardState(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known after a restart."""

    alarms: list[ActiveAlarm]
    snoozes: list[Snooze]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to an alarm at `time`; `snoozed_until` where its kind is snoozed."""

    time: datetime
    alarm: ActiveAlarm
    snoozed_until: datetime | None


class Board:
    """The active alarms, at most one of each kind, and the snoozes.

    What several watchers tell of one kind (no samples: the signal path by its gaps, the machine by its clock) is one
    alarm: it opens with the first and closes with the last of them.

    A high alarm that nobody acknowledges is raised again as `escalated`, with a count, each `escalate_min`. A snoozed
    kind is told and recorded as ever, marked as snoozed, but neither escalates nor sounds; with the end of the snooze
    the time to the next escalation begins anew. Muting silences the buzzer for all kinds and nothing else, and a high
    alarm that is raised ends it. Snoozes and muting end by themselves, also over a restart and when the clock is set.

    Alarms that a crash left open stay active for two minutes after the restart. One whose kind opens again meanwhile
    goes on as the same alarm, acknowledgement included; the others are closed with `restart` as the reason.

    Args:
        settings: times.
        state: what `state` said before the restart.

    Attributes:
        revision: grows with each change, so that a caller knows when to publish and to keep the state.
    """

    def __init__(self, settings: AlarmSettings, state: BoardState | None = None) -> None:
        self.revision = 0
        self.max_snooze_s = 60 * settings.snooze_max_min
        self._escalate_s = 60 * settings.escalate_min
        self._active: dict[AlarmKind, ActiveAlarm] = {}
        self._escalations_due_s: dict[AlarmKind, float] = {}
        self._told_by: Counter[AlarmKind] = Counter()  # how many watchers have opened it and not closed it
        self._carried: set[AlarmKind] = set()
        self._carried_until_s: float | None = None
        self._snoozes: dict[AlarmKind | None, Snooze] = {}
        self._snooze_ends_s: dict[AlarmKind | None, float] = {}  # of those that `tick` has seen
        if state is not None:
            self._active = {alarm.kind: alarm for alarm in state.alarms}
            self._carried = set(self._active)
            self._snoozes = {snooze.kind: snooze for snooze in state.snoozes}

    @property
    def state(self) -> BoardState:
        """What must be known after a restart."""
        return BoardState(alarms=self.alarms, snoozes=self.snoozes)

    @property
    def alarms(self) -> list[ActiveAlarm]:
        """The active alarms, the oldest first."""
        return list(self._active.values())

    def active(self, kind: AlarmKind) -> ActiveAlarm | None:
        """Give the active alarm of a kind."""
        return self._active.get(kind)

    @property
    def snoozes(self) -> list[Snooze]:
        """What is snoozed now."""
        return list(self._snoozes.values())

    @property
    def visible(self) -> Priority | None:
        """The highest priority of all active alarms."""
        return _loudest(self._active.values())

    @property
    def audible(self) -> Priority | None:
        """The highest priority that shall sound."""
        if None in self._snoozes:
            return None
        return _loudest(
            alarm for alarm in self._active.values() if not alarm.acknowledged and alarm.kind not in self._snoozes
        )

    def take(
        self, event: AlarmEvent, *, uuid: str, onset: datetime, onset_index: int | None, time: datetime
    ) -> Notice | None:
        """Take what a rule decided; None where another watcher still tells of the same.

        Args:
            event: its decision.
            uuid: names the alarm if it is a new one.
            onset: the moment of its onset.
            onset_index: its onset in the signal, if it has one there.
            time: the moment of the decision.
        """
        known = self._active.get(event.kind)
        if event.state is AlarmState.OPENED:
            self._told_by[event.kind] += 1
        elif event.state is AlarmState.CLOSED:
            self._told_by[event.kind] -= 1
            if self._told_by[event.kind] > 0:
                return None
        if known is None:
            alarm = ActiveAlarm(
                uuid=uuid,
                kind=event.kind,
                priority=event.priority,
                state=event.state,
                onset=onset,
                onset_index=onset_index,
                evidence=event.evidence,
            )
        else:
            # The cause of a carried alarm is seen again: to a caregiver that is no new alarm.
            state = AlarmState.UPDATED if event.state is AlarmState.OPENED else event.state
            index = onset_index if event.kind in self._carried else known.onset_index
            alarm = msgspec.structs.replace(known, state=state, evidence=event.evidence, onset_index=index)
        self._carried.discard(event.kind)
        return self._put(alarm, time)

    def acknowledge(self, alarms: Iterable[ActiveAlarm], time: datetime, *, by: str | None = None) -> list[Notice]:
        """Note that somebody knows of these; what was acknowledged before gives no notice."""
        state = AlarmState.ACKNOWLEDGED
        return [
            self._put(msgspec.structs.replace(alarm, state=state, acknowledged=time, acknowledged_by=by), time)
            for alarm in alarms
            if alarm.acknowledged is None
        ]

    def snooze(self, kind: AlarmKind | None, duration_s: float, *, now_s: float, time: datetime) -> Snooze | None:
        """Keep a kind (None: the buzzer) silent for a time up to `max_snooze_s`; a time of 0 ends a snooze."""
        self.revision += 1
        self._end_snooze(kind)
        if duration_s <= 0:
            return None
        granted_s = min(duration_s, self.max_snooze_s)
        snooze = Snooze(kind=kind, until=time + timedelta(seconds=granted_s), granted_s=granted_s)
        self._snoozes[kind] = snooze
        self._snooze_ends_s[kind] = now_s + granted_s
        return snooze

    def tick(self, now_s: float, time: datetime) -> list[Notice]:
        """Do what is due: end snoozes, close what a restart left behind, raise high alarms again."""
        if not self._active and not self._snoozes:
            return []
        self._end_snoozes(now_s, time)
        return [*self._drop_carried(now_s, time), *self._escalate(now_s, time)]

    def _end_snoozes(self, now_s: float, time: datetime) -> None:
        for kind, snooze in list(self._snoozes.items()):
            if kind not in self._snooze_ends_s:  # from before a restart; the clock may have been set meanwhile
                left_s = min((snooze.until - time).total_seconds(), snooze.granted_s, self.max_snooze_s)
                self._snoozes[kind] = msgspec.structs.replace(
                    snooze, until=time + timedelta(seconds=max(left_s, 0.0)), granted_s=max(left_s, 0.0)
                )
                self._snooze_ends_s[kind] = now_s + left_s
                self.revision += 1
            if now_s >= self._snooze_ends_s[kind]:
                self._end_snooze(kind)

    def _end_snooze(self, kind: AlarmKind | None) -> None:
        if self._snoozes.pop(kind, None) is not None:
            self.revision += 1
        self._snooze_ends_s.pop(kind, None)

    def _drop_carried(self, now_s: float, time: datetime) -> list[Notice]:
        if not self._carried:
            return []
        if self._carried_until_s is None:
            self._carried_until_s = now_s + CARRY_S
        if now_s < self._carried_until_s:
            return []
        evidence = {"reason": Reason.RESTART.value}
        left = [self._active[kind] for kind in self._active if kind in self._carried]
        self._carried.clear()
        return [
            self._put(msgspec.structs.replace(alarm, state=AlarmState.CLOSED, evidence=evidence), time)
            for alarm in left
        ]

    def _escalate(self, now_s: float, time: datetime) -> list[Notice]:
        notices = []
        for kind, alarm in list(self._active.items()):
            if alarm.priority is not Priority.HIGH or alarm.acknowledged or kind in self._snoozes:
                self._escalations_due_s.pop(kind, None)
                continue
            due_s = self._escalations_due_s.setdefault(kind, now_s + self._escalate_s)
            if now_s >= due_s:
                self._escalations_due_s[kind] = now_s + self._escalate_s
                raised = msgspec.structs.replace(alarm, state=AlarmState.ESCALATED, escalations=alarm.escalations + 1)
                notices.append(self._put(raised, time))
        return notices

    def _put(self, alarm: ActiveAlarm, time: datetime) -> Notice:
        self.revision += 1
        if alarm.state is AlarmState.CLOSED:
            self._active.pop(alarm.kind, None)
            self._told_by.pop(alarm.kind, None)
            self._escalations_due_s.pop(alarm.kind, None)
        else:
            self._active[alarm.kind] = alarm
        if alarm.priority is Priority.HIGH and alarm.state in {AlarmState.OPENED, AlarmState.ESCALATED}:
            self._end_snooze(None)
        snooze = self._snoozes.get(alarm.kind)
        return Notice(time, alarm, snooze.until if snooze else None)


def _loudest(alarms: Iterable[ActiveAlarm]) -> Priority | None:
    return max((alarm.priority for alarm in alarms), key=_LOUDNESS.index, default=None)
