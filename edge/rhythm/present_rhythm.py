"""The rhythm of the moment: of all that the rules tell, what says most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.events import Rhythm, RhythmChange

if TYPE_CHECKING:
    from edge.rhythm.rule_set import RuleSet
    from edge.rhythm.signal_state import SignalState

__all__ = ["PresentRhythm"]

BEATS_TO_TELL: Final = 3
"""RR intervals in whole signal before the rhythm is called normal."""


class PresentRhythm:
    """Names the rhythm and tells each change.

    Args:
        rules: what they have told.
        signal: nothing is known of the rhythm where it is not usable.

    Attributes:
        rhythm: the rhythm told last; None: it cannot be told.
    """

    def __init__(self, rules: RuleSet, signal: SignalState) -> None:
        self._rules = rules
        self._signal = signal
        self.rhythm: Rhythm | None = None
        self._since = 0

    def begin(self, start: int) -> None:
        """The stream begins at 360 Hz index `start`."""
        self._since = start

    def tell(self, now: int) -> list[RhythmChange]:
        """A change of the rhythm by 360 Hz index `now`; its index never decreases."""
        rhythm, onset = self._judge(now)
        if rhythm is self.rhythm:
            return []
        self.rhythm = rhythm
        self._since = max(self._since, min(onset, now))
        return [RhythmChange(index=self._since, rhythm=rhythm)]

    def _judge(self, now: int) -> tuple[Rhythm | None, int]:
        """The rhythm that says most, and the 360 Hz index at which it began."""
        if not self._signal.usable:
            return None, now
        return self._alarmed(now) or self._beating(now)

    def _alarmed(self, now: int) -> tuple[Rhythm, int] | None:
        rules = self._rules
        if rules.silence.asystole.is_present:
            return Rhythm.ASYSTOLE, rules.silence.asystole.onset
        if rules.ventricular_flutter.alarm.is_present:
            return Rhythm.VENTRICULAR_FLUTTER, rules.ventricular_flutter.alarm.onset
        if rules.ventricular.tachycardia.is_present:
            return Rhythm.VENTRICULAR_TACHYCARDIA, rules.ventricular.onset or rules.ventricular_flutter.onset or now
        if rules.atrial_fibrillation.alarm.is_present:
            return Rhythm.ATRIAL_FIBRILLATION, rules.atrial_fibrillation.began_at
        return None

    def _beating(self, now: int) -> tuple[Rhythm | None, int]:
        pattern = self._rules.ectopy.pattern
        if pattern.rhythm is not None:
            return pattern.rhythm, pattern.onset
        if self._rules.rate.consecutive >= BEATS_TO_TELL:
            ended_at = self._rules.atrial_fibrillation.ended_at
            return Rhythm.NORMAL, ended_at if self.rhythm is Rhythm.ATRIAL_FIBRILLATION else now
        # Normal rhythm stays told through the first beats after a gap; anything else must be seen again.
        return (Rhythm.NORMAL if self.rhythm is Rhythm.NORMAL else None), now
