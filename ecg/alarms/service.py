"""The alarm service: what becomes of an alarm once a rule has decided on it.

Who acknowledged it, what is snoozed until when, what must be raised again, and what a restart leaves of all that; the
hours and days that are being added up too. It tells what happened as values (`ecg.alarms.notices`,
`ecg.summary.summaries`), and whoever listens makes of them a message, a sound or a line on a screen.

Pure: the time comes with each call, on two clocks. `now_s` is on a clock that cannot be set, and decides; the datetime
is what people read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from ecg.alarms.active import ActiveAlarm, AlarmServiceState
from ecg.alarms.carry import Carry
from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority, Reason
from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.alarms.snoozes import Snoozes
from ecg.summary.periods import Periods
from ecg.summary.summaries import Summary, minute_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from uuid import UUID

    from ecg.alarms.active import Snooze
    from ecg.alarms.settings import AlarmSettings
    from ecg.summary.periods import Period
    from ecg.summary.tally import MinuteSummary

__all__ = ["AlarmService"]


class AlarmService:
    """The active alarms, at most one of each kind, the snoozes, and the periods in progress.

    What several watchers tell of one kind (no samples: the signal path by its gaps, the host by its clock) is one
    alarm: it opens with the first and closes with the last of them. Its UUID is derived from the session, its kind and
    its onset, so it is the same in each notice of its life.

    A high alarm that nobody acknowledges is raised again as `escalated`, with a count, each `escalate_min`. A snoozed
    kind is told and recorded as ever, marked as snoozed, but neither escalates nor sounds; with the end of the snooze
    the time to the next escalation begins anew. Muting silences the buzzer for all kinds and nothing else, and a high
    alarm that is raised ends it. Snoozes and muting end by themselves, also over a restart and when the clock is set.

    Alarms that a crash left open stay active for two minutes after the restart, if the monitor was away for less than
    that. One whose cause is seen again meanwhile goes on as the same alarm, acknowledgement included (`Carry`). All
    others are closed with `restart` as the reason, and what opens after that is a new alarm that nobody knows of. For a
    high alarm the two minutes are of signal that can be believed: while there is none, it stays active, as unseen.

    Args:
        settings: times.
        session: names this run of the monitor; a new one for each start.
        state: what `state` said before the restart.
        away_s: how long ago that was; None: unknown, and then no alarm is carried on.
        open_periods: what `open_periods` said before the restart.

    Attributes:
        revision: grows with each change of the alarms, so that a caller knows when to keep the state.
    """

    def __init__(
        self,
        settings: AlarmSettings,
        session: UUID,
        *,
        state: AlarmServiceState | None = None,
        away_s: float | None = None,
        open_periods: list[Period] | None = None,
    ) -> None:
        self.revision = 0
        self._session = session
        self._escalate_s = 60 * settings.escalate_min
        self._active = {alarm.kind: alarm for alarm in state.alarms} if state is not None else {}
        self._carry = Carry(self._active, away_s)
        snoozes = state.snoozes if state is not None else ()
        self._snoozes = Snoozes(60 * settings.snooze_max_min, snoozes, away_s=away_s)
        self._escalations_due_s: dict[AlarmKind, float] = {}
        self._told_by: Counter[AlarmKind] = Counter()  # how many watchers have opened it and not closed it
        self._changed_at: datetime | None = None
        self._periods = Periods(open_periods)

    @property
    def state(self) -> AlarmServiceState:
        """What must be known of the alarms after a restart; what is left of a snooze is that of the last `tick`."""
        return AlarmServiceState(alarms=self.alarms, snoozes=self._snoozes.kept)

    @property
    def alarms(self) -> list[ActiveAlarm]:
        """The active alarms, the oldest first."""
        return list(self._active.values())

    @property
    def snoozes(self) -> list[Snooze]:
        """What is snoozed now."""
        return self._snoozes.all

    @property
    def max_snooze_s(self) -> float:
        """The longest snooze that is granted."""
        return self._snoozes.longest_s

    def active_alarms(self, *, unchanged_since: datetime) -> ActiveAlarmsNotice:
        """Give the set as it is now; where nothing has changed yet, its time is `unchanged_since`."""
        return ActiveAlarmsNotice(
            time=self._changed_at or unchanged_since, alarms=tuple(self.alarms), snoozes=tuple(self.snoozes)
        )

    def uuid(self, event: AlarmEvent) -> str:
        """Give the UUID of the alarm that an event, not yet taken, tells of."""
        known = self._active.get(event.kind)
        if known is not None and not self._is_another(event, event.onset_index):
            return known.uuid
        return str(uuid5(self._session, f"{event.kind.value}/{event.onset_index}"))

    def take(
        self,
        event: AlarmEvent,
        *,
        onset: datetime,
        time: datetime,
        onset_index: int | None = None,
        unseen_since: datetime | None = None,
    ) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """Take what a rule decided; nothing is told where another watcher still tells of the same.

        Args:
            event: its decision.
            onset: the moment of its onset.
            time: the moment of the decision.
            onset_index: its onset in the signal, if it has one there.
            unseen_since: the moment from which on it cannot be seen, if it cannot.
        """
        uuid = self.uuid(event)
        notices = []
        if self._is_another(event, onset_index):
            notices = self._close_carried({event.kind}, time)
        known = self._active.get(event.kind)
        evidence = {name: _plain(value) for name, value in event.evidence.items()}
        if event.state is AlarmState.OPENED:
            self._told_by[event.kind] += 1
        elif event.state is AlarmState.CLOSED:
            self._told_by[event.kind] -= 1
            if self._told_by[event.kind] > 0:
                return []
        if known is None:
            alarm = ActiveAlarm(
                uuid=uuid,
                kind=event.kind,
                priority=event.priority,
                state=event.state,
                onset=onset,
                onset_index=onset_index,
                evidence=evidence,
                unseen_since=unseen_since,
            )
        else:
            # The cause of a carried alarm is seen again: to a caregiver that is no new alarm.
            state = AlarmState.UPDATED if event.state is AlarmState.OPENED else event.state
            index = onset_index if event.kind in self._carry else known.onset_index
            alarm = replace(known, state=state, evidence=evidence, onset_index=index, unseen_since=unseen_since)
        self._carry.discard(event.kind)
        return self._told([*notices, self._put(alarm, time)], time)

    def see_beat(self, index: int, time: datetime) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """A heartbeat came at a 360 Hz index; closes what a restart left behind and is over with it."""
        return self._end_carry(self._carry.see_beat(index), time) if self._carry else []

    def see_rhythm(self, index: int, time: datetime, *, normal: bool) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """The rhythm at a 360 Hz index is normal, or another or unknown; closes as `see_beat` does."""
        return self._end_carry(self._carry.see_rhythm(index, normal=normal), time) if self._carry else []

    def see_signal(
        self, index: int, time: datetime, *, unseen: Reason | None
    ) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """The signal at a 360 Hz index can be believed, or cannot; tells what a restart left behind as unseen.

        Args:
            index: of the moment.
            time: of the moment.
            unseen: why the signal cannot be believed; None where it can.
        """
        if not self._carry:
            return []
        since = self._carry.see_signal(index, is_seen=unseen is None)
        if unseen is None or since is None:
            return []
        evidence = {"unseen": unseen.value}
        left = [
            replace(alarm, state=AlarmState.UPDATED, evidence=alarm.evidence | evidence, unseen_since=time)
            for alarm in self.alarms
            if alarm.kind in self._carry and alarm.priority is Priority.HIGH and alarm.unseen_since is None
        ]
        return self._told([self._put(alarm, time) for alarm in left], time) if left else []

    def acknowledge(
        self, alarms: Iterable[ActiveAlarm], time: datetime, *, by: str | None = None
    ) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """Note that somebody knows of these; what was acknowledged before is not told again."""
        state = AlarmState.ACKNOWLEDGED
        notices = [
            self._put(replace(alarm, state=state, acknowledged=time, acknowledged_by=by), time)
            for alarm in alarms
            if alarm.acknowledged is None
        ]
        return self._told(notices, time) if notices else []

    def snooze(
        self, kind: AlarmKind | None, duration_s: float, *, now_s: float, time: datetime
    ) -> tuple[Snooze | None, ActiveAlarmsNotice]:
        """Keep a kind (None: the buzzer) silent for a time up to `max_snooze_s`; a time of 0 ends a snooze."""
        self.revision += 1
        snooze = None
        if duration_s > 0:
            snooze = self._snoozes.begin(kind, duration_s, now_s=now_s, time=time)
        else:
            self._snoozes.end(kind)
        self._changed_at = time
        return snooze, self.active_alarms(unchanged_since=time)

    def tick(self, now_s: float, time: datetime) -> list[AlarmNotice | ActiveAlarmsNotice]:
        """Do what is due: end snoozes, close what a restart left behind, raise high alarms again."""
        if not self._active and not self._snoozes:
            return []
        before = self.revision
        self.revision += self._snoozes.tick(now_s, time)
        known = {alarm.kind for alarm in self.alarms if alarm.acknowledged}
        notices = [*self._close_carried(self._carry.due(now_s, known=known), time), *self._escalate(now_s, time)]
        return self._told(notices, time) if self.revision != before else []

    @property
    def periods_revision(self) -> int:
        """Grows with each change of the periods in progress."""
        return self._periods.revision

    @property
    def open_periods(self) -> list[Period]:
        """What must be known of the periods in progress after a restart."""
        return self._periods.open_periods

    @property
    def today(self) -> Summary | None:
        """The day that is not over, as far as its minutes are known; None before the first."""
        return next((period for period in self._periods.unfinished if period.name == "day"), None)

    def take_minute(self, minute: MinuteSummary, utc_of_index: Callable[[int], datetime]) -> list[Summary]:
        """Take a minute of stream time; give its summary, and those of the hour and the day that are over with it."""
        return [minute_summary(minute, utc_of_index), *self._periods.add(minute, utc_of_index)]

    def finish_periods(self) -> list[Summary]:
        """Give the hour and the day that are not over, where no more of them will come."""
        return self._periods.finish()

    def _told(self, notices: list[AlarmNotice], time: datetime) -> list[AlarmNotice | ActiveAlarmsNotice]:
        self._changed_at = time
        return [*notices, self.active_alarms(unchanged_since=time)]

    def _is_another(self, event: AlarmEvent, onset_index: int | None) -> bool:
        """Whether an alarm opens whose kind is still on the list from before a restart, as another episode of it."""
        is_carried = event.kind in self._carry and event.state is AlarmState.OPENED
        return is_carried and not self._carry.goes_on(event.kind, onset_index)

    def _end_carry(self, over: set[AlarmKind], time: datetime) -> list[AlarmNotice | ActiveAlarmsNotice]:
        return self._told(self._close_carried(over, time), time) if over else []

    def _close_carried(self, kinds: set[AlarmKind], time: datetime) -> list[AlarmNotice]:
        evidence = {"reason": Reason.RESTART.value}
        left = [alarm for alarm in self.alarms if alarm.kind in kinds and alarm.kind in self._carry]
        for alarm in left:
            self._carry.discard(alarm.kind)
        return [self._put(replace(alarm, state=AlarmState.CLOSED, evidence=evidence), time) for alarm in left]

    def _escalate(self, now_s: float, time: datetime) -> list[AlarmNotice]:
        notices = []
        for kind, alarm in list(self._active.items()):
            if alarm.priority is not Priority.HIGH or alarm.acknowledged or kind in self._snoozes:
                self._escalations_due_s.pop(kind, None)
                continue
            due_s = self._escalations_due_s.setdefault(kind, now_s + self._escalate_s)
            if now_s >= due_s:
                self._escalations_due_s[kind] = now_s + self._escalate_s
                raised = replace(alarm, state=AlarmState.ESCALATED, escalations=alarm.escalations + 1)
                notices.append(self._put(raised, time))
        return notices

    def _put(self, alarm: ActiveAlarm, time: datetime) -> AlarmNotice:
        self.revision += 1
        if alarm.state is AlarmState.CLOSED:
            self._active.pop(alarm.kind, None)
            self._told_by.pop(alarm.kind, None)
            self._escalations_due_s.pop(alarm.kind, None)
        else:
            self._active[alarm.kind] = alarm
        if alarm.priority is Priority.HIGH and alarm.state in {AlarmState.OPENED, AlarmState.ESCALATED}:
            self._snoozes.end(None)
        return AlarmNotice(time=time, alarm=alarm, snoozed_until=self._snoozes.until(alarm.kind))


def _plain(value: Any) -> Any:
    """Turn a numpy scalar that found its way into evidence into the Python number it holds."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    item = getattr(value, "item", None)
    return value if item is None else item()
