"""What ships is explained by what it learned: a network that learned nothing looks elsewhere (Adebayo et al. 2018)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reader.classify.asked import AskedModel
from reader.classify.heights import HEIGHTS
from reader.classify.model import shipped
from reader.classify.preparation import SAMPLES, companded
from reader.explain.checks import rank_correlation
from reader.explain.explain import explain
from reader.measure import measure
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

if TYPE_CHECKING:
    from ecg.samples import Float32Array, FloatArray

pytest.importorskip("tensorflow", reason="TensorFlow comes with the extra [converter]")

OTHER = 0.3
"""Rank correlation below which two maps are other maps."""


def untrained(labels: tuple[str, ...]) -> AskedModel:
    """A network like the one that ships, with the weights that it begins with."""
    import keras

    from converter.zoo.residual import Network, build

    keras.utils.set_random_seed(4)
    network: Any = build(Network(widths=(16, 24, 32)), samples=SAMPLES, leads=12, heights=HEIGHTS, labels=labels)

    def log_odds(leads: Float32Array, heights: Float32Array) -> FloatArray:
        told = network([companded(leads)[np.newaxis], heights[np.newaxis]], training=False)
        return np.asarray(told, dtype=np.float64)[0]

    return AskedModel(labels, LEADS, log_odds)


def test_maps_of_a_network_with_random_weights_are_other_maps() -> None:
    samples_mv = normal_samples_mv() + noise((12, 10 * RATE_HZ))
    ecg = TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS)
    beats = measure(ecg).beats
    labels = shipped("twelve-lead").card.labels
    learned = explain(ecg, beats, labels)
    random = explain(ecg, beats, labels, model=untrained(labels))
    alike = [
        abs(rank_correlation(*(np.array(_weights(each)) for each in pair)))
        for pair in zip(learned, random, strict=True)
    ]
    assert max(alike) < OTHER, alike


def _weights(explained: Any) -> list[float]:
    return [place.weight for place in sorted(explained.explanation.places, key=lambda place: (place.lead, place.wave))]
