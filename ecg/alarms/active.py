"""The alarms that are active, and what is silenced: values, as they are told and as they are kept over a restart."""

# The types of the fields must be there at runtime: what keeps the state over a restart reads them.
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecg.alarms.kinds import AlarmKind, AlarmState, Priority

__all__ = ["ActiveAlarm", "AlarmServiceState", "Alive", "Snooze"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveAlarm:
    """An alarm that was opened; in the notice of its end, one that was just closed.

    Attributes:
        uuid: names it in each of its messages.
        kind, priority: what it tells of.
        state: the last thing that happened to it.
        onset: when what it tells of began; the first answer stays.
        onset_index: the same as a 360 Hz index of the session; None for an alarm of the host.
        evidence: what the last decision rests on.
        unseen_since: from when on nobody can see whether it goes on; None while it is seen.
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
    unseen_since: datetime | None = None
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    escalations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A kind that neither sounds nor escalates for a time.

    Attributes:
        kind: which; None is all of them: the buzzer is muted.
        until: its end, for people.
        granted_s: its length; in what is kept over a restart, what is left of it.
    """

    kind: AlarmKind | None
    until: datetime
    granted_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """A moment at which the monitor was running.

    Attributes:
        wall: by the wall clock, which may be set.
        boot_id: names the start of the machine; empty where it has no name.
        boottime_s: since that start, with the time that the machine slept; no one can set it.
    """

    wall: datetime
    boot_id: str
    boottime_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmServiceState:
    """What must be known after a restart.

    Attributes:
        alarms: those that are active.
        snoozes: what is silenced, each with what is left of its length.
        alive: when this was kept; None in what version 0.1.0 kept.
    """

    alarms: list[ActiveAlarm]
    snoozes: list[Snooze]
    alive: Alive | None = None
