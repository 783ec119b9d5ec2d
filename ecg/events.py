"""What comes out of the pipeline: beats, gaps, rhythm changes, alarms, vitals and summaries of minutes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ecg.alarms.kinds import AlarmEvent
from ecg.samples import Beat, Gap
from ecg.summary.tally import MinuteSummary

__all__ = ["Event", "Rhythm", "RhythmChange", "Vitals"]


class Rhythm(StrEnum):
    """Rhythms that the monitor tells apart; the values are the MIT-BIH rhythm notes without the bracket."""

    NORMAL = "N"
    ATRIAL_FIBRILLATION = "AFIB"
    BIGEMINY = "B"
    TRIGEMINY = "T"
    VENTRICULAR_TACHYCARDIA = "VT"
    VENTRICULAR_FLUTTER = "VFL"
    ASYSTOLE = "ASYS"


@dataclass(frozen=True, slots=True)
class RhythmChange:
    """From `index` (360 Hz) on the rhythm is `rhythm`; None: it cannot be told (bad signal, electrode off)."""

    index: int
    rhythm: Rhythm | None


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the monitor knows now; None is unknown, never 0.

    Attributes:
        index: 360 Hz index of the moment.
        heart_rate_bpm: from the last RR intervals; None without recent beats or in bad signal.
        quality: score 0..1.
        electrodes: "on", "off", or None where the front end cannot tell.
        pacing_pulses_per_min: rate of a pacemaker's pulses, with or without capture; None where none is seen.
    """

    index: int
    heart_rate_bpm: float | None
    rhythm: Rhythm | None
    quality: float | None
    faults: tuple[str, ...]
    electrodes: Literal["on", "off"] | None
    pacing_pulses_per_min: float | None = None


Event = Beat | Gap | RhythmChange | AlarmEvent | Vitals | MinuteSummary
"""What comes out of the pipeline."""
