"""Snoozes: kinds of alarms that neither sound nor escalate for a time, and the muted buzzer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecg.alarms.active import Snooze

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecg.alarms.kinds import AlarmKind

__all__ = ["UNKEPT_S", "Snoozes"]

UNKEPT_S: Final = 75.0
"""The state is kept at least so often; a crash forgets at most so much of the time that a snooze has lasted."""


class Snoozes:
    """What is silenced until when.

    A snooze ends by itself, also over a restart and when the clock is set: `now_s` is on a clock that cannot be set,
    and decides; the datetimes are what people read. Over a restart a snooze goes on with what is left of its length. A
    restart costs it the time that the monitor was away, and at least `UNKEPT_S`, so that no number of restarts makes it
    last; a wall clock that has passed its end ends it as well.

    Args:
        longest_s: no snooze lasts longer.
        snoozes: those of before the restart.
        away_s: how long the monitor was away; None: unknown.

    Attributes:
        longest_s: as given.
    """

    def __init__(self, longest_s: float, snoozes: Iterable[Snooze] = (), *, away_s: float | None = None) -> None:
        self.longest_s = longest_s
        cost_s = max(UNKEPT_S, away_s or 0.0)
        self._snoozes = {snooze.kind: replace(snooze, granted_s=snooze.granted_s - cost_s) for snooze in snoozes}
        self._now_s: float | None = None
        self._ends_s: dict[AlarmKind | None, float] = {}  # of those that `tick` has seen

    def __bool__(self) -> bool:
        """Whether anything is silenced."""
        return bool(self._snoozes)

    def __contains__(self, kind: AlarmKind | None) -> bool:
        """Whether a kind is snoozed; None: whether the buzzer is muted."""
        return kind in self._snoozes

    @property
    def all(self) -> list[Snooze]:
        """Every snooze, the oldest first."""
        return list(self._snoozes.values())

    @property
    def kept(self) -> list[Snooze]:
        """Every snooze with what was left of its length at the last moment that this was told of."""
        return [
            replace(snooze, granted_s=max(self._ends_s[snooze.kind] - self._now_s, 0.0))
            if self._now_s is not None and snooze.kind in self._ends_s
            else snooze
            for snooze in self._snoozes.values()
        ]

    def until(self, kind: AlarmKind) -> datetime | None:
        """The end of a kind's snooze; None where there is none."""
        snooze = self._snoozes.get(kind)
        return None if snooze is None else snooze.until

    def begin(self, kind: AlarmKind | None, duration_s: float, *, now_s: float, time: datetime) -> Snooze:
        """Silence a kind (None: the buzzer) for a time above 0, up to `longest_s`."""
        self.end(kind)
        self._now_s = now_s
        granted_s = min(duration_s, self.longest_s)
        snooze = Snooze(kind=kind, until=time + timedelta(seconds=granted_s), granted_s=granted_s)
        self._snoozes[kind] = snooze
        self._ends_s[kind] = now_s + granted_s
        return snooze

    def end(self, kind: AlarmKind | None) -> bool:
        """End a snooze; tells whether there was one."""
        self._ends_s.pop(kind, None)
        return self._snoozes.pop(kind, None) is not None

    def tick(self, now_s: float, time: datetime) -> bool:
        """End what is over by now; tells whether anything changed."""
        changed = False
        self._now_s = now_s
        for kind, snooze in list(self._snoozes.items()):
            if kind not in self._ends_s:  # from before a restart; the clock may have been set meanwhile
                left_s = min((snooze.until - time).total_seconds(), snooze.granted_s, self.longest_s)
                self._snoozes[kind] = replace(
                    snooze, until=time + timedelta(seconds=max(left_s, 0.0)), granted_s=max(left_s, 0.0)
                )
                self._ends_s[kind] = now_s + left_s
                changed = True
            if now_s >= self._ends_s[kind]:
                changed = self.end(kind) or changed
        return changed
