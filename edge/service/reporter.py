"""Turns events of the pipeline into notices: adds UTC, and passes alarms through the alarm service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent
from ecg.events import Rhythm, RhythmChange, Vitals
from ecg.notices import BeatsNotice, Notice, VitalsNotice
from ecg.samples import Beat
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
            return [*self._alarms.see_beat(event.index, time)]
        if isinstance(event, RhythmChange | Vitals):
            time = self._utc_of_index(event.index)
            seen = self._alarms.see_rhythm(event.index, time, normal=event.rhythm is Rhythm.NORMAL)
            return (
                [*seen, *self.flush(), VitalsNotice(time=time, vitals=event)] if isinstance(event, Vitals) else [*seen]
            )
        if isinstance(event, AlarmEvent):
            onset, time = self._utc_of_index(event.onset_index), self._utc_of_index(event.index)
            return [*self._alarms.take(event, onset=onset, time=time, onset_index=event.onset_index)]
        if isinstance(event, MinuteSummary):
            return [*self._alarms.take_minute(event, self._utc_of_index)]
        return []

    def flush(self) -> list[Notice]:
        """The beats that wait for the next vitals; call it at the end of a stream, which has no next vitals."""
        if not self._beats:
            return []
        beats, self._beats = self._beats, []
        return [BeatsNotice(beats=tuple(beats))]
