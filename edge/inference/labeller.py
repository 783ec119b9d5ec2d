"""From the samples of a beat and the intervals around it to the beat with its label."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from ecg.samples import BEAT_BEFORE, UNCLASSIFIED, Beat
from edge.inference.beat_clusters import BeatClusters
from edge.inference.decision import decide
from edge.inference.inputs import BeatContext, InputBuilder
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.signal.beat_shape import ShapeMeter

if TYPE_CHECKING:
    from ecg.samples import FloatArray, Quality
    from edge.inference.classifier import Classifier

__all__ = ["BeatLabeller"]


class BeatLabeller:
    """Labels the beats of one patient in their order; carries all that is known of the beats before.

    Args:
        classifier: gives the probabilities of labels; None leaves each beat unclassified.

    Attributes:
        intervals: the RR intervals up to the newest beat.
    """

    def __init__(self, classifier: Classifier | None) -> None:
        self.intervals = RrHistory(IntervalNetwork.shipped())
        self._classifier = classifier
        self._inputs = InputBuilder(normalisation=classifier.normalisation) if classifier else None
        self._shapes = ShapeMeter()
        self._clusters = BeatClusters()

    def label(
        self,
        r_index: int,
        window_mv: FloatArray | None,
        rr_before_s: float | None,
        rr_after_s: float | None,
        *,
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
            quality: of the signal now; a beat of bad signal is not shown to the model.
            in_atrial_fibrillation: whether the rhythm is atrial fibrillation, or often was of late.
            final: the beat takes part in what is known of the beats before; else it leaves no trace.
        """
        known = self._inputs, self._shapes, self._clusters
        inputs, shapes, clusters = known if final else copy.deepcopy(known)
        shape = shapes.measure(window_mv, rr_before_s)
        label: str
        probability: float | None
        label, probability = UNCLASSIFIED, None
        is_bad = quality.score is not None and not quality.good
        if self._classifier is not None and inputs is not None and window_mv is not None and not is_bad:
            shown = inputs.build(BeatContext(window_mv, rr_before_s, rr_after_s), self.intervals)
            probabilities = self._classifier.classify(shown).tolist()
            of_labels = dict(zip(self._classifier.labels, probabilities, strict=True))
            label, probability = decide(
                clusters.pool(window_mv, of_labels), in_atrial_fibrillation=in_atrial_fibrillation
            )
        if final:
            self.intervals.add(rr_before_s)
        return Beat(
            index=r_index,
            label=label,
            rr_ms=None if rr_before_s is None else 1000 * rr_before_s,
            probability=probability,
            quality=quality.score,
            r_mv=None if window_mv is None else float(window_mv[BEAT_BEFORE]),
            likeness=shape.likeness,
            p_wave=shape.p_wave,
        )
