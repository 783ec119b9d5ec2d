"""The patient's own mark: an event that lasts for a set time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind
from ecg.timing import samples_of

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent, Evidence
    from edge.rhythm.settings import RhythmSettings

__all__ = ["PatientEventRule"]


class PatientEventRule:
    """Counts the marks of one event: one more within it is told as its update.

    Attributes:
        alarms: the patient's event.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self._event = AlarmEpisode(AlarmKind.PATIENT_EVENT, close_after=samples_of(settings.patient_event_s))
        self.alarms = (self._event,)
        self._presses = 0

    def mark(self, now: int, evidence: Evidence) -> list[AlarmEvent]:
        """The patient marks this moment; `evidence` says how."""
        known = self._event.is_open
        self._presses = self._presses + 1 if known else 1
        evidence = {**evidence, "presses": self._presses}
        events = self._event.present(now, now, evidence)
        if known:
            events += self._event.update(now, evidence)
        return events + self._event.absent(now)
