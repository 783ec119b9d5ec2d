"""How much of the time is atrial fibrillation: counted for the summaries, and known for the next beats."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge.rhythm.minutes import MinuteSummaries
    from edge.rhythm.rules.atrial_fibrillation import AtrialFibrillationRule

__all__ = ["AtrialFibrillationTime"]

LATELY_BEATS: Final = 200
LATELY_IN_ATRIAL_FIBRILLATION: Final = 60
"""Of the last 200 beats so many in atrial fibrillation: what comes between its episodes is hardly sinus rhythm."""


class AtrialFibrillationTime:
    """Follows the rule of atrial fibrillation.

    Args:
        rule: what it has told.
        summaries: what the time is counted for.

    Attributes:
        is_present: atrial fibrillation has been told and is not over.
    """

    def __init__(self, rule: AtrialFibrillationRule, summaries: MinuteSummaries) -> None:
        self._rule = rule
        self._summaries = summaries
        self.is_present = False
        self._lately: deque[bool] = deque(maxlen=LATELY_BEATS)  # whether each of the last beats was in it
        self._start = 0  # of the present episode, as far as the summaries have not had it before
        self._end = 0  # up to here it was given to the summaries

    @property
    def was_present_lately(self) -> bool:
        """Whether it is present, or was for at least 60 of the last 200 beats."""
        return self.is_present or sum(self._lately) >= LATELY_IN_ATRIAL_FIBRILLATION

    def beat(self) -> None:
        """A beat was labelled."""
        self._lately.append(self.is_present)

    def count(self, now: int) -> None:
        """Give the summaries the time up to 360 Hz index `now`; take back what turned out not to be of the episode."""
        rule = self._rule
        if rule.alarm.is_present:
            # It is told only once its hold time is over, and counts from its onset on.
            start = max(rule.began_at, self._end)
            self._summaries.atrial_fibrillation(start, now, was_told=True)
            if not self.is_present:
                self._start = start
            self._end = now
            self.is_present = True
        elif self.is_present:
            self.is_present = False
            ended_at = max(rule.ended_at, self._start)
            self._summaries.atrial_fibrillation(ended_at, self._end, was_told=False)
            self._end = ended_at
