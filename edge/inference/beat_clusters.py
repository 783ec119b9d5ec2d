"""Whether a beat is ventricular is a matter of its shape: beats of one shape are judged together.

A premature atrial beat looks like the patient's normal beats, and a ventricular one like the others from the same
focus. So the beats are divided into clusters of like QRS complexes as they come, and the model's evidence for V,
uncertain beat by beat, is averaged over a cluster. What else the label hangs on, N or S by the rhythm, stays a matter
of the single beat.

Kin: the beat types of Hamilton's classifier (P. S. Hamilton, "Open source ECG analysis", Computers in Cardiology 2002),
which gives a type's label to its beats; here it is evidence that is shared, not a label, so that no beat has to wait.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, VENTRICULAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.samples import FloatArray

__all__ = ["BeatClusters"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clustering:
    """Numbers that were chosen together, on `svdb` in fifths, each by a model that did not learn from it.

    `benchmarks/CHOICES.md` (Beat clusters) says how little F1 of V changes around them.

    Attributes:
        before, after: samples on either side of the R peak that make a shape: 100 and 200 ms.
        correlation: from which on two beats are of one cluster ...
        size: ... where ln of their r.m.s. sizes differs by less than this.
        weight: of a new beat in its cluster's shape.
        most_beats: of which a cluster's evidence is the mean.
        most_clusters: beyond it the one that was not seen for longest is forgotten.
        smallest: probability: half a step of the int8 model.
    """

    before: int = 36
    after: int = 72
    correlation: float = 0.90
    size: float = 0.25
    weight: float = 1 / 8
    most_beats: int = 128
    most_clusters: int = 16
    smallest: float = 1 / 512


CLUSTERING: Final = Clustering()
_SPAN: Final = slice(BEAT_BEFORE - CLUSTERING.before, BEAT_BEFORE + CLUSTERING.after)


@dataclass(slots=True, eq=False)
class _Cluster:
    shape_mv: FloatArray  # without its mean
    ln_odds: float = 0.0  # mean evidence for V
    beats: int = 0


class BeatClusters:
    """Follows the clusters of one patient's beats."""

    def __init__(self) -> None:
        self._clusters: list[_Cluster] = []  # the one that was seen last at the end

    def pool(self, window_mv: FloatArray, probabilities: Mapping[str, float]) -> dict[str, float]:
        """Take the next beat, and give it its cluster's probability of V; the other labels keep their proportions.

        Args:
            window_mv: shape (259,), the beat signal.
            probabilities: of each label, by the model.

        Returns:
            The probabilities, of sum 1; as they were where the model has no label V.
        """
        own = probabilities.get(VENTRICULAR)
        if own is None:
            return dict(probabilities)
        own = min(max(own, CLUSTERING.smallest), 1 - CLUSTERING.smallest)
        cluster = self._cluster_of(window_mv[_SPAN] - window_mv[_SPAN].mean())
        cluster.beats = min(cluster.beats + 1, CLUSTERING.most_beats)
        cluster.ln_odds += (math.log(own / (1 - own)) - cluster.ln_odds) / cluster.beats
        pooled = 1 / (1 + math.exp(-cluster.ln_odds))
        rest = {label: probability for label, probability in probabilities.items() if label != VENTRICULAR}
        if not any(rest.values()):
            rest = dict.fromkeys(rest, 1.0)  # the model was so sure of V that nothing is known of the others
        scale = (1 - pooled) / sum(rest.values())
        return {label: pooled if label == VENTRICULAR else scale * rest[label] for label in probabilities}

    def _cluster_of(self, shape_mv: FloatArray) -> _Cluster:
        """The cluster of a beat, which shapes it, or a new one."""
        cluster = self._nearest(shape_mv)
        if cluster is None:
            cluster = _Cluster(shape_mv)
        else:
            self._clusters.remove(cluster)
            cluster.shape_mv = cluster.shape_mv + CLUSTERING.weight * (shape_mv - cluster.shape_mv)
        self._clusters = [*self._clusters, cluster][-CLUSTERING.most_clusters :]
        return cluster

    def _nearest(self, shape_mv: FloatArray) -> _Cluster | None:
        """The cluster whose shape a beat is most like; None where it is like none."""
        power = float(shape_mv @ shape_mv)
        if power == 0 or not self._clusters:
            return None
        shapes_mv = np.stack([cluster.shape_mv for cluster in self._clusters])
        powers = np.maximum(np.einsum("ij,ij->i", shapes_mv, shapes_mv), np.finfo(float).tiny)
        correlation = shapes_mv @ shape_mv / (np.sqrt(powers) * math.sqrt(power))
        is_as_large = np.abs(np.log(powers / power)) < 2 * CLUSTERING.size
        best = int(np.where(is_as_large, correlation, -1.0).argmax())
        return self._clusters[best] if is_as_large[best] and correlation[best] >= CLUSTERING.correlation else None
