"""What the alarm service tells its listeners, as values: each says all that a message, a screen or a buzzer needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import Priority

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecg.alarms.active import ActiveAlarm, Snooze

__all__ = ["ActiveAlarmsNotice", "AlarmNotice"]

_RISING: Final = (Priority.LOW, Priority.MEDIUM, Priority.HIGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmNotice:
    """Something happened to an alarm.

    Attributes:
        time: when it was decided.
        alarm: as it is now; closed, if that is what happened.
        snoozed_until: the end of its kind's snooze; None where there is none.
    """

    time: datetime
    alarm: ActiveAlarm
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveAlarmsNotice:
    """The set of active alarms.

    Attributes:
        time: of its last change.
        alarms: the oldest first.
        snoozes: what is silenced.
    """

    time: datetime
    alarms: tuple[ActiveAlarm, ...]
    snoozes: tuple[Snooze, ...]

    @property
    def visible(self) -> Priority | None:
        """The highest priority of all active alarms."""
        return _highest(self.alarms)

    @property
    def audible(self) -> Priority | None:
        """The highest priority that shall sound: not acknowledged, not snoozed, and the buzzer is not muted."""
        silent = {snooze.kind for snooze in self.snoozes}
        if None in silent:
            return None
        return _highest(alarm for alarm in self.alarms if not alarm.acknowledged and alarm.kind not in silent)


def _highest(alarms: Iterable[ActiveAlarm]) -> Priority | None:
    return max((alarm.priority for alarm in alarms), key=_RISING.index, default=None)
