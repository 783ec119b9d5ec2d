"""What ships is explained by what it learned: a network that learned nothing looks elsewhere (Adebayo et al. 2018)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reader.classify.asked import AskedModel
from reader.classify.heights import HEIGHTS
from reader.classify.model import Slopes, shipped, slope_of_prepared
from reader.classify.preparation import SAMPLES, companded
from reader.explain.checks import rank_correlation
from reader.explain.explain import explain
from reader.measure import measure
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

if TYPE_CHECKING:
    from ecg.samples import Float32Array, FloatArray
    from reader.explain.explain import Explained
    from reader.explain.methods import Method

pytest.importorskip("tensorflow", reason="TensorFlow comes with the extra [converter]")

OTHER = 0.3
"""Rank correlation below which two maps are other maps."""


def untrained(labels: tuple[str, ...]) -> AskedModel:
    """A network like the one that ships, with the weights that it begins with."""
    import keras

    from converter.zoo.residual import MAP, Network, build

    keras.utils.set_random_seed(4)
    network: Any = build(Network(widths=(16, 24, 32)), samples=SAMPLES, leads=12, heights=HEIGHTS, labels=labels)

    def log_odds(leads: Float32Array, heights: Float32Array) -> FloatArray:
        told = network([companded(leads)[np.newaxis], heights[np.newaxis]], training=False)
        return np.asarray(told, dtype=np.float64)[0]

    with_map = keras.Model(network.inputs, [*network.outputs, network.get_layer(MAP).output])
    weights = network.get_layer("log_odds").get_weights()[0]

    def slopes(leads: Float32Array, heights: Float32Array, label: int) -> Slopes:
        import tensorflow as tf

        shown = [tf.constant(companded(leads)[np.newaxis]), tf.constant(heights[np.newaxis])]
        with tf.GradientTape() as tape:
            tape.watch(shown)
            told, map_ = with_map(shown, training=False)
            answer = told[0, label]
        of_leads, of_heights = (each.numpy()[0].astype(np.float64) for each in tape.gradient(answer, shown))
        features = map_.numpy()[0]
        activation = features @ weights[: features.shape[1], label] / len(features)
        return Slopes(float(answer), slope_of_prepared(of_leads, leads), of_heights, activation)

    return AskedModel(labels, LEADS, log_odds, slopes)


# LIME and SHAP ask both networks 500 times, and weigh the same parts as occlusion.
@pytest.mark.parametrize("method", ["occlusion", "saliency", "grad-cam", "integrated-gradients"])
def test_maps_of_a_network_with_random_weights_are_other_maps(method: Method) -> None:
    samples_mv = normal_samples_mv() + noise((12, 10 * RATE_HZ))
    ecg = TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS)
    beats = measure(ecg).beats
    labels = shipped("twelve-lead").card.labels
    learned = explain(ecg, beats, labels, method=method)
    random = explain(ecg, beats, labels, method=method, model=untrained(labels))
    alike = [abs(_correlation(*pair, by_sample=method != "occlusion")) for pair in zip(learned, random, strict=True)]
    assert max(alike) < OTHER, alike


def _correlation(one: Explained, other: Explained, *, by_sample: bool) -> float:
    """Of two maps: of the samples that belong to waves, where they are weighed one by one, or of the waves."""
    if by_sample:
        in_waves = (one.heat != 0) | (other.heat != 0)
        return rank_correlation(one.heat[in_waves], other.heat[in_waves])
    weights = [
        [place.weight for place in sorted(each.explanation.places, key=lambda place: (place.lead, place.wave))]
        for each in (one, other)
    ]
    return rank_correlation(*map(np.array, weights))
