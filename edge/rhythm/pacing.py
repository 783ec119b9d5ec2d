"""Whether a pacemaker is seen, and at which rate: pulses in regular sequence.

A noise spike may look like a pulse, and comes when it likes; a pacemaker that paces keeps its interval within
milliseconds. One that a heartbeat of the patient's own holds back is therefore known only when it has paced some times
in a row, and from then on for as long as it lets a pulse be seen now and then.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from ecg.timing import samples_of

__all__ = ["Pacing"]

_CYCLE: Final = samples_of(0.35)  # pulses to atrium and ventricle come at most 0.3 s apart, to both ventricles 0.1 s
_SHORTEST, _LONGEST = samples_of(0.3), samples_of(2.5)  # 24 to 200 a minute: what pacemakers can be set to
_REGULAR: Final = 4  # intervals in a row
_SPREAD: Final = 0.06  # from the shortest to the longest of them; at 360 Hz a pulse is known within two samples
_REMEMBERED: Final = 8  # intervals whose median is the rate
_FORGOTTEN: Final = samples_of(15.0)  # without a pulse: a pacemaker that lets a heart beat at 60 still paces then


class Pacing:
    """Follows the pulses; all indices count at 360 Hz."""

    def __init__(self) -> None:
        self._coming: deque[int] = deque()
        self._cycle: int | None = None  # first pulse of the present cycle
        self._last = 0
        self._intervals: deque[int] = deque(maxlen=_REMEMBERED)
        self._is_seen = False

    def pulse(self, index: int) -> None:
        """Take a pulse; they come in order, and may come before their time."""
        self._coming.append(index)

    def per_min(self, now: int) -> float | None:
        """Rate of the pulses up to `now`, those of one cycle counted once; None where no pacemaker is seen."""
        while self._coming and self._coming[0] <= now:
            self._take(self._coming.popleft())
        if now - self._last > _FORGOTTEN:
            self._is_seen = False
            self._intervals.clear()
        if not self._is_seen:
            return None
        return 60 * samples_of(1.0) / sorted(self._intervals)[len(self._intervals) // 2]

    def _take(self, index: int) -> None:
        self._last = index
        if self._cycle is not None and index - self._cycle < _CYCLE:
            return
        before, self._cycle = self._cycle, index
        if before is None or not _SHORTEST <= index - before <= _LONGEST:
            if not self._is_seen:
                self._intervals.clear()
            return
        self._intervals.append(index - before)
        newest = list(self._intervals)[-_REGULAR:]
        if len(newest) == _REGULAR and max(newest) - min(newest) <= _SPREAD * max(newest):
            self._is_seen = True
