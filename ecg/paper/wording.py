"""The short words of a picture: what stands on a tag, and what a letter above a beat means."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind, Priority
from ecg.events import Rhythm
from ecg.paper.drawing import ALARM, NOTE, WARNING, Colour

__all__ = ["COLOURS", "LABELS", "NOT_CLASSIFIED", "alarm_name", "rhythm_name"]

NOT_CLASSIFIED: Final = "?"
"""Letter above a beat that was not shown to the model. MIT annotations use it for the same."""

_ALARMS: Final[dict[str, str]] = {
    AlarmKind.ASYSTOLE: "Asystole",
    AlarmKind.EXTREME_BRADYCARDIA: "Extreme bradycardia",
    AlarmKind.EXTREME_TACHYCARDIA: "Extreme tachycardia",
    AlarmKind.VENTRICULAR_FLUTTER: "VF/flutter",
    AlarmKind.VENTRICULAR_TACHYCARDIA: "VT",
    AlarmKind.ATRIAL_FIBRILLATION: "AF",
    AlarmKind.VENTRICULAR_RUN: "V run",
    AlarmKind.FREQUENT_PVCS: "Frequent PVCs",
}
"""Names shorter than those of the kinds, as cardiologists write them."""

_RHYTHMS: Final[dict[str, str]] = {
    Rhythm.NORMAL: "normal",
    Rhythm.ATRIAL_FIBRILLATION: "AF",
    Rhythm.BIGEMINY: "bigeminy",
    Rhythm.TRIGEMINY: "trigeminy",
    Rhythm.VENTRICULAR_TACHYCARDIA: "VT",
    Rhythm.VENTRICULAR_FLUTTER: "VF/flutter",
    Rhythm.ASYSTOLE: "asystole",
    "NOISE": "cannot be told",
}

COLOURS: Final[dict[str, Colour]] = {Priority.HIGH: ALARM, Priority.MEDIUM: WARNING, Priority.LOW: NOTE}
"""Of a tag by the priority of its alarm. The words say the same."""

LABELS: Final[dict[str, str]] = {
    "N": "normal",
    "L": "left bundle branch block",
    "R": "right bundle branch block",
    "S": "supraventricular",
    "A": "atrial premature",
    "V": "ventricular",
    "F": "fusion",
    "/": "paced",
    "f": "fusion of paced and normal",
    "Q": "paced or unknown",
    NOT_CLASSIFIED: "not classified",
}
"""Meanings of the letters above the beats."""


def alarm_name(kind: str) -> str:
    """A short name of a kind of alarm, also of one that only another version has."""
    return _ALARMS.get(kind) or kind.replace("_", " ").capitalize()


def rhythm_name(note: str) -> str:
    """A short name of a rhythm note without its bracket, such as `AFIB`."""
    return _RHYTHMS.get(note, note)
