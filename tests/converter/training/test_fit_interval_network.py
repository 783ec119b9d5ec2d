"""The network that learned from simulated patients reads them as trained, on the Pi as in Keras."""

from __future__ import annotations

import numpy as np
import pytest

from converter.simulation.patients import Underlying
from converter.training.fit_interval_network import build, examples, weights_of
from edge.inference.intervals import INTERVALS, IntervalNetwork


def test_the_pi_computes_what_keras_computes() -> None:
    network = build(width=5, units=7)
    rng = np.random.default_rng(1)
    network.set_weights([rng.normal(0, 0.5, weights.shape) for weights in network.get_weights()])
    shown, early, rhythm = examples(0, 3)
    assert shown.shape[1:] == (INTERVALS, 2)
    assert (early.shape[1:], rhythm.shape) == ((1,), (len(shown),))
    told = network.predict(shown, verbose=0)
    expected = np.concatenate([np.asarray(told["early"]), np.asarray(told["rhythm"])], axis=1)
    ours = IntervalNetwork(weights_of(network))
    found = np.array([ours.outputs(each) for each in shown])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("underlying", "least"), [(Underlying.ECTOPIC, 0.6), (Underlying.BLOCKED, 0.6)])
def test_the_shipped_network_reads_new_patients(underlying: Underlying, least: float) -> None:
    network = IntervalNetwork.shipped()
    shown, early, rhythm = examples(10_000, 120)  # no patient that it was fitted to
    mine = np.flatnonzero(rhythm == underlying)
    told = np.array([network.outputs(each) for each in shown[mine]])
    assert (told[:, 1:].argmax(axis=1) == underlying).mean() > least
    is_early = early[mine, 0] > 0
    assert (told[~is_early, 0] > 0).mean() < 0.06
    if is_early.any():
        assert (told[is_early, 0] > 0).mean() > least
