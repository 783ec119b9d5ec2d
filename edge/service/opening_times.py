"""When each active alarm was opened: an acknowledgement covers no alarm that is younger than itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmState
from ecg.alarms.notices import AlarmNotice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.notices import Notice

__all__ = ["OpeningTimes"]


class OpeningTimes:
    """A listener that notes on the monotonic clock, which cannot be set, when an alarm is told as opened.

    An alarm of before a restart was open when the state was last saved.

    Args:
        saved_s: that moment, on the monotonic clock.
    """

    def __init__(self, *, saved_s: float) -> None:
        self._saved_s = saved_s
        self._opened_s: dict[str, float] = {}

    def take(self, notices: Sequence[Notice]) -> None:
        """Note what opens, forget what closes."""
        for notice in notices:
            if not isinstance(notice, AlarmNotice):
                continue
            if notice.alarm.state is AlarmState.OPENED:
                self._opened_s[notice.alarm.uuid] = time.monotonic()
            elif notice.alarm.state is AlarmState.CLOSED:
                self._opened_s.pop(notice.alarm.uuid, None)

    def was_open(self, uuid: str, at_s: float) -> bool:
        """Whether an alarm that is active now was open at a moment of the monotonic clock."""
        return at_s >= self._opened_s.get(uuid, self._saved_s)
