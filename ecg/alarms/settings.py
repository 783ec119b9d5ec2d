"""Settings of the life of an alarm."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["AlarmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmSettings:
    """What becomes of an alarm once it is told."""

    escalate_min: Annotated[
        float, Setting("A high alarm that nobody acknowledges is raised again after so long, and again.", over=0)
    ] = 2.0
    snooze_max_min: Annotated[
        float, Setting("Longest time for which a kind may be snoozed or the buzzer muted.", over=0)
    ] = 60.0
