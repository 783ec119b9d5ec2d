from __future__ import annotations

import numpy as np
import pytest

from converter import zoo
from edge.errors import InputError


def test_the_published_model_has_its_published_size() -> None:
    model = zoo.build("resecanet-mitbih6")
    assert zoo.parameters(model) == 3_859_579
    assert zoo.multiply_accumulates(model) == 49_079_360
    assert model.output.shape == (None, 6)


def test_the_default_model_is_light() -> None:
    model = zoo.build("resecanet-aami5", waveform_channels=2, rhythm_features=10)
    assert zoo.multiply_accumulates(model) <= 5_000_000
    assert zoo.parameters(model) < 250_000
    assert {tensor.name: tuple(tensor.shape[1:]) for tensor in model.inputs} == {"waveform": (259, 2), "rhythm": (10,)}


def test_probabilities_of_an_untrained_model_sum_to_one() -> None:
    model = zoo.build("resecanet-aami5", waveform_channels=1, rhythm_features=3)
    rng = np.random.default_rng(1)
    beats = {"waveform": rng.normal(size=(4, 259, 1)), "rhythm": rng.normal(size=(4, 3))}
    np.testing.assert_allclose(model.predict(beats, verbose=0).sum(axis=1), 1, atol=1e-5)


# ECA-Net, equation 12, with an even whole part going up: 32 -> 3.0, 64 -> 3.5, 128 -> 4.0, 256 -> 4.5, 512 -> 5.0.
@pytest.mark.parametrize(("channels", "kernel"), [(16, 3), (32, 3), (64, 3), (128, 5), (256, 5), (512, 5), (2, 1)])
def test_the_attention_reaches_as_far_as_its_paper_says(channels: int, kernel: int) -> None:
    assert zoo.eca_kernel(channels) == kernel


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="resecanet-mitbih6, resecanet-aami5"):
        zoo.build("resnet50")


@pytest.mark.parametrize(("name", "features"), [("resecanet-mitbih6", 4), ("resecanet-aami5", 0)])
def test_rhythm_features_go_with_the_model_that_takes_them(name: str, features: int) -> None:
    with pytest.raises(InputError, match="rhythm feature"):
        zoo.build(name, rhythm_features=features)
