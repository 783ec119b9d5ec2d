"""The life of an alarm: what it tells of appears, lasts through a hold time, is told, goes, stays away, is closed.

One episode is one alarm. What comes back before the closing time has run out is the same episode.

A high alarm is never closed because nobody can see any more what it told of. It stays open, is told as unseen, and ends
in one of three ways: its cause is seen again; it was seen to be gone for the closing time; or somebody who knows of it
(who acknowledged it) has been told for ten minutes that it cannot be seen. So does a bedside monitor with latched
alarms: what may kill stays on the screen until a person has looked. Nobody is alarmed for ever about electrodes that
were taken off in the presence of a nurse.
"""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Evidence, Priority, Reason
from ecg.timing import NEVER, samples_of, seconds_of

__all__ = ["LONGEST_UNSEEN_S", "AlarmEpisode"]

LONGEST_UNSEEN_S: Final = 600.0
"""A high alarm that is acknowledged and cannot be seen is closed after so long: electrodes are changed in less."""

_LONGEST_UNSEEN: Final = samples_of(LONGEST_UNSEEN_S)
_SETTLED: Final = samples_of(60.0)
"""Another reason why it is unseen is told once it has held for so long: contact that comes and goes is no flood."""


class AlarmEpisode:
    """One kind of alarm, from silence through pending and open back to silence.

    A rule calls `present` and `absent` as it learns; `run` is called once stream time has reached `deadline`. Each call
    returns what is to be told: nothing, or one event.

    Attributes:
        kind: what it tells of.
        onset: 360 Hz index at which the present or last episode began.
        is_open: whether it has been told and not yet closed.
        deadline: 360 Hz index at which `run` has something to do.
    """

    __slots__ = (
        "_absent_since",
        "_acknowledged_at",
        "_close_after",
        "_closed_at",
        "_evidence",
        "_forgive",
        "_gone",
        "_gone_since",
        "_hold",
        "_is_high",
        "_is_pending",
        "_reason",
        "_told_unseen",
        "_unseen_after",
        "_unseen_since",
        "deadline",
        "is_open",
        "kind",
        "onset",
    )

    def __init__(
        self,
        kind: AlarmKind,
        *,
        close_after: int,
        unseen_after: int | None = None,
        hold: int = 0,
        forgive: int = 0,
    ) -> None:
        """Make a silent alarm; times are samples at 360 Hz.

        Args:
            kind: what it tells of.
            close_after: how long the cause must be gone before it closes.
            unseen_after: the same where it can no longer be seen; None is as long. A high alarm is then told as unseen.
            hold: how long after its onset the cause must still be there before it opens.
            forgive: how long the cause may go away during the hold time without starting it anew.
        """
        self.kind = kind
        self.onset = 0
        self.is_open = False
        self.deadline = NEVER
        self._is_high = PRIORITIES[kind] is Priority.HIGH
        self._hold = hold
        self._close_after = close_after
        self._unseen_after = close_after if unseen_after is None else unseen_after
        self._closed_at = 0
        self._forgive = forgive
        self._is_pending = False
        self._acknowledged_at: int | None = None
        self._evidence: Evidence = {}
        self._absent_since: int | None = None
        self._reason = Reason.OVER
        self._gone = 0  # of a high alarm: samples in which it was seen to be gone, before the present stretch of such
        self._gone_since: int | None = None  # seen to be gone since
        self._unseen_since: int | None = None  # of a high alarm: out of sight since
        self._told_unseen: Reason | None = None

    @property
    def is_present(self) -> bool:
        """Whether it is open and what it tells of is seen."""
        return self.is_open and self._absent_since is None

    @property
    def is_unseen(self) -> bool:
        """Whether it is open, and nobody can see whether what it tells of goes on."""
        return self.is_open and self._unseen_since is not None

    def present(self, now: int, onset: int, evidence: Evidence) -> list[AlarmEvent]:
        """The cause is there, since `onset`; opens once the hold time after the onset is over."""
        was_unseen = self._told_unseen is not None
        self._return()
        self._evidence = evidence
        if self.is_open:
            self.deadline = NEVER
            return [self._event(now, AlarmState.UPDATED, evidence)] if was_unseen else []
        if not self._is_pending:
            self._is_pending = True
            # An onset names an alarm: no episode begins before the end of the one before.
            self.onset = max(min(onset, now), self._closed_at)
        self.deadline = self.onset + self._hold
        return self._open(now) if now >= self.deadline else []

    def absent(self, now: int, reason: Reason = Reason.OVER, *, since: int | None = None) -> list[AlarmEvent]:
        """The cause is gone, or (with another reason) can no longer be seen; the reason that held last is told.

        Args:
            now: 360 Hz index of the decision.
            reason: why it is absent.
            since: 360 Hz index from which on it is; None: from now on.
        """
        if not (self.is_open or self._is_pending):
            return []
        is_new = self._absent_since is None
        if not is_new and (reason is self._reason or not self.is_open):
            return []
        since = now if since is None else since
        self._absent_since = since if self._absent_since is None else self._absent_since
        self._reason = reason
        if not self.is_open:
            self.deadline = since + self._forgive
        elif reason is Reason.OVER:
            self._see_gone(since)
        else:
            self._lose_sight(now, is_new=is_new)
        return self.run(now)

    def acknowledge(self, now: int) -> None:
        """Somebody knows of it: where nobody can see it, it is not told for ever."""
        if not self.is_open:
            return
        self._acknowledged_at = now
        if self.is_unseen:
            self.deadline = min(self.deadline, self._last_moment)

    def update(self, now: int, evidence: Evidence) -> list[AlarmEvent]:
        """Tell that an open alarm has changed in a way that matters."""
        return [self._event(now, AlarmState.UPDATED, evidence)] if self.is_open else []

    def close(self, now: int, reason: Reason, **evidence: float | str) -> list[AlarmEvent]:
        """End it at once: closes when open, forgets when pending."""
        end = now if self._absent_since is None else self._absent_since
        self._is_pending = False
        self._return()
        self.deadline = NEVER
        if not self.is_open:
            return []
        self.is_open = False
        self._closed_at = now
        duration_s = seconds_of(max(0, end - self.onset))
        return [self._event(now, AlarmState.CLOSED, {"reason": reason.value, "duration_s": duration_s, **evidence})]

    def run(self, now: int) -> list[AlarmEvent]:
        """Do what is due by `now`: open after the hold time, tell as unseen, or close after the closing time."""
        if now < self.deadline:
            return []
        if self._absent_since is None:
            return self._open(now) if self._is_pending else []
        if self.is_open and self._unseen_since is not None:
            return self._tell_unseen(now)
        return self.close(now, self._reason)

    def _return(self) -> None:
        """Forget that the cause was absent."""
        self._absent_since = self._gone_since = self._unseen_since = self._told_unseen = None
        self._reason = Reason.OVER
        self._gone = 0

    def _see_gone(self, since: int) -> None:
        """Begin or go on with the closing time; of a high alarm only what was seen counts."""
        self._unseen_since = None
        if self._gone_since is None:
            self._gone_since = since
        self.deadline = self._gone_since + self._close_after - self._gone

    def _lose_sight(self, now: int, *, is_new: bool) -> None:
        """Nobody can see it: a high alarm is told so, another closes the sooner."""
        if not self._is_high:
            due = now + self._unseen_after
            self.deadline = due if is_new else min(self.deadline, due)
            return
        if self._gone_since is not None:
            self._gone += now - self._gone_since
            self._gone_since = None
        self._unseen_since = now if self._unseen_since is None else self._unseen_since
        if self._told_unseen is None:  # another reason does not put off that it is told
            self.deadline = self._unseen_since + self._unseen_after
        else:
            self.deadline = min(now + _SETTLED, self._last_moment)

    @property
    def _last_moment(self) -> int:
        """Up to which it stays open unseen."""
        if self._acknowledged_at is None or self._unseen_since is None:
            return NEVER
        return max(self._unseen_since, self._acknowledged_at) + _LONGEST_UNSEEN

    def _tell_unseen(self, now: int) -> list[AlarmEvent]:
        self.deadline = self._last_moment
        if now >= self.deadline:
            return self.close(now, self._reason)
        if self._told_unseen is self._reason:
            return []
        self._told_unseen = self._reason
        return [self._event(now, AlarmState.UPDATED, {**self._evidence, "unseen": self._reason.value})]

    def _open(self, now: int) -> list[AlarmEvent]:
        self._is_pending = False
        self.is_open = True
        self.deadline = NEVER
        self._acknowledged_at = None
        return [self._event(now, AlarmState.OPENED, self._evidence)]

    def _event(self, now: int, state: AlarmState, evidence: Evidence) -> AlarmEvent:
        unseen_since = None if self._told_unseen is None else self._unseen_since
        return AlarmEvent(now, self.kind, PRIORITIES[self.kind], state, self.onset, evidence, unseen_since)
