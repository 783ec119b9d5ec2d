"""From the samples of a beat and the intervals around it to the beat with its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.samples import BEAT_BEFORE, SAMPLE_RATE_HZ, UNCLASSIFIED, Beat
from edge.inference.decision import decide
from edge.inference.inputs import InputBuilder
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.inference.shape_evidence import learn, pool
from edge.inference.wide_tachycardia import WideTachycardia

if TYPE_CHECKING:
    from ecg.samples import FloatArray, Quality
    from edge.inference.classifier import Classifier
    from edge.signal.beat_morphology import BeatMorphology

__all__ = ["BeatLabeller"]


class BeatLabeller:
    """Labels the beats of one patient in their order.

    Args:
        classifier: gives the probabilities of labels; None leaves each beat unclassified.
        morphology: the shapes of the beats so far; each beat is filed there.

    Attributes:
        intervals: the RR intervals up to the newest beat; whoever knows how it was measured adds it.
    """

    def __init__(self, classifier: Classifier | None, morphology: BeatMorphology) -> None:
        self.intervals = RrHistory(IntervalNetwork.shipped())
        self._classifier = classifier
        self._inputs = InputBuilder(normalisation=classifier.normalisation) if classifier else None
        self._morphology = morphology
        self._tachycardia = WideTachycardia(morphology)

    def label(
        self,
        r_index: int,
        window_mv: FloatArray | None,
        rr_before_s: float | None,
        rr_after_s: float | None,
        *,
        detected: FloatArray | None,
        quality: Quality,
        in_atrial_fibrillation: bool,
        final: bool,
    ) -> Beat:
        """Label the next beat.

        Args:
            r_index: 360 Hz index of its R peak.
            window_mv: shape (259,), the beat signal; None where a part of it is lost.
            rr_before_s: interval from the R peak before; None where unknown.
            rr_after_s: interval to the R peak after it; None where unknown.
            detected: `Candidate.shape` of its detection.
            quality: of the signal now; a beat of bad signal is not shown to the model.
            in_atrial_fibrillation: whether the rhythm is atrial fibrillation, or often was of late.
            final: the beat takes part in what is known of the beats before; else it leaves no trace.
        """
        label, probability = UNCLASSIFIED, None
        measured = None
        if window_mv is not None:
            measured = self._morphology.measure(window_mv, rr_before_s, detected)
        is_own = measured is not None and self._morphology.is_own(measured)
        is_bad = quality.score is not None and not quality.good
        if measured is not None and not is_bad:
            template_mv = self._morphology.template(measured)
            own: dict[str, float] | None = None
            if self._classifier is not None and self._inputs is not None:
                shown = self._inputs.build(measured, rr_after_s, template_mv=template_mv, history=self.intervals)
                own = dict(zip(self._classifier.labels, self._classifier.classify(shown).tolist(), strict=True))
                label, probability = decide(
                    pool(own, measured.shape),
                    in_atrial_fibrillation=in_atrial_fibrillation,
                    in_wide_tachycardia=self._tachycardia.includes(measured, moves=quality.baseline),
                    may_be_ventricular=measured.shape is not None
                    and self._morphology.may_be_ventricular(measured.shape),
                )
            if final:
                if self._inputs is not None:
                    self._inputs.add(measured)
                self._tachycardia.add(measured, moves=quality.baseline)
                shape = self._morphology.add(measured, r_index / SAMPLE_RATE_HZ)
                if own is not None:
                    learn(shape, own)
        return Beat(
            index=r_index,
            label=label,
            rr_ms=None if rr_before_s is None else 1000 * rr_before_s,
            probability=probability,
            quality=quality.score,
            r_mv=None if window_mv is None else float(window_mv[BEAT_BEFORE]),
            likeness=None if measured is None else measured.to_usual,
            likeness_to_any=None if measured is None else measured.to_nearest,
            is_own=is_own,
            p_wave=None if measured is None else measured.p_wave,
        )
