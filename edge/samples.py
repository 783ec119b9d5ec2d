"""The data that flow through the monitor, with their units.

Two clocks of sample indices exist. A front end counts at its own rate (`SampleBlock.first_index`); everything after the
resampler counts at 360 Hz from the same instant: 360 Hz index `i` and source index `i * rate_hz / 360` are the same
moment. UTC is attached only where messages are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from edge.rhythm.tally import Tally

__all__ = [
    "BEAT_AFTER",
    "BEAT_BEFORE",
    "BEAT_SAMPLES",
    "GOOD_SCORE",
    "NORMAL",
    "SAMPLE_RATE_HZ",
    "SUPRAVENTRICULAR",
    "UNCLASSIFIED",
    "VENTRICULAR",
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
    "Waves",
]

SAMPLE_RATE_HZ = 360
"""The one rate of everything after the resampler."""

BEAT_BEFORE = 99
BEAT_AFTER = 159
BEAT_SAMPLES = BEAT_BEFORE + 1 + BEAT_AFTER
"""A beat: 99 samples (275 ms) before the R peak, the R sample, 159 (442 ms) after."""

GOOD_SCORE = 0.5
"""Quality from which on beats and silence can be believed."""

UNCLASSIFIED = "unclassified"
"""Label of a beat cut from a bad or incomplete stretch; it was not shown to the model."""

NORMAL = "N"
VENTRICULAR = "V"
"""The labels of normal and ventricular beats, of `aami5` and of `mitbih6`. Paced (/), fusion (F) and unknown (Q) beats
are not ventricular."""

SUPRAVENTRICULAR = ("S", "A")
"""The labels of supraventricular premature beats, of `aami5` and of `mitbih6`."""

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
        fault: what is wrong with the front end, as a sentence; None while all is well. A block of nothing but NaN with
            a fault is how a front end that delivers nothing keeps stream time going.
        end_s: the moment of the end of the block on the monotonic clock, where the front end knows it.
    """

    first_index: int
    samples_mv: FloatArray
    electrode_off: bool | None = None
    fault: str | None = None
    end_s: float | None = None


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
        return self.score is not None and self.score >= GOOD_SCORE

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults found, in a fixed order."""
        return tuple(name for name in ("flat", "clipped", "mains", "muscle", "baseline") if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Waves:
    """Whether the last few seconds of signal are waves without separate heartbeats, as in ventricular flutter.

    Attributes:
        index: 360 Hz index of the judgement.
        onset_index: 360 Hz index of the middle of the stretch that was judged: waves that begin here fill half of it,
            and are then just seen.
        log_odds: natural logarithm of the odds that they are; minus infinity where the signal is too low to be judged,
            or its waves are too slow or too fast for that.
        rate_bpm: of the dominant wave; None where it cannot be.
        height_mv: peak to peak; None where it cannot be.
    """

    index: int
    onset_index: int
    log_odds: float
    rate_bpm: float | None
    height_mv: float | None


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


class AlarmState(StrEnum):
    """Stages in the life of an alarm; the rules open, update and close, the board does the others."""

    OPENED = "opened"
    UPDATED = "updated"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
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
    """One minute of stream time, from `index` (360 Hz) on; the last one of a stream is shorter.

    Attributes:
        tally: what it amounts to, with the figures that follow.
        fibrillation_before: samples of atrial fibrillation in minutes given already: it is told some time after its
            onset, and its end too (then the number may be negative). Hours and days take them in.
    """

    index: int
    tally: Tally
    fibrillation_before: int = 0


Event = Beat | Gap | RhythmChange | AlarmEvent | Vitals | MinuteSummary
"""What comes out of the pipeline."""
