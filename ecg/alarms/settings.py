"""Settings of the life of an alarm."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["AlarmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSettings:
    """What happens to an alarm after it has opened."""

    # At most 60: an alarm that nobody has seen is told again within the hour.
    escalate_min: Annotated[
        float,
        Setting("A high alarm is raised again at this interval until somebody acknowledges it.", over=0, at_most=60),
    ] = 2.0
    # At most 480: one shift.
    snooze_max_min: Annotated[
        float, Setting("Longest time for which an alarm kind can be snoozed or the buzzer muted.", over=0, at_most=480)
    ] = 60.0
