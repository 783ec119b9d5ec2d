from __future__ import annotations

import numpy as np
import pytest

from converter.training.calibration import scale_temperature
from converter.zoo import resecanet
from ecg.errors import InputError


def test_the_published_model_has_its_published_size() -> None:
    model = resecanet.build("resecanet-mitbih6")
    assert resecanet.parameters(model) == 3_859_579
    assert resecanet.multiply_accumulates(model) == 49_079_360
    assert model.output.shape == (None, 6)


def test_the_default_model_is_light() -> None:
    model = resecanet.build("resecanet-aami5", waveform_channels=2, rhythm_features=10)
    assert resecanet.multiply_accumulates(model) <= 5_000_000
    assert resecanet.parameters(model) < 250_000
    assert {tensor.name: tuple(tensor.shape[1:]) for tensor in model.inputs} == {"waveform": (259, 2), "rhythm": (10,)}


def test_probabilities_of_an_untrained_model_sum_to_one() -> None:
    model = resecanet.build("resecanet-aami5", waveform_channels=1, rhythm_features=3)
    rng = np.random.default_rng(1)
    beats = {"waveform": rng.normal(size=(4, 259, 1)), "rhythm": rng.normal(size=(4, 3))}
    np.testing.assert_allclose(model.predict(beats, verbose=0).sum(axis=1), 1, atol=1e-5)


def experts_and_whole() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of the shapes, of the labels by the rhythm, and of the labels by both."""
    model = resecanet.build("resecanet-aami5", waveform_channels=1, rhythm_features=3)
    learner, _ = resecanet.learners(model)
    rng = np.random.default_rng(1)
    beats = {"waveform": rng.normal(size=(6, 259, 1)), "rhythm": 3 * rng.normal(size=(6, 3))}
    shape, rhythm = learner.predict(beats, verbose=0)
    return shape, rhythm, model.predict(beats, verbose=0)


def test_a_label_is_as_likely_as_its_rhythm_times_its_shape_to_the_shapes_weight() -> None:
    shape, rhythm, whole = experts_and_whole()
    expected = rhythm * shape[:, [0, 0, 1, 2, 3]] ** resecanet.SHAPE_WEIGHT
    np.testing.assert_allclose(whole, expected / expected.sum(axis=1, keepdims=True), atol=1e-5)


def test_the_shape_expert_is_never_asked_to_tell_an_early_beat_from_a_normal_one() -> None:
    model = resecanet.build("resecanet-aami5", waveform_channels=1, rhythm_features=3)
    _, (shape, rhythm) = resecanet.learners(model)
    np.testing.assert_array_equal(shape[0], shape[1])  # N and S
    assert len({tuple(row) for row in shape.tolist()}) == 4
    np.testing.assert_array_equal(rhythm, np.eye(5))


def test_what_the_experts_learn_the_model_knows() -> None:
    model = resecanet.build("resecanet-aami5", waveform_channels=1, rhythm_features=3)
    learner, targets = resecanet.learners(model)
    learner.compile(optimizer="sgd", loss=["categorical_crossentropy"] * 2)
    before = [weights.copy() for weights in model.get_weights()]
    beats = {"waveform": np.ones((4, 259, 1), np.float32), "rhythm": np.ones((4, 3), np.float32)}
    truth = np.eye(5, dtype=np.float32)[[0, 1, 2, 3]]
    learner.train_on_batch(beats, [truth @ target for target in targets])
    same = {
        variable.path: np.array_equal(old, new)
        for variable, old, new in zip(model.weights, before, model.get_weights(), strict=True)
    }
    kept = {path for path, is_same in same.items() if is_same}
    assert "shape_to_labels/kernel" in kept  # how the two are weighed is not learned
    assert not any(path.startswith(("shape/kernel", "rhythm_to_labels", "rhythm_dense1", "stem/")) for path in kept)


def test_a_model_without_experts_learns_itself() -> None:
    model = resecanet.build("resecanet-mitbih6")
    learner, (target,) = resecanet.learners(model)
    assert learner is model
    np.testing.assert_array_equal(target, np.eye(6))


@pytest.mark.parametrize(("name", "features"), [("resecanet-mitbih6", 0), ("resecanet-aami5", 3)])
def test_a_temperature_divides_the_logits_whatever_they_are_summed_of(name: str, features: int) -> None:
    model = resecanet.build(name, waveform_channels=1, rhythm_features=features)
    rng = np.random.default_rng(1)
    beats = {"waveform": rng.normal(size=(4, 259, 1)), "rhythm": rng.normal(size=(4, 3))}
    inputs = {tensor.name: beats[tensor.name] for tensor in model.inputs}
    expected = model.predict(inputs, verbose=0) ** (1 / 0.7)
    scale_temperature(model, 0.7)
    answer = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(answer, expected / expected.sum(axis=1, keepdims=True), atol=1e-5)


# ECA-Net, equation 12, with an even whole part going up: 32 -> 3.0, 64 -> 3.5, 128 -> 4.0, 256 -> 4.5, 512 -> 5.0.
@pytest.mark.parametrize(("channels", "kernel"), [(16, 3), (32, 3), (64, 3), (128, 5), (256, 5), (512, 5), (2, 1)])
def test_the_attention_reaches_as_far_as_its_paper_says(channels: int, kernel: int) -> None:
    assert resecanet.eca_kernel(channels) == kernel


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="resecanet-mitbih6, resecanet-aami5"):
        resecanet.build("resnet50")


@pytest.mark.parametrize(("name", "features"), [("resecanet-mitbih6", 4), ("resecanet-aami5", 0)])
def test_rhythm_features_go_with_the_model_that_takes_them(name: str, features: int) -> None:
    with pytest.raises(InputError, match="rhythm feature"):
        resecanet.build(name, rhythm_features=features)
