"""The signature that gives a gradient: held against TensorFlow's own, and against what small steps do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from converter.export.conversion import convert
from converter.export.gradient import with_gradient
from converter.export.graph import check_full_int8, read_graph
from converter.zoo.residual import MAP, Network, build, merged
from ecg.errors import CheckFailedError
from ecg.model_file.runtime import open_interpreter

if TYPE_CHECKING:
    from ecg.samples import Float32Array

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

SAMPLES, LEADS, HEIGHTS, LABELS = 250, 3, 5, ("A", "B")
"""250 samples leave an odd number behind the second halving, of which the last is a mean of its own."""


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    keras.utils.set_random_seed(3)
    size = Network(stem=8, widths=(8, 12, 12), heights=6)
    return merged(
        [build(size, samples=SAMPLES, leads=LEADS, heights=HEIGHTS, labels=LABELS) for _ in range(2)], SAMPLES
    )


@pytest.fixture(scope="module")
def examples() -> dict[str, Float32Array]:
    random = np.random.default_rng(5)
    return {
        "leads": random.standard_normal((40, SAMPLES, LEADS)).astype(np.float32),
        "heights": random.standard_normal((40, HEIGHTS)).astype(np.float32),
    }


@pytest.fixture(scope="module")
def int8(network: Any, examples: dict[str, Float32Array]) -> bytes:
    return convert(network, examples)


@pytest.fixture(scope="module")
def gradient(int8: bytes) -> Any:
    return open_interpreter(with_gradient(int8, feature_map=MAP)).get_signature_runner("gradient")


def asked(label: int) -> Float32Array:
    return np.eye(len(LABELS), dtype=np.float32)[[label]]


@pytest.mark.parametrize("label", range(len(LABELS)))
def test_it_is_the_gradient_that_tensorflow_finds_but_for_the_rounding_of_weights(
    label: int, network: Any, examples: dict[str, Float32Array], gradient: Any
) -> None:
    import tensorflow as tf

    shown = {name: values[:1] for name, values in examples.items()}
    variables = {name: tf.constant(values) for name, values in shown.items()}
    with tf.GradientTape() as tape:
        tape.watch(list(variables.values()))
        log_odds, map_ = network(variables, training=False)
        answer = log_odds[0, label]
    theirs = tape.gradient(answer, variables)
    ours = gradient(**shown, answer=asked(label))
    np.testing.assert_allclose(ours["log_odds"], log_odds.numpy(), atol=0.02)
    np.testing.assert_allclose(ours[MAP], map_.numpy(), atol=0.05)
    for name, slope in theirs.items():
        assert np.corrcoef(slope.numpy().ravel(), ours[f"gradient_of_{name}"].ravel())[0, 1] > 0.99


def test_a_small_step_changes_the_answer_as_the_gradient_says(examples: dict[str, Float32Array], gradient: Any) -> None:
    random = np.random.default_rng(6)
    shown = {name: values[1:2].astype(np.float32) for name, values in examples.items()}
    found = gradient(**shown, answer=asked(1))
    for name, values in shown.items():
        for _ in range(5):
            step = (1e-3 * random.standard_normal(values.shape)).astype(np.float32)
            there, back = (
                float(gradient(**{**shown, name: values + sign * step}, answer=asked(1))["log_odds"][0, 1])
                for sign in (1, -1)
            )
            told = 2 * float((found[f"gradient_of_{name}"] * step).sum())
            assert there - back == pytest.approx(told, rel=0.1, abs=1e-5)


def test_the_class_weights_are_the_gradient_in_the_feature_map(network: Any, gradient: Any, examples: Any) -> None:
    shown = {name: values[:1] for name, values in examples.items()}
    slope = gradient(**shown, answer=asked(0))[f"gradient_of_{MAP}"][0]
    weights, _ = network.get_layer("log_odds").get_weights()
    positions, width = slope.shape
    np.testing.assert_allclose(slope, np.tile(weights[:width, 0] / positions, (positions, 1)), atol=1e-4)


def test_the_model_answers_as_before_and_what_answers_is_int8(int8: bytes, examples: dict[str, Float32Array]) -> None:
    added = with_gradient(int8, feature_map=MAP)
    check_full_int8(read_graph(added))
    outputs = []
    for flatbuffer in (int8, added):
        interpreter = open_interpreter(flatbuffer)
        for port in interpreter.get_input_details():
            values = examples["leads" if len(port["shape"]) == 3 else "heights"][:1]
            interpreter.set_tensor(port["index"], np.clip(values / port["quantization"][0], -128, 127).astype(np.int8))
        interpreter.invoke()
        outputs.append([interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()])
    for before, after in zip(*outputs, strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_weights_are_there_once(int8: bytes) -> None:
    assert len(with_gradient(int8, feature_map=MAP)) - len(int8) < 100_000
    assert with_gradient(int8, feature_map=MAP) == with_gradient(int8, feature_map=MAP)


def test_an_operator_whose_gradient_is_not_known_is_refused(examples: dict[str, Float32Array]) -> None:
    import keras
    from keras import layers

    inputs = [keras.Input((SAMPLES, LEADS), name="leads")]
    x = layers.Conv1D(4, 3, padding="same", activation="sigmoid")(inputs[0])
    model = keras.Model({"leads": inputs[0]}, [layers.Dense(2)(layers.GlobalAveragePooling1D()(x)), x])
    with pytest.raises(CheckFailedError, match="LOGISTIC is not known"):
        with_gradient(convert(model, {"leads": examples["leads"]}), feature_map=MAP)
