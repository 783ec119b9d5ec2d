"""What alarms and rhythms are called when a person reads them, without medical shorthand."""

from __future__ import annotations

from ecg.alarms.kinds import AlarmKind, Reason
from ecg.events import Rhythm

__all__ = ["RHYTHMS", "SENTENCES", "UNSEEN", "sentence"]

SENTENCES: dict[AlarmKind, str] = {
    AlarmKind.ASYSTOLE: "No heartbeat is detected although the signal is good.",
    AlarmKind.EXTREME_BRADYCARDIA: "The heart beats extremely slowly.",
    AlarmKind.EXTREME_TACHYCARDIA: "The heart beats extremely fast.",
    AlarmKind.VENTRICULAR_FLUTTER: (
        "The ECG shows only fast waves without separate heartbeats (ventricular flutter or fibrillation)."
    ),
    AlarmKind.VENTRICULAR_TACHYCARDIA: "A long run of fast beats comes from the ventricles (ventricular tachycardia).",
    AlarmKind.PAUSE: "The heart paused.",
    AlarmKind.TACHYCARDIA: "The heart has been beating fast for some time.",
    AlarmKind.BRADYCARDIA: "The heart has been beating slowly for some time.",
    AlarmKind.ATRIAL_FIBRILLATION: "The heartbeat is irregular in the way of atrial fibrillation.",
    AlarmKind.VENTRICULAR_RUN: "Several beats in a row came from the ventricles.",
    AlarmKind.PATIENT_EVENT: "The patient marked an event.",
    AlarmKind.FREQUENT_PVCS: "Many beats within an hour came from the ventricles.",
    AlarmKind.BIGEMINY: "Every second beat comes from the ventricles (bigeminy).",
    AlarmKind.TRIGEMINY: "Every third beat comes from the ventricles (trigeminy).",
    AlarmKind.ELECTRODE_OFF: "An electrode is off: the heart is not being watched.",
    AlarmKind.POOR_SIGNAL: "The signal is too poor to watch the heart: check the electrodes.",
    AlarmKind.SAMPLES_LOST: "Samples were lost between the sensor and the monitor.",
    AlarmKind.NO_SAMPLES: "No samples come from the sensor: the heart is not being watched.",
    AlarmKind.STORAGE_NEARLY_FULL: "The monitor's storage is nearly full: recordings and messages may be dropped.",
    AlarmKind.STORAGE_FAILED: "The monitor cannot write to its storage: it still watches, but may keep nothing of it.",
    AlarmKind.BATTERY_LOW: "The monitor's battery is low: charge it.",
    AlarmKind.CLOCK_NOT_SET: "The monitor's clock is not set: the times in its messages may be wrong.",
    AlarmKind.MODEL_REFUSED: "The monitor cannot use the model that was chosen for it: it watches with another one.",
}
"""A sentence for every kind."""

RHYTHMS: dict[Rhythm, str] = {
    Rhythm.NORMAL: "normal",
    Rhythm.ATRIAL_FIBRILLATION: "atrial fibrillation",
    Rhythm.BIGEMINY: "bigeminy",
    Rhythm.TRIGEMINY: "trigeminy",
    Rhythm.VENTRICULAR_TACHYCARDIA: "ventricular tachycardia",
    Rhythm.VENTRICULAR_FLUTTER: "ventricular flutter",
    Rhythm.ASYSTOLE: "no heartbeat",
}
"""A name for every rhythm."""

UNSEEN: dict[Reason, str] = {
    Reason.POOR_SIGNAL: "Whether it goes on cannot be seen: the signal is too poor.",
    Reason.ELECTRODE_OFF: "Whether it goes on cannot be seen: an electrode is off.",
    Reason.NO_SAMPLES: "Whether it goes on cannot be seen: no samples come from the sensor.",
}
"""A sentence more for an alarm that stays open unseen, by why it is."""


def sentence(kind: AlarmKind, *, unseen: str | None) -> str:
    """The sentence on an alarm; `unseen` is the value of a `Reason` why nobody can see whether it goes on."""
    return SENTENCES[kind] if unseen is None else f"{SENTENCES[kind]} {UNSEEN[Reason(unseen)]}"
