"""Weights of the samples of an ECG in an answer, by the gradient that the model file gives.

What is weighed is what a wave rises above the ECG without waves (`Perturbation.keeping` none of them), so that a weight
is in log odds, and has a sign.

- Saliency: the gradient (Simonyan et al. 2014) times that rise (Shrikumar et al. 2017, gradient times input).
- Grad-CAM: its map (Selvaraju et al. 2017) says when, not in which lead. As in Guided Grad-CAM it is multiplied with a
  map that does: here with saliency in place of guided backpropagation, which shows edges whatever was learned (Adebayo
  et al. 2018).
- Integrated gradients: the mean gradient on the straight way from the ECG without waves to the ECG, times the rise; all
  weights together are the difference of the two answers (Sundararajan et al. 2017).

The heights that a model is told beside the leads are weighed likewise; what they weigh is given to the QRS complexes of
the leads that they are of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.heights import lead_heights
from reader.classify.preparation import SAMPLES
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from reader.classify.asked import AskedModel
    from reader.explain.perturbation import Perturbation

__all__ = ["grad_cam", "integrated_gradients", "of_parts", "saliency"]

_STRIDE: Final = 64
_FIRST: Final = 39
"""Position p of the last feature map looks at sample 64 p + 39: six convolutions halve the rate, padded on both sides,
so that their middles stand there."""
_STEPS: Final = 8
"""Of the way; at Gauss and Legendre's nodes."""


def saliency(asked: AskedModel, perturbation: Perturbation, label: int) -> tuple[FloatArray, FloatArray]:
    """Weights of the samples, shape (1000, 12), and of the heights, shape (`HEIGHTS`,).

    Args:
        asked: the model.
        perturbation: the ECG with and without its waves.
        label: number of the finding among the model's labels.
    """
    leads, heights = perturbation.keeping(np.ones(len(perturbation.parts), dtype=bool))
    none, none_heights = perturbation.keeping(np.zeros(len(perturbation.parts), dtype=bool))
    slopes = asked.slopes(leads, heights, label)
    return slopes.leads * (leads - none), slopes.heights * (heights - none_heights)


def grad_cam(asked: AskedModel, perturbation: Perturbation, label: int) -> tuple[FloatArray, FloatArray]:
    """The same, by Grad-CAM and saliency together; heights have no time, and keep their saliency."""
    leads, heights = perturbation.keeping(np.ones(len(perturbation.parts), dtype=bool))
    none, none_heights = perturbation.keeping(np.zeros(len(perturbation.parts), dtype=bool))
    slopes = asked.slopes(leads, heights, label)
    positive = np.maximum(slopes.activation, 0.0)
    mean = positive.mean()
    if mean > 0:
        positive = positive / mean  # so that the weights stay in log odds
    at = _FIRST + _STRIDE * np.arange(len(positive))
    when = np.interp(np.arange(SAMPLES), at, positive)
    return when[:, np.newaxis] * slopes.leads * (leads - none), slopes.heights * (heights - none_heights)


def integrated_gradients(asked: AskedModel, perturbation: Perturbation, label: int) -> tuple[FloatArray, FloatArray]:
    """The same, by integrated gradients."""
    leads, heights = perturbation.keeping(np.ones(len(perturbation.parts), dtype=bool))
    none, none_heights = perturbation.keeping(np.zeros(len(perturbation.parts), dtype=bool))
    of_leads, of_heights = np.zeros(leads.shape), np.zeros(heights.shape)
    for node, share in zip(*np.polynomial.legendre.leggauss(_STEPS), strict=True):
        way = np.float32((1 + node) / 2)
        slopes = asked.slopes(none + way * (leads - none), none_heights + way * (heights - none_heights), label)
        of_leads += share / 2 * slopes.leads
        of_heights += share / 2 * slopes.heights
    return of_leads * (leads - none), of_heights * (heights - none_heights)


def of_parts(perturbation: Perturbation, of_samples: FloatArray, of_heights: FloatArray) -> FloatArray:
    """Weights of the parts, shape (parts,), from those of samples and heights."""
    weights = perturbation.sums(of_samples)
    needed = lead_heights()
    by_lead = needed @ (of_heights / np.maximum(needed.sum(axis=0), 1))
    for number, (lead, wave) in enumerate(perturbation.parts):
        if wave == "QRS":
            weights[number] += by_lead[LEADS.index(lead)]
    return weights
