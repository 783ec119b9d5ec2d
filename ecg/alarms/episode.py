"""The life of an alarm: what it tells of appears, lasts through a hold time, is told, goes, stays away, is closed.

One episode is one alarm. What comes back before the closing time has run out is the same episode.
"""

from __future__ import annotations

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Evidence, Reason
from ecg.timing import NEVER, seconds_of

__all__ = ["AlarmEpisode"]


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
        "_close_after",
        "_closed_at",
        "_evidence",
        "_forgive",
        "_hold",
        "_is_pending",
        "_reason",
        "_unseen_after",
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
            unseen_after: the same where it can no longer be seen; None is as long.
            hold: how long after its onset the cause must still be there before it opens.
            forgive: how long the cause may go away during the hold time without starting it anew.
        """
        self.kind = kind
        self.onset = 0
        self.is_open = False
        self.deadline = NEVER
        self._hold = hold
        self._close_after = close_after
        self._unseen_after = close_after if unseen_after is None else unseen_after
        self._closed_at = 0
        self._forgive = forgive
        self._is_pending = False
        self._absent_since: int | None = None
        self._reason = Reason.OVER
        self._evidence: Evidence = {}

    @property
    def is_present(self) -> bool:
        """Whether it is open and what it tells of has not gone."""
        return self.is_open and self._absent_since is None

    def present(self, now: int, onset: int, evidence: Evidence) -> list[AlarmEvent]:
        """The cause is there, since `onset`; opens once the hold time after the onset is over."""
        self._absent_since = None
        if self.is_open:
            self.deadline = NEVER
            return []
        if not self._is_pending:
            self._is_pending = True
            # An onset names an alarm: no episode begins before the end of the one before.
            self.onset = max(min(onset, now), self._closed_at)
        self._evidence = evidence
        self.deadline = self.onset + self._hold
        return self._open(now) if now >= self.deadline else []

    def absent(self, now: int, reason: Reason = Reason.OVER) -> list[AlarmEvent]:
        """The cause is gone, or (with another reason) can no longer be seen."""
        if self._absent_since is not None or not (self.is_open or self._is_pending):
            return []
        self._absent_since = now
        self._reason = reason
        close_after = self._close_after if reason is Reason.OVER else self._unseen_after
        self.deadline = now + (close_after if self.is_open else self._forgive)
        return self.run(now)

    def update(self, now: int, evidence: Evidence) -> list[AlarmEvent]:
        """Tell that an open alarm has changed in a way that matters."""
        return [self._event(now, AlarmState.UPDATED, evidence)] if self.is_open else []

    def close(self, now: int, reason: Reason, **evidence: float | str) -> list[AlarmEvent]:
        """End it at once: closes when open, forgets when pending."""
        end = now if self._absent_since is None else self._absent_since
        self._is_pending = False
        self._absent_since = None
        self.deadline = NEVER
        if not self.is_open:
            return []
        self.is_open = False
        self._closed_at = now
        duration_s = seconds_of(max(0, end - self.onset))
        return [self._event(now, AlarmState.CLOSED, {"reason": reason.value, "duration_s": duration_s, **evidence})]

    def run(self, now: int) -> list[AlarmEvent]:
        """Do what is due by `now`: open after the hold time, or close after the closing time."""
        if now < self.deadline:
            return []
        if self._absent_since is not None:
            return self.close(now, self._reason)
        return self._open(now) if self._is_pending else []

    def _open(self, now: int) -> list[AlarmEvent]:
        self._is_pending = False
        self.is_open = True
        self.deadline = NEVER
        return [self._event(now, AlarmState.OPENED, self._evidence)]

    def _event(self, now: int, state: AlarmState, evidence: Evidence) -> AlarmEvent:
        return AlarmEvent(now, self.kind, PRIORITIES[self.kind], state, self.onset, evidence)
