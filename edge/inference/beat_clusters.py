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

_SPAN: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 72)  # 100 ms before to 200 ms after the R peak
_LIKE: Final = 0.90  # correlation from which on two beats are of one cluster ...
_SIZE: Final = 0.25  # ... where ln of their r.m.s. sizes differs by less than this
_WEIGHT: Final = 1 / 8  # of a new beat in its cluster's shape
_MOST_BEATS: Final = 128  # of which a cluster's evidence is the mean
_MOST_CLUSTERS: Final = 16  # beyond it the one that was not seen for longest is forgotten
_SMALLEST: Final = 1 / 512  # probability: half a step of the int8 model


@dataclass(slots=True, eq=False)
class _Cluster:
    shape_mv: FloatArray  # without its mean
    ln_odds: float = 0.0  # mean evidence for V
    beats: int = 0


class BeatClusters:
    """Follows the clusters of one patient's beats.

    The numbers were chosen on `svdb` in fifths, each by a model that did not learn from it: F1 of V is 0.89 by the
    model alone, 0.91 with clusters, and 0.905 to 0.913 with a correlation of 0.87 to 0.92, a size of 0.15 to 0.25, a
    weight of 1/16 to 1/4, and spans of 300 to 450 ms.
    """

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
        own = min(max(own, _SMALLEST), 1 - _SMALLEST)
        cluster = self._cluster_of(window_mv[_SPAN] - window_mv[_SPAN].mean())
        cluster.beats = min(cluster.beats + 1, _MOST_BEATS)
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
            cluster.shape_mv = cluster.shape_mv + _WEIGHT * (shape_mv - cluster.shape_mv)
        self._clusters = [*self._clusters, cluster][-_MOST_CLUSTERS:]
        return cluster

    def _nearest(self, shape_mv: FloatArray) -> _Cluster | None:
        """The cluster whose shape a beat is most like; None where it is like none."""
        power = float(shape_mv @ shape_mv)
        if power == 0 or not self._clusters:
            return None
        shapes_mv = np.stack([cluster.shape_mv for cluster in self._clusters])
        powers = np.maximum(np.einsum("ij,ij->i", shapes_mv, shapes_mv), np.finfo(float).tiny)
        correlation = shapes_mv @ shape_mv / (np.sqrt(powers) * math.sqrt(power))
        is_as_large = np.abs(np.log(powers / power)) < 2 * _SIZE
        best = int(np.where(is_as_large, correlation, -1.0).argmax())
        return self._clusters[best] if is_as_large[best] and correlation[best] >= _LIKE else None
