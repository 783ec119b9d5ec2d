"""What a restart carries over: which alarms of before it may go on as the same, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import LONGEST_UNSEEN_S
from ecg.alarms.kinds import PRIORITIES, AlarmKind, Priority
from ecg.timing import samples_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["CARRY_S", "Carry"]

CARRY_S: Final = 120.0
"""An alarm is carried over an absence of at most so long, and then waits so long for its cause to be seen again:
fibrillation needs its window of 32 beats and its hold time of 30 s."""

NORMAL: Final = samples_of(30.0)
"""Normal rhythm that ends the carry of what opens sooner when it is there. 360 Hz samples; the slowest is a sustained
fast or slow heart, after 15 s and the beats that its mean needs."""

NORMAL_BEFORE: Final = samples_of(1.0)
"""Normal rhythm before the onset of such an alarm makes it another one. The rhythm is called normal after three RR
intervals, so also for a moment in a tachycardia that was there from the start. 360 Hz samples."""

BEATS: Final = 2
"""Heartbeats that end a standstill."""

UNSEEN: Final = samples_of(5.0)
"""Signal that cannot be believed for so long leaves an alarm unseen."""

_SEEN_SOON: Final = frozenset(
    {
        AlarmKind.ASYSTOLE,
        AlarmKind.EXTREME_BRADYCARDIA,
        AlarmKind.EXTREME_TACHYCARDIA,
        AlarmKind.VENTRICULAR_FLUTTER,
        AlarmKind.VENTRICULAR_TACHYCARDIA,
        AlarmKind.PAUSE,
        AlarmKind.TACHYCARDIA,
        AlarmKind.BRADYCARDIA,
        AlarmKind.VENTRICULAR_RUN,
    }
)
"""Arrhythmias that are seen again within `NORMAL` where they go on."""

_SEEN_LATE: Final = frozenset({AlarmKind.ATRIAL_FIBRILLATION, AlarmKind.BIGEMINY, AlarmKind.TRIGEMINY})
"""Arrhythmias that pass for normal rhythm until they are seen; `NORMAL` before their onset makes another one."""


class Carry:
    """The alarms that a crash or power cut left open and whose cause has not been seen again.

    A carried arrhythmia ends once the heart was seen without it: a standstill with the second beat, the others with
    normal rhythm for 30 s. What begins after the rhythm was normal is another episode, however soon it comes. The
    patient's event is never carried on: each press is news. For a high alarm the time to wait is one of signal that can
    be believed; without such it is carried until ten minutes after somebody acknowledged it, as any that is unseen.

    Args:
        kinds: those that were open.
        away_s: how long the monitor was away; None: unknown, which counts as too long.
    """

    def __init__(self, kinds: Iterable[AlarmKind], away_s: float | None) -> None:
        self._kinds = set(kinds)
        self._is_too_old = away_s is None or not 0 <= away_s <= CARRY_S
        self._until_s: float | None = None
        self._acknowledged_s: dict[AlarmKind, float] = {}
        self._seen = 0  # samples of signal that could be believed
        self._unseen_since: int | None = None
        self._judged_at: int | None = None
        self._beats = 0
        self._beating_at: int | None = None
        self._normal_at: int | None = None
        self._normal_since: int | None = None

    def __bool__(self) -> bool:
        """Whether anything is carried."""
        return bool(self._kinds)

    def __contains__(self, kind: AlarmKind) -> bool:
        """Whether an alarm of this kind is carried."""
        return kind in self._kinds

    def discard(self, kind: AlarmKind) -> None:
        """Its cause was seen again, or it is over."""
        self._kinds.discard(kind)

    def goes_on(self, kind: AlarmKind, onset_index: int | None) -> bool:
        """Whether what opens now, with this 360 Hz onset, may be the carried alarm of its kind."""
        if self._is_too_old or kind is AlarmKind.PATIENT_EVENT:
            return False
        if onset_index is None:
            return True
        if kind is AlarmKind.ASYSTOLE and self._beating_at is not None and self._beating_at <= onset_index:
            return False
        if self._normal_at is None or kind not in _SEEN_SOON | _SEEN_LATE:
            return True
        return onset_index - self._normal_at < (NORMAL_BEFORE if kind in _SEEN_SOON else NORMAL)

    def due(self, now_s: float, *, known: Collection[AlarmKind] = ()) -> set[AlarmKind]:
        """The kinds whose time is over, on a clock that cannot be set; of `known` somebody has said that they know."""
        if self._is_too_old:
            return set(self._kinds)
        if self._until_s is None:
            self._until_s = now_s + CARRY_S
        return {kind for kind in self._kinds if self._is_due(kind, now_s, is_known=kind in known)}

    def _is_due(self, kind: AlarmKind, now_s: float, *, is_known: bool) -> bool:
        assert self._until_s is not None
        if now_s < self._until_s or PRIORITIES[kind] is not Priority.HIGH or self._seen >= samples_of(CARRY_S):
            return now_s >= self._until_s
        if not is_known:
            return False
        return now_s >= self._acknowledged_s.setdefault(kind, now_s) + LONGEST_UNSEEN_S

    def see_signal(self, index: int, *, is_seen: bool) -> int | None:
        """The signal up to a 360 Hz index can be believed, or cannot; give since when not, once that is long."""
        before, self._judged_at = self._judged_at, index
        if is_seen:
            self._seen += index - before if before is not None and self._unseen_since is None else 0
            self._unseen_since = None
            return None
        if self._unseen_since is None:
            self._unseen_since = index
        return self._unseen_since if index - self._unseen_since >= UNSEEN else None

    def see_beat(self, index: int) -> set[AlarmKind]:
        """A heartbeat came at a 360 Hz index; give the kinds that are over with it."""
        self._beats += 1
        if self._beats >= BEATS and self._beating_at is None:
            self._beating_at = index
        return self._kinds & {AlarmKind.ASYSTOLE} if self._beating_at is not None else set()

    def see_rhythm(self, index: int, *, normal: bool) -> set[AlarmKind]:
        """The rhythm at a 360 Hz index is normal, or another or unknown; give the kinds that are over with it."""
        if not normal:
            self._normal_since = None
            return set()
        if self._normal_at is None:
            self._normal_at = index
        if self._normal_since is None:
            self._normal_since = index
        return self._kinds & _SEEN_SOON if index - self._normal_since >= NORMAL else set()
