"""What keeps the monitor from watching: an electrode off, poor signal, no samples, samples lost."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.alarms.causes import same_fault
from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.timing import samples_of, seconds_of

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from ecg.samples import Gap, Quality
    from edge.rhythm.settings import RhythmSettings

__all__ = ["TechnicalRule"]

LOSS_WINDOW: Final = samples_of(60.0)
"""Lost samples are added up over so long."""
UPDATE_EVERY: Final = samples_of(20.0)
"""Shortest time between two updates of an outage; it doubles with each, so a fault that never settles is no flood."""
WITHHELD: Final = "arrhythmia alarms"
"""What a technical alarm says is not told while it is open."""


class TechnicalRule:
    """Watches electrodes, quality and gaps.

    An outage as long as the hold time of no samples is told as that, with what the front end says of it; shorter losses
    are added up and told as samples lost. Poor signal is not told while an electrode is off: one cause, one alarm.
    Good signal of less than the closing time does not start the hold time of poor signal anew, so that a signal which
    is poor most of the time is told. Signal that is not judged, across lost samples, is not poor for that.

    Attributes:
        alarms: electrode off, poor signal, no samples, samples lost.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        close = samples_of(settings.close_s)
        self._electrode = AlarmEpisode(
            AlarmKind.ELECTRODE_OFF, close_after=close, hold=samples_of(settings.electrode_off_s)
        )
        self._signal = AlarmEpisode(
            AlarmKind.POOR_SIGNAL, close_after=close, hold=samples_of(settings.poor_signal_s), forgive=close
        )
        self._forgive = close
        self._poor_at = -close  # when the signal was judged poor last
        self._outage_from = samples_of(settings.no_samples_s)
        self._outage = AlarmEpisode(AlarmKind.NO_SAMPLES, close_after=close, hold=self._outage_from)
        self._loss = AlarmEpisode(AlarmKind.SAMPLES_LOST, close_after=close)
        self.alarms = (self._electrode, self._signal, self._outage, self._loss)
        self._poor_signal_s = settings.poor_signal_s
        self._electrode_off_s = settings.electrode_off_s
        self._no_samples_s = settings.no_samples_s
        self._lost_s = settings.samples_lost_s
        self._lost_threshold = samples_of(settings.samples_lost_s)
        self._gaps: deque[Gap] = deque()
        self._told_lost = 0
        self._told_causes: set[str | None] = set()
        self._cause_due = self._cause_wait = 0

    def tick(
        self, now: int, since: int, quality: Quality, electrode_off: bool | None, cause: str | None
    ) -> list[AlarmEvent]:
        """Take the state of the signal from 360 Hz index `since` up to `now`, where it changed or an alarm is due.

        `cause` is what the front end says of itself; None while all is well.
        """
        known: Evidence = {} if cause is None else {"cause": cause}
        events = self._outage.absent(now) + self._loss.absent(now)
        if electrode_off:
            off: Evidence = {"threshold_s": self._electrode_off_s, "withheld": WITHHELD, **known}
            events += self._electrode.present(now, since, off)
        else:
            events += self._electrode.absent(now)
        if quality.score is not None and not quality.good:
            self._poor_at = now
        elif quality.good and not self._signal.is_open and now >= self._poor_at + self._forgive:
            self._signal.close(now, Reason.OVER)  # what was pending are gaps
        if quality.good or electrode_off:
            return events + self._signal.absent(now, Reason.ELECTRODE_OFF if electrode_off else Reason.OVER)
        evidence: Evidence = {
            "quality": quality.score,
            "faults": ", ".join(quality.faults) or None,
            "threshold_s": self._poor_signal_s,
            "withheld": WITHHELD,
            **known,
        }
        return events + self._signal.present(now, since, evidence)

    def silent(self, now: int, since: int, cause: str | None) -> list[AlarmEvent]:
        """The front end delivers nothing from 360 Hz index `since` up to `now`, and says why.

        Each kind of cause is told once, and another one at growing intervals.
        """
        evidence: Evidence = {"cause": cause, "threshold_s": self._no_samples_s, "withheld": WITHHELD}
        events = []
        kind = same_fault(cause)
        if not self._outage.is_open:
            self._told_causes = {kind}
            self._cause_due, self._cause_wait = now, UPDATE_EVERY
        elif kind not in self._told_causes and now >= self._cause_due:
            self._told_causes.add(kind)
            self._cause_due, self._cause_wait = now + self._cause_wait, 2 * self._cause_wait
            events = self._outage.update(now, evidence)
        events += self._outage.present(now, since, evidence)
        events += self._loss.absent(now)
        events += self._electrode.absent(now, Reason.NO_SAMPLES)
        return events + self._signal.absent(now, Reason.NO_SAMPLES)

    def gap(self, now: int, gap: Gap, cause: str | None) -> list[AlarmEvent]:
        """Take a stretch of lost samples, with what the front end says; told again when the loss has doubled."""
        if gap.length >= self._outage_from:
            outage: Evidence = {"lost_s": seconds_of(gap.length), "threshold_s": self._no_samples_s}
            events = self._outage.present(now, gap.index, outage if cause is None else {"cause": cause, **outage})
            return events + self._outage.absent(now)
        self._gaps.append(gap)
        while self._gaps[0].index < now - LOSS_WINDOW and len(self._gaps) > 1:
            self._gaps.popleft()
        lost = sum(each.length for each in self._gaps)
        if lost < self._lost_threshold:
            return []
        evidence: Evidence = {"lost_s": seconds_of(lost), "gaps": len(self._gaps), "threshold_s": self._lost_s}
        if cause is not None:
            evidence["cause"] = cause
        known = self._loss.is_open
        events = self._loss.present(now, self._gaps[0].index, evidence)
        if not known:
            self._told_lost = lost
        elif lost >= 2 * self._told_lost:
            self._told_lost = lost
            events += self._loss.update(now, evidence)
        return events + self._loss.absent(now)
