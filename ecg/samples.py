"""The data that flow through the monitor, with their units.

Two clocks of sample indices exist. A front end counts at its own rate (`SampleBlock.first_index`); everything after the
resampler counts at 360 Hz from the same instant: 360 Hz index `i` and source index `i * rate_hz / 360` are the same
moment. UTC is attached only where messages are written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    "Beat",
    "Float32Array",
    "FloatArray",
    "Gap",
    "Quality",
    "SampleBlock",
    "VentricularWaves",
    "runs",
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
Float32Array = NDArray[np.float32]


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
        flat, clipped, mains, muscle, baseline, motion: which faults were found.
    """

    index: int
    score: float | None
    flat: bool = False
    clipped: bool = False
    mains: bool = False
    muscle: bool = False
    baseline: bool = False
    motion: bool = False

    @property
    def good(self) -> bool:
        """Whether beats and silence of this stretch can be believed."""
        return self.score is not None and self.score >= GOOD_SCORE

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults found, in a fixed order."""
        names = ("flat", "clipped", "mains", "muscle", "baseline", "motion")
        return tuple(name for name in names if getattr(self, name))


@dataclass(frozen=True, slots=True)
class VentricularWaves:
    """Whether the last few seconds of signal are waves without separate heartbeats, as in ventricular flutter.

    Attributes:
        index: 360 Hz index of the judgement.
        onset_index: 360 Hz index of the middle of the stretch that was judged: waves that begin here fill half of it,
            and are then just seen.
        log_odds: natural logarithm of the odds that they are; minus infinity where the signal is too low to be judged.
        rate_bpm: of the dominant wave; None where it cannot be.
        height_mv: peak to peak; None where it cannot be.
        has_usual_qrs: the patient's usual QRS complexes go on through whatever waves there are.
    """

    index: int
    onset_index: int
    log_odds: float
    rate_bpm: float | None
    height_mv: float | None
    has_usual_qrs: bool = False


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
        likeness: of the QRS complex to that of the patient's usual beat, -1 to 1 (a correlation); None where unknown.
        likeness_to_any: the same to whichever shape of beats before it is most like; None where there is none.
        is_own: whether it has the shape of the patient's usual beat, which has been seen in a rhythm that was not fast.
        p_wave: how much the signal before the QRS complex repeats that of the beats before, -1 to 1: about 0 in
            atrial fibrillation, 0.2 and more where a P wave can be seen; None where it cannot be told.
    """

    index: int
    label: str
    rr_ms: float | None
    probability: float | None
    quality: float | None
    r_mv: float | None
    likeness: float | None = None
    likeness_to_any: float | None = None
    is_own: bool = False
    p_wave: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that were lost: `length` samples at 360 Hz from `index` on (rounded outwards)."""

    index: int
    length: int


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First index of each run of true values, and the index after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
