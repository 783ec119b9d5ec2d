"""The patient's own mark: an event that lasts for a set time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind
from ecg.timing import samples_of

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent, Evidence
    from edge.rhythm.settings import RhythmSettings

__all__ = ["PatientEventRule"]

MAX_TEXT: Final = 2000
"""Longest text of an event, in characters: ten of the longest that a command may have."""


class PatientEventRule:
    """Counts the marks of one event: one more within it is told as its update.

    The update repeats all that the patient said since the first mark, joined by "; ". Where that grows too long, the
    oldest words but the first give way.

    Attributes:
        alarms: the patient's event.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self._event = AlarmEpisode(AlarmKind.PATIENT_EVENT, close_after=samples_of(settings.patient_event_s))
        self.alarms = (self._event,)
        self._presses = 0
        self._texts: list[str] = []

    def mark(self, now: int, evidence: Evidence) -> list[AlarmEvent]:
        """The patient marks this moment; `evidence` says how."""
        known = self._event.is_open
        self._presses = self._presses + 1 if known else 1
        if not known:
            self._texts = []
        text = self._all_words(evidence.get("text"))
        evidence = {**evidence, "presses": self._presses} | ({} if text is None else {"text": text})
        events = self._event.present(now, now, evidence)
        if known:
            events += self._event.update(now, evidence)
        return events + self._event.absent(now)

    def _all_words(self, text: object) -> str | None:
        """The texts of the present event with this one; None where there is none."""
        if text and text not in self._texts:
            self._texts.append(str(text))
        while sum(len(each) + 2 for each in self._texts) > MAX_TEXT:
            del self._texts[1]
        return "; ".join(self._texts) or None
