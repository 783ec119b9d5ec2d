"""Kinds of alarms, their priorities, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["PRIORITIES", "AlarmEvent", "AlarmKind", "AlarmState", "Evidence", "Priority", "Reason"]


Evidence = dict[str, float | int | str | list[float] | None]


class Priority(StrEnum):
    """Alarm priorities, after IEC 60601-1-8."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class AlarmKind(StrEnum):
    """Every alarm that this version can raise."""

    ASYSTOLE = "asystole"
    EXTREME_BRADYCARDIA = "extreme_bradycardia"
    EXTREME_TACHYCARDIA = "extreme_tachycardia"
    VENTRICULAR_FLUTTER = "ventricular_flutter"
    VENTRICULAR_TACHYCARDIA = "ventricular_tachycardia"
    PAUSE = "pause"
    TACHYCARDIA = "tachycardia"
    BRADYCARDIA = "bradycardia"
    ATRIAL_FIBRILLATION = "atrial_fibrillation"
    VENTRICULAR_RUN = "ventricular_run"
    PATIENT_EVENT = "patient_event"
    FREQUENT_PVCS = "frequent_pvcs"
    BIGEMINY = "bigeminy"
    TRIGEMINY = "trigeminy"
    ELECTRODE_OFF = "electrode_off"
    POOR_SIGNAL = "poor_signal"
    SAMPLES_LOST = "samples_lost"
    NO_SAMPLES = "no_samples"
    STORAGE_NEARLY_FULL = "storage_nearly_full"
    STORAGE_FAILED = "storage_failed"
    BATTERY_LOW = "battery_low"
    CLOCK_NOT_SET = "clock_not_set"
    MODEL_REFUSED = "model_refused"


PRIORITIES: dict[AlarmKind, Priority] = {
    AlarmKind.ASYSTOLE: Priority.HIGH,
    AlarmKind.EXTREME_BRADYCARDIA: Priority.HIGH,
    AlarmKind.EXTREME_TACHYCARDIA: Priority.HIGH,
    AlarmKind.VENTRICULAR_FLUTTER: Priority.HIGH,
    AlarmKind.VENTRICULAR_TACHYCARDIA: Priority.HIGH,
    AlarmKind.PAUSE: Priority.MEDIUM,
    AlarmKind.TACHYCARDIA: Priority.MEDIUM,
    AlarmKind.BRADYCARDIA: Priority.MEDIUM,
    AlarmKind.ATRIAL_FIBRILLATION: Priority.MEDIUM,
    AlarmKind.VENTRICULAR_RUN: Priority.MEDIUM,
    AlarmKind.PATIENT_EVENT: Priority.MEDIUM,
    AlarmKind.NO_SAMPLES: Priority.MEDIUM,
    AlarmKind.FREQUENT_PVCS: Priority.LOW,
    AlarmKind.BIGEMINY: Priority.LOW,
    AlarmKind.TRIGEMINY: Priority.LOW,
    AlarmKind.ELECTRODE_OFF: Priority.LOW,
    AlarmKind.POOR_SIGNAL: Priority.LOW,
    AlarmKind.SAMPLES_LOST: Priority.LOW,
    AlarmKind.STORAGE_NEARLY_FULL: Priority.LOW,
    AlarmKind.STORAGE_FAILED: Priority.LOW,
    AlarmKind.BATTERY_LOW: Priority.LOW,
    AlarmKind.CLOCK_NOT_SET: Priority.LOW,
    AlarmKind.MODEL_REFUSED: Priority.LOW,
}
"""The design's alarm table; no samples, which it does not name, is medium: nothing at all is being watched."""


class AlarmState(StrEnum):
    """Stages in the life of an alarm; the rules open, update and close, the board does the others."""

    OPENED = "opened"
    UPDATED = "updated"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why an alarm was closed: the last of several that held one after the other.

    The value stands in the evidence under `reason`; under `unseen` it says why an open alarm cannot be seen.
    """

    OVER = "over"
    POOR_SIGNAL = "poor_signal"
    ELECTRODE_OFF = "electrode_off"
    NO_SAMPLES = "no_samples"
    SUPERSEDED = "superseded"
    END_OF_STREAM = "end_of_stream"
    UNKNOWN = "unknown"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm opened, changed or closed.

    Attributes:
        index: 360 Hz index at which the decision fell.
        onset_index: 360 Hz index at which what it tells of began; with `kind` it names the alarm for its whole life.
        evidence: what the decision rests on, JSON-able, units in the names (`heart_rate_bpm`, `rr_ms`, `threshold_s`).
        unseen_since: 360 Hz index from which on nobody can see whether it goes on; why stands in the evidence under
            `unseen`. None while it is seen.
    """

    index: int
    kind: AlarmKind
    priority: Priority
    state: AlarmState
    onset_index: int
    evidence: dict[str, float | int | str | list[float] | None] = field(default_factory=dict)
    unseen_since: int | None = None
