"""Asystole and pause: no R peak where one is due."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.timing import NEVER, ms_of, rr_of_bpm, samples_of, seconds_of
from edge.rhythm.superseding import supersede

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from edge.rhythm.settings import RhythmSettings

__all__ = ["SilenceRule"]

DETECTION_LATENCY: Final = samples_of(0.65)
"""An R peak is told up to this long after it, if it was held back: silence is certain only then."""
UPDATE_EVERY: Final = samples_of(10.0)
"""An asystole that goes on is told again this often."""
RHYTHM_BEATS: Final = 3
"""So many R peaks in a row are a rhythm that ends an asystole; an artefact makes one or two. A rhythm that is extremely
slow ends it with as many as the alarm of that kind takes, which then takes its place."""
RHYTHM_SPREAD: Final = 2.5
"""The longer of two intervals of a rhythm is at most so many times the shorter: artefacts come in bursts."""
LONGEST_DOUBT: Final = samples_of(10.0)
"""A silence of this length is told however the baseline moves: a heart that stands still may lie in a patient who does
not."""


class SilenceRule:
    """Tells asystole while the silence lasts, and a pause when the beat after it has come.

    Silence counts from the last R peak, or from the moment since which the signal can be believed. An interval that
    turns out to be as long as an asystole is one, even if its end came before it could be told; it is no pause.

    Three R peaks of one rhythm, in whole signal, end an asystole. A step of the electrodes and a compression of the
    chest make one or two; it goes on behind them.

    A pulled electrode drives the amplifier to its rail, and while it comes back over some seconds the beats are too low
    to be seen. To see a beat in a moving baseline proves a beat; to see none there proves nothing. Silence therefore
    counts only from the moment since which the baseline stands still, yet for ten seconds at most.

    Attributes:
        alarms: asystole, pause.
        deadline: 360 Hz index at which `tick` has something to do, were the signal usable.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self.asystole = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=samples_of(settings.close_s))
        self.pause = AlarmEpisode(AlarmKind.PAUSE, close_after=samples_of(settings.episode_close_s))
        self.alarms = (self.asystole, self.pause)
        self.deadline = NEVER
        self._asystole_s = settings.asystole_s
        self._pause_s = settings.pause_s
        self._asystole = samples_of(settings.asystole_s)
        self._pause = samples_of(settings.pause_s)
        self._silent_since = self._steady_since = self._onset = 0
        self._slow_rr = rr_of_bpm(settings.extreme_bradycardia_bpm)
        self._slow_beats = max(RHYTHM_BEATS, settings.extreme_bradycardia_beats)
        self._row: deque[int] = deque(maxlen=self._slow_beats)  # R peaks without an interruption between them
        self._update_due = 0
        self._longest = 0
        self._pauses = self._told_pauses = 0

    def listen_from(self, index: int, *, onset: int | None = None) -> None:
        """Silence counts from `index` on: an R peak, or the start of usable signal.

        Where a part of it could not be seen it began at `onset`, and counts for less than its length.
        """
        self._silent_since = index
        self._onset = index if onset is None else onset
        self._plan()

    def moved(self, index: int) -> None:
        """The baseline moved up to `index`."""
        self._steady_since = index
        if self.deadline != NEVER and not self.asystole.is_present:
            self._plan()

    def tick(self, now: int) -> list[AlarmEvent]:
        """The signal is usable and `deadline` has passed."""
        silence = now - self._silent_since
        self._row.clear()
        if not self.asystole.is_present:
            self.deadline = self._update_due = now + UPDATE_EVERY
            return self._tell_asystole(now, self._onset, silence)
        if now >= self._update_due:
            self._update_due = now + UPDATE_EVERY
            self.deadline = self._update_due
            return self.asystole.update(now, self._silence(silence))
        self.deadline = self._update_due
        return []

    def beat_came(self, now: int, index: int, *, follows: bool, is_step: bool = False) -> list[AlarmEvent]:
        """An R peak at `index` in usable signal; the third of a rhythm ends an asystole.

        Args:
            now: 360 Hz index of the decision.
            index: 360 Hz index of the R peak.
            follows: nothing was hidden since the one before.
            is_step: it looks like a step of the electrodes: it may be a beat, yet is none of a rhythm.
        """
        if is_step:
            return []
        if not follows:
            self._row.clear()
        self._row.append(index)
        for beats in (RHYTHM_BEATS, self._slow_beats):
            row = list(self._row)[-beats:]
            rr = sorted(after - before for before, after in pairwise(row))
            if len(row) < beats or rr[-1] > min(self._asystole, RHYTHM_SPREAD * rr[0]):
                return []
            if beats == self._slow_beats or row[-1] - row[0] <= (beats - 1) * self._slow_rr:
                return self.asystole.absent(now, since=row[0])
        return []

    def interval(self, now: int, index: int, rr: int) -> list[AlarmEvent]:
        """An RR interval of `rr` samples in whole and usable signal ended at the R peak `index`."""
        believed = min(rr, index - self._steady_since)
        if believed < self._pause:
            return self.pause.absent(now)
        if believed >= self._asystole:
            return [] if self.asystole.is_open else self._tell_asystole(now, index - rr, rr)
        if self.asystole.is_present or self.asystole.is_unseen:
            return []
        known = self.pause.is_open
        self._pauses = self._pauses + 1 if known else 1
        is_longer = not known or rr > self._longest
        self._longest = rr if is_longer else self._longest
        evidence: Evidence = {"rr_ms": ms_of(self._longest), "pauses": self._pauses, "threshold_s": self._pause_s}
        events = self.pause.present(now, index - rr, evidence)
        if not known:
            self._told_pauses = 1
        elif is_longer or self._pauses >= 2 * self._told_pauses:
            self._told_pauses = self._pauses
            events += self.pause.update(now, evidence)
        return events + self.pause.absent(now)

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """Silence can no longer be believed."""
        return self.asystole.absent(now, reason) + self.pause.absent(now, reason)

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened, in which there are no beats to miss."""
        return supersede(self.alarms, now, by)

    def _tell_asystole(self, now: int, onset: int, silence: int) -> list[AlarmEvent]:
        opened = self.asystole.present(now, onset, self._silence(silence))
        return opened + supersede((self.pause,), now, AlarmKind.ASYSTOLE) if opened else []

    def _plan(self) -> None:
        """When the silence is long enough to be told."""
        steady = max(self._silent_since, self._steady_since) + self._asystole
        doubted = self._silent_since + max(self._asystole, LONGEST_DOUBT)
        self.deadline = min(steady, doubted) + DETECTION_LATENCY

    def _silence(self, length: int) -> Evidence:
        return {"silence_s": seconds_of(length), "threshold_s": self._asystole_s}
