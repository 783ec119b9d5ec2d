"""Frequent ventricular ectopy: bigeminy, trigeminy, and many ventricular beats within an hour."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.events import Rhythm
from ecg.samples import VENTRICULAR, Beat
from ecg.timing import samples_of, seconds_of
from edge.rhythm.ectopy import EctopicPattern
from edge.rhythm.superseding import supersede

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from edge.rhythm.settings import RhythmSettings

__all__ = ["EctopyRule"]

HOUR: Final = samples_of(3600.0)
SHOWN_BEATS: Final = 9
"""Beats whose intervals and probabilities stand in the evidence: three triplets."""


class EctopyRule:
    """Watches labelled beats.

    The hour of frequent PVCs slides, and is shorter at the start of a stream: nothing is extrapolated. It is a count
    of what was seen, which bad signal does not undo: the alarm opens only in good signal, and closes when the count has
    fallen.

    Attributes:
        alarms: bigeminy, trigeminy, frequent PVCs.
        pattern: bigeminy or trigeminy as the rhythm of the moment.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        hold, close = samples_of(settings.ectopic_pattern_s), samples_of(settings.episode_close_s)
        unseen = samples_of(settings.close_s)
        self._patterns = {
            Rhythm.BIGEMINY: AlarmEpisode(AlarmKind.BIGEMINY, close_after=close, unseen_after=unseen, hold=hold),
            Rhythm.TRIGEMINY: AlarmEpisode(AlarmKind.TRIGEMINY, close_after=close, unseen_after=unseen, hold=hold),
        }
        self._frequent = AlarmEpisode(
            AlarmKind.FREQUENT_PVCS,
            close_after=samples_of(settings.close_s),
            hold=samples_of(settings.frequent_pvcs_s),
        )
        self.alarms = (*self._patterns.values(), self._frequent)
        self.pattern = EctopicPattern(settings.ectopic_pattern_repeats)
        self._repeats = settings.ectopic_pattern_repeats
        self._per_hour = settings.frequent_pvcs_per_hour
        self._leave_per_hour = settings.frequent_pvcs_per_hour - settings.frequent_pvcs_hysteresis_per_hour
        self._recent: deque[Beat] = deque(maxlen=SHOWN_BEATS)
        self._ventricular: deque[tuple[int, float]] = deque()  # index, probability
        self._told_count = 0

    def beat(self, now: int, beat: Beat, *, follows: bool, usable: bool, in_vt: bool) -> list[AlarmEvent]:
        """Take the next labelled beat.

        Args:
            now: 360 Hz index of the decision.
            beat: with its label.
            follows: the interval from the beat before was measured in whole signal.
            usable: the signal can be believed now; else nothing is opened.
            in_vt: a ventricular tachycardia is open; its beats are told by it and are not counted again.
        """
        self._recent.append(beat)
        self.pattern.beat(beat.index, beat.label, follows=follows)
        events: list[AlarmEvent] = []
        for rhythm, alarm in self._patterns.items():
            if not usable:
                continue
            if self.pattern.rhythm is not rhythm:
                events += alarm.absent(now)
            else:
                events += alarm.present(now, self.pattern.onset, self._pattern_evidence(beat))
        if beat.label == VENTRICULAR and not in_vt:
            self._ventricular.append((beat.index, beat.probability or 0.0))
            if usable:
                events += self._judge_frequency(now, beat)
        return events

    def tick(self, now: int) -> list[AlarmEvent]:
        """Stream time has gone on: ventricular beats of more than an hour ago count no more."""
        while self._ventricular and self._ventricular[0][0] <= now - HOUR:
            self._ventricular.popleft()
        count = len(self._ventricular)
        if count < self._per_hour and (not self._frequent.is_open or count <= self._leave_per_hour):
            return self._frequent.absent(now)
        return []

    def interrupt(self) -> None:
        """What follows is not consecutive to what came before."""
        self.pattern.interrupt()

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """The signal can no longer be believed."""
        self.pattern.interrupt()
        return [event for alarm in self._patterns.values() for event in alarm.absent(now, reason)]

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened, in which there are no beats to judge."""
        self.pattern.interrupt()
        return supersede(self.alarms, now, by)

    def _pattern_evidence(self, beat: Beat) -> Evidence:
        shown = list(self._recent)[-self.pattern.beats :]
        return {
            "beats": self.pattern.beats,
            "rr_ms": [round(each.rr_ms, 1) for each in shown if each.rr_ms is not None],
            "probabilities": [round(each.probability, 3) for each in shown if each.probability is not None],
            "quality": beat.quality,
            "threshold_repeats": self._repeats,
        }

    def _judge_frequency(self, now: int, beat: Beat) -> list[AlarmEvent]:
        events = self.tick(now)
        count = len(self._ventricular)
        if count < self._per_hour:
            return events
        evidence: Evidence = {
            "ventricular_beats": count,
            "window_s": seconds_of(min(HOUR, now - self._ventricular[0][0])),
            "rr_ms": [round(each.rr_ms, 1) for each in self._recent if each.rr_ms is not None],
            "mean_probability": round(sum(probability for _, probability in self._ventricular) / count, 3),
            "quality": beat.quality,
            "threshold_per_hour": self._per_hour,
        }
        known = self._frequent.is_open
        events += self._frequent.present(now, beat.index, evidence)
        if not known:
            self._told_count = count
        elif count >= 2 * self._told_count:
            self._told_count = count
            events += self._frequent.update(now, evidence)
        return events
