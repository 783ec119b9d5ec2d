"""Asystole and pause: no R peak where one is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.rhythm.alarms import Alarm, Evidence, Reason
from edge.rhythm.timing import NEVER, ms_of, samples_of, seconds_of
from edge.samples import AlarmKind, Event

if TYPE_CHECKING:
    from edge.config import RhythmSettings

__all__ = ["SilenceRule"]

DETECTION_LATENCY: Final = samples_of(0.65)
"""An R peak is told up to this long after it, if it was held back: silence is certain only then."""
UPDATE_EVERY: Final = samples_of(10.0)
"""An asystole that goes on is told again this often."""


class SilenceRule:
    """Tells asystole while the silence lasts, and a pause when the beat after it has come.

    Silence counts from the last R peak, or from the moment since which the signal can be believed. An interval that
    turns out to be as long as an asystole is one, even if its end came before it could be told; it is no pause.

    Attributes:
        alarms: asystole, pause.
        deadline: 360 Hz index at which `tick` has something to do, were the signal usable.
    """

    def __init__(self, settings: RhythmSettings, out: list[Event]) -> None:
        close = samples_of(settings.close_s)
        self.asystole = Alarm(AlarmKind.ASYSTOLE, out, close_after=close)
        self.pause = Alarm(AlarmKind.PAUSE, out, close_after=close)
        self.alarms = (self.asystole, self.pause)
        self.deadline = NEVER
        self._asystole_s = settings.asystole_s
        self._pause_s = settings.pause_s
        self._asystole = samples_of(settings.asystole_s)
        self._pause = samples_of(settings.pause_s)
        self._silent_since = 0
        self._longest = 0
        self._pauses = 0

    def listen_from(self, index: int) -> None:
        """Silence counts from `index` on: an R peak, or the start of usable signal."""
        self._silent_since = index
        self.deadline = index + self._asystole + DETECTION_LATENCY

    def tick(self, now: int) -> bool:
        """The signal is usable and `deadline` has passed; tells whether an asystole opened."""
        silence = now - self._silent_since
        opens = not self.asystole.is_open
        if self.asystole.is_present:
            self.asystole.update(now, self._silence(silence))
        else:
            self.asystole.present(now, self._silent_since, self._silence(silence))
        self.deadline = now + UPDATE_EVERY
        if opens:
            self.pause.close(now, Reason.SUPERSEDED, by=AlarmKind.ASYSTOLE.value)
        return opens

    def beat_came(self, now: int) -> None:
        """An R peak ends the silence."""
        self.asystole.absent(now)

    def interval(self, now: int, index: int, rr: int) -> None:
        """An RR interval of `rr` samples in whole and usable signal ended at the R peak `index`."""
        if rr < self._pause:
            return
        if rr >= self._asystole:
            if not self.asystole.is_open:
                self.asystole.present(now, index - rr, self._silence(rr))
                self.pause.close(now, Reason.SUPERSEDED, by=AlarmKind.ASYSTOLE.value)
            self.asystole.absent(now)
            return
        known = self.pause.is_open
        self._pauses = self._pauses + 1 if known else 1
        is_longer = not known or rr > self._longest
        self._longest = rr if is_longer else self._longest
        evidence: Evidence = {"rr_ms": ms_of(self._longest), "pauses": self._pauses, "threshold_s": self._pause_s}
        self.pause.present(now, index - rr, evidence)
        if known and is_longer:
            self.pause.update(now, evidence)
        self.pause.absent(now)

    def suspend(self, now: int, reason: Reason) -> None:
        """Silence can no longer be believed."""
        self.asystole.absent(now, reason)
        self.pause.absent(now, reason)

    def yield_to(self, now: int, kind: AlarmKind) -> None:
        """A more telling alarm opened, in which there are no beats to miss."""
        for alarm in self.alarms:
            alarm.close(now, Reason.SUPERSEDED, by=kind.value)

    def _silence(self, length: int) -> Evidence:
        return {"silence_s": seconds_of(length), "threshold_s": self._asystole_s}
