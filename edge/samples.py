"""The data that flow through the monitor, with their units.

Two clocks of sample indices exist. A front end counts at its own rate (`SampleBlock.first_index`); everything after the
resampler counts at 360 Hz from the same instant: 360 Hz index `i` and source index `i * rate_hz / 360` are the same
moment. UTC is attached only where messages are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BEAT_AFTER",
    "BEAT_BEFORE",
    "BEAT_SAMPLES",
    "SAMPLE_RATE_HZ",
    "UNCLASSIFIED",
    "AlarmEvent",
    "AlarmKind",
    "AlarmState",
    "Beat",
    "Event",
    "FloatArray",
    "Gap",
    "MinuteSummary",
    "Priority",
    "Quality",
    "Rhythm",
    "RhythmChange",
    "SampleBlock",
    "Vitals",
]

SAMPLE_RATE_HZ = 360
"""The one rate of everything after the resampler."""

BEAT_BEFORE = 99
BEAT_AFTER = 159
BEAT_SAMPLES = BEAT_BEFORE + 1 + BEAT_AFTER
"""A beat: 99 samples (275 ms) before the R peak, the R sample, 159 (442 ms) after."""

UNCLASSIFIED = "unclassified"
"""Label of a beat cut from a bad or incomplete stretch; it was not shown to the model."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Consecutive samples of one lead, as a front end delivers them.

    Attributes:
        first_index: index of the first sample since the stream began, at the source's rate. A jump ahead of the end of
            the block before is a gap: samples were lost, and their number is known.
        samples_mv: shape (n,), mV. NaN marks a single lost or unusable sample.
        electrode_off: state of the electrodes over the whole block; None where the front end cannot tell.
            A front end cuts its blocks where the state changes.
    """

    first_index: int
    samples_mv: FloatArray
    electrode_off: bool | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of the last few seconds of signal.

    Attributes:
        index: 360 Hz index of the end of the stretch that was judged.
        score: 0 (unusable) to 1 (clean); None while there is too little signal to judge.
        flat, clipped, mains, muscle, baseline: which faults were found.
    """

    index: int
    score: float | None
    flat: bool = False
    clipped: bool = False
    mains: bool = False
    muscle: bool = False
    baseline: bool = False

    @property
    def good(self) -> bool:
        """Whether beats and silence of this stretch can be believed."""
        return self.score is not None and self.score >= 0.5

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults found, in a fixed order."""
        return tuple(name for name in ("flat", "clipped", "mains", "muscle", "baseline") if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat with its label.

    Attributes:
        index: 360 Hz index of the R peak.
        label: a label of the model (`aami5`: N S V F Q; `mitbih6`: N L R A V /) or `unclassified`.
        rr_ms: interval from the R peak before; None for the first beat and after a gap.
        probability: the model's probability of `label`; None when unclassified.
        quality: quality score 0..1 of the stretch; None where unknown.
        r_mv: height of the R peak over the baseline, mV (negative in an inverted lead); None where a part of the beat
            is lost.
        likeness: of the QRS complex to those before, -1 to 1 (a cosine); None where unknown.
        p_wave: how much the signal before the QRS complex repeats that of the beats before, -1 to 1: about 0 in
            fibrillation, 0.2 and more where a P wave can be seen; None where it cannot be told.
    """

    index: int
    label: str
    rr_ms: float | None
    probability: float | None
    quality: float | None
    r_mv: float | None
    likeness: float | None = None
    p_wave: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that were lost: `length` samples at 360 Hz from `index` on (rounded outwards)."""

    index: int
    length: int


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
    VENTRICULAR_TACHYCARDIA = "ventricular_tachycardia"
    PAUSE = "pause"
    TACHYCARDIA = "tachycardia"
    BRADYCARDIA = "bradycardia"
    ATRIAL_FIBRILLATION = "atrial_fibrillation"
    VENTRICULAR_RUN = "ventricular_run"
    ELECTRODE_OFF = "electrode_off"
    POOR_SIGNAL = "poor_signal"
    SAMPLES_LOST = "samples_lost"


class AlarmState(StrEnum):
    """Stages in the life of an alarm."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm opened, changed or closed.

    Attributes:
        index: 360 Hz index at which the decision fell.
        onset_index: 360 Hz index at which what it tells of began; with `kind` it names the alarm for its whole life.
        evidence: what the decision rests on, JSON-able, units in the names (`heart_rate_bpm`, `rr_ms`, `threshold_s`).
    """

    index: int
    kind: AlarmKind
    priority: Priority
    state: AlarmState
    onset_index: int
    evidence: dict[str, float | int | str | list[float] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the monitor knows now; None is unknown, never 0.

    Attributes:
        index: 360 Hz index of the moment.
        heart_rate_bpm: from the last RR intervals; None without recent beats or in bad signal.
        quality: score 0..1.
        electrodes: "on", "off", or None where the front end cannot tell.
    """

    index: int
    heart_rate_bpm: float | None
    rhythm: Rhythm | None
    quality: float | None
    faults: tuple[str, ...]
    electrodes: Literal["on", "off"] | None


@dataclass(frozen=True, slots=True)
class MinuteSummary:
    """One minute of stream time, from `index` (360 Hz) on.

    Attributes:
        duration_s: length of the stretch (shorter for the last one of a stream).
        beats: count by label, only labels that occurred.
        heart_rate_*_bpm: from RR intervals without gaps; None without any.
        sdnn_ms, rmssd_ms: over successive normal-to-normal intervals; None with fewer than 2 (Task Force 1996).
        longest_rr_ms: None without intervals.
        good_signal_s: seconds of good quality.
        lost_s: seconds of lost samples.
    """

    index: int
    duration_s: float
    beats: dict[str, int]
    heart_rate_min_bpm: float | None
    heart_rate_mean_bpm: float | None
    heart_rate_max_bpm: float | None
    sdnn_ms: float | None
    rmssd_ms: float | None
    longest_rr_ms: float | None
    good_signal_s: float
    lost_s: float


Event = Beat | Gap | RhythmChange | AlarmEvent | Vitals | MinuteSummary
"""What comes out of the pipeline."""
