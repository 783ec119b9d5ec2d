"""The rules together: what concerns all of their alarms, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ecg.alarms.kinds import AlarmState, Reason
from edge.rhythm.rules.atrial_fibrillation import AtrialFibrillationRule
from edge.rhythm.rules.ectopy import EctopyRule
from edge.rhythm.rules.patient_event import PatientEventRule
from edge.rhythm.rules.rate import RateRule
from edge.rhythm.rules.silence import SilenceRule
from edge.rhythm.rules.technical import TechnicalRule
from edge.rhythm.rules.ventricular import VentricularRule
from edge.rhythm.rules.ventricular_flutter import VentricularFlutterRule
from edge.rhythm.superseding import is_superseded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.alarms.episode import AlarmEpisode
    from ecg.alarms.kinds import AlarmEvent, AlarmKind
    from edge.rhythm.settings import RhythmSettings

__all__ = ["RuleSet"]


class _RhythmRule(Protocol):
    """A rule whose alarms a more telling one can supersede."""

    @property
    def alarms(self) -> tuple[AlarmEpisode, ...]: ...

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]: ...


class RuleSet:
    """All rules, by name.

    Args:
        settings: their thresholds.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self.silence = SilenceRule(settings)
        self.rate = RateRule(settings)
        self.ventricular = VentricularRule(settings)
        self.ventricular_flutter = VentricularFlutterRule(settings, self.ventricular)
        self.atrial_fibrillation = AtrialFibrillationRule(settings)
        self.ectopy = EctopyRule(settings)
        self.patient_event = PatientEventRule(settings)
        self.technical = TechnicalRule(settings)
        self._rhythm_rules: tuple[_RhythmRule, ...] = (
            self.silence,
            self.rate,
            self.ventricular,
            self.atrial_fibrillation,
            self.ectopy,
            self.ventricular_flutter,
        )
        self._alarms = (
            *self.silence.alarms,
            *self.ventricular_flutter.alarms,
            *self.ventricular.alarms,
            *self.rate.alarms,
            *self.atrial_fibrillation.alarms,
            *self.ectopy.alarms,
            *self.patient_event.alarms,
            *self.technical.alarms,
        )

    @property
    def deadline(self) -> int:
        """360 Hz index at which `run` has something to do."""
        return min(alarm.deadline for alarm in self._alarms)

    def run(self, now: int) -> list[AlarmEvent]:
        """Open and close what is due by 360 Hz index `now`."""
        return [event for alarm in self._alarms if now >= alarm.deadline for event in alarm.run(now)]

    def finish(self, now: int) -> list[AlarmEvent]:
        """The stream ended at 360 Hz index `now`: close all alarms."""
        return [event for alarm in self._alarms for event in alarm.close(now, Reason.END_OF_STREAM)]

    def acknowledge(self, now: int, kind: AlarmKind) -> None:
        """Somebody knows of the alarm of this kind."""
        for alarm in self._alarms:
            if alarm.kind is kind:
                alarm.acknowledge(now)

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """The signal can no longer be believed: no rhythm can be told."""
        return [
            *self.silence.suspend(now, reason),
            *self.rate.suspend(now, reason),
            *self.ventricular_flutter.interrupt(now, reason),
            *self.ventricular.suspend(now, reason),
            *self.atrial_fibrillation.suspend(now, reason),
            *self.ectopy.suspend(now, reason),
        ]

    def supersede(self, now: int, told: Iterable[AlarmEvent]) -> list[AlarmEvent]:
        """Close what the alarms that opened among `told` supersede; a rule has seen to its own alarms before."""
        return [
            event
            for opened in told
            if opened.state is AlarmState.OPENED
            for rule in self._rhythm_rules
            if _concerns(opened.kind, rule.alarms)
            for event in rule.supersede(now, opened.kind)
        ]


def _concerns(by: AlarmKind, alarms: tuple[AlarmEpisode, ...]) -> bool:
    """Whether an alarm of kind `by` is another rule's, and supersedes one of these."""
    return all(alarm.kind is not by for alarm in alarms) and any(is_superseded(alarm, by) for alarm in alarms)
