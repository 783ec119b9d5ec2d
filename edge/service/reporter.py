"""Turns events of the pipeline into notices: adds UTC, and passes alarms through the alarm service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent, Reason
from ecg.events import Rhythm, RhythmChange, Vitals
from ecg.notices import BeatsNotice, Notice, VitalsNotice
from ecg.samples import GOOD_SCORE, Beat
from ecg.summary.tally import MinuteSummary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecg.alarms.service import AlarmService
    from ecg.events import Event

__all__ = ["Reporter"]


class Reporter:
    """Reports the events of one session.

    Beats are collected and reported with the next vitals. Gaps and rhythm changes have no notice of their own: alarms
    and vitals report them.

    Args:
        alarms: takes every alarm event and every minute summary.
        utc_of_index: gives the UTC of a 360 Hz index, as an aware datetime.
    """

    def __init__(self, alarms: AlarmService, utc_of_index: Callable[[int], datetime]) -> None:
        self._alarms = alarms
        self._utc_of_index = utc_of_index
        self._beats: list[tuple[datetime, Beat]] = []

    def report(self, event: Event) -> list[Notice]:
        """The notices of an event, in the order in which they must be published."""
        if isinstance(event, Beat):
            time = self._utc_of_index(event.index)
            self._beats.append((time, event))
            is_bad = event.quality is not None and event.quality < GOOD_SCORE
            return [] if is_bad else [*self._alarms.see_beat(event.index, time)]
        if isinstance(event, RhythmChange | Vitals):
            time = self._utc_of_index(event.index)
            seen = self._alarms.see_rhythm(event.index, time, normal=event.rhythm is Rhythm.NORMAL)
            if isinstance(event, RhythmChange):
                return [*seen]
            seen += self._alarms.see_signal(event.index, time, unseen=_unseen(event))
            return [*seen, *self.flush(), VitalsNotice(time=time, vitals=event)]
        if isinstance(event, AlarmEvent):
            onset, time = self._utc_of_index(event.onset_index), self._utc_of_index(event.index)
            since = event.unseen_since
            unseen = None if since is None else self._utc_of_index(since)
            return [
                *self._alarms.take(event, onset=onset, time=time, onset_index=event.onset_index, unseen_since=unseen)
            ]
        if isinstance(event, MinuteSummary):
            return [*self._alarms.take_minute(event, self._utc_of_index)]
        return []

    def flush(self) -> list[Notice]:
        """The beats that wait for the next vitals; call it at the end of a stream, which has no next vitals."""
        if not self._beats:
            return []
        beats, self._beats = self._beats, []
        return [BeatsNotice(beats=tuple(beats))]


def _unseen(vitals: Vitals) -> Reason | None:
    """Why the signal cannot be believed; None where it can."""
    if vitals.electrodes == "off":
        return Reason.ELECTRODE_OFF
    if vitals.quality is None:
        return Reason.NO_SAMPLES
    return Reason.POOR_SIGNAL if vitals.quality < GOOD_SCORE else None
