"""Settings of the life of an alarm."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["AlarmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSettings:
    """What happens to an alarm after it has opened."""

    escalate_min: Annotated[
        float, Setting("A high alarm is raised again at this interval until somebody acknowledges it.", over=0)
    ] = 2.0
    snooze_max_min: Annotated[
        float, Setting("Longest time for which an alarm kind can be snoozed or the buzzer muted.", over=0)
    ] = 60.0
