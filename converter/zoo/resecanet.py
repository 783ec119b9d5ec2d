"""The model zoo: ResECANet in two sizes, as Keras 3 models.

A residual network whose blocks carry efficient channel attention (ECA). The residual block is that of He et al. 2016
(Deep Residual Learning for Image Recognition), in one dimension; ECA is that of Wang et al. 2020 (ECA-Net: Efficient
Channel Attention for Deep Convolutional Neural Networks). In the light one the network tells the shape of a beat, and a
small dense network the label by its rhythm; see `learners`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ecg.errors import InputError
from ecg.samples import BEAT_SAMPLES

__all__ = [
    "ARCHITECTURES",
    "DESCRIPTION",
    "Architecture",
    "build",
    "eca_kernel",
    "learners",
    "logit_layers",
    "multiply_accumulates",
    "parameters",
]

DESCRIPTION = "ResECANet (residual network with efficient channel attention)"
"""What the models are, for their cards."""

BATCH_NORM_MOMENTUM = 0.9
"""Keras's 0.99 needs thousands of steps to settle."""

SHAPE_WEIGHT = 0.5
"""How much the shape expert's logits count beside those of the rhythm expert, which has the QRS complex's width and its
difference to the template among its features: both in full would count these twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What tells one model of the zoo from another.

    Attributes:
        name: name of the model, and of its file.
        labels: the classes, in the order of the outputs.
        filters: width of each residual block; the stem has the first one's width.
        stem_kernel: length of the first convolution, samples.
        kernel: length of the convolutions in the residual blocks, samples.
        shapes: number of the shape that each label's beats have; empty for a model that looks at the waveform alone.
        shape_units: width of the dense layer between the waveform's features and the shapes.
        rhythm_units: widths of the dense layers between the rhythm features and the labels.
        dropout: share of the dense layers' outputs dropped in training.
    """

    name: str
    labels: tuple[str, ...]
    filters: tuple[int, ...]
    stem_kernel: int
    kernel: int
    shapes: tuple[int, ...] = ()
    shape_units: int = 64
    rhythm_units: tuple[int, ...] = (128, 64)
    dropout: float = 0.2


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        # The published size.
        Architecture(
            name="resecanet-mitbih6",
            labels=("N", "L", "R", "A", "V", "/"),
            filters=(32, 64, 128, 256, 512),
            stem_kernel=15,
            kernel=7,
        ),
        # The light default: kernels of 5, since with 7 the widest block alone costs 3 M multiply-accumulates.
        Architecture(
            name="resecanet-aami5",
            labels=("N", "S", "V", "F", "Q"),
            filters=(16, 32, 64, 128),
            stem_kernel=15,
            kernel=5,
            shapes=(0, 0, 1, 2, 3),  # a supraventricular premature beat looks like a normal one
        ),
    )
}


def build(name: str, *, waveform_channels: int = 1, rhythm_features: int = 0, batch_size: int | None = None) -> Any:
    """Build an untrained model.

    Args:
        name: a key of `ARCHITECTURES`.
        waveform_channels: number of channels of the input `waveform`, shape (259, channels).
        rhythm_features: length of the input `rhythm`; 0 for a model without that input.
        batch_size: None for training; 1 for the export, which then needs no shape operators.

    Returns:
        A `keras.Model` with inputs by name (a dict) and a softmax over `ARCHITECTURES[name].labels`,
        shape (batch, labels).

    Raises:
        InputError: no such model, or a number of rhythm features that does not go with it.
    """
    architecture = ARCHITECTURES.get(name)
    if architecture is None:
        raise InputError(f'There is no model "{name}" in the zoo; it has {", ".join(ARCHITECTURES)}.')
    if bool(architecture.shapes) != (rhythm_features > 0):
        needs = "takes at least one rhythm feature" if architecture.shapes else "takes no rhythm features"
        raise InputError(f"{name} {needs}, and {rhythm_features} were asked for.")

    waveform = keras.Input((BEAT_SAMPLES, waveform_channels), batch_size=batch_size, name="waveform")
    inputs = {"waveform": waveform}
    x = _convolve(waveform, architecture.filters[0], architecture.stem_kernel, "stem")
    x = keras.layers.ReLU(name="stem_relu")(x)
    x = keras.layers.MaxPooling1D(2, padding="same", name="stem_pool")(x)
    last = len(architecture.filters) - 1
    for number, width in enumerate(architecture.filters):
        x = _residual_block(x, width, architecture.kernel, f"block{number + 1}")
        if number < last:
            x = keras.layers.MaxPooling1D(2, padding="same", name=f"block{number + 1}_pool")(x)
    x = keras.layers.GlobalAveragePooling1D(name="features")(x)
    if not architecture.shapes:
        probabilities = keras.layers.Dense(len(architecture.labels), activation="softmax", name="probabilities")(x)
        return keras.Model(inputs, probabilities, name=name)
    rhythm = keras.Input((rhythm_features,), batch_size=batch_size, name="rhythm")
    inputs["rhythm"] = rhythm
    shape = keras.layers.Dense(max(architecture.shapes) + 1, name="shape")(
        _dense(x, architecture.shape_units, architecture.dropout, "shape_dense")
    )
    y = rhythm
    for number, width in enumerate(architecture.rhythm_units):
        y = _dense(y, width, architecture.dropout, f"rhythm_dense{number + 1}")
    labels = [
        keras.layers.Dense(len(architecture.labels), use_bias=False, trainable=False, name="shape_to_labels")(shape),
        keras.layers.Dense(len(architecture.labels), name="rhythm_to_labels")(y),
    ]
    probabilities = keras.layers.Softmax(name="probabilities")(keras.layers.Add(name="labels")(labels))
    model = keras.Model(inputs, probabilities, name=name)
    model.get_layer("shape_to_labels").set_weights([SHAPE_WEIGHT * _shape_of_labels(architecture).T])
    return model


def learners(model: Any) -> tuple[Any, list[Any]]:
    """What is trained of a model: its experts, each with a loss of its own, over the same weights.

    The shape expert learns from the waveform which shape a beat has, the rhythm expert from the rhythm features which
    label. Trained together, for one softmax, a model knows the patients that it learns from by their waveforms, and
    does not learn the rhythm.

    Returns:
        A `keras.Model` with the same inputs and a softmax for each expert, and for each a matrix, shape
        (labels, classes of the expert), that turns one-hot labels into its target. A model without experts is its own.
    """
    architecture = ARCHITECTURES[model.name]
    if not architecture.shapes:
        return model, [np.eye(len(architecture.labels), dtype=np.float32)]
    experts = {"shape": _shape_of_labels(architecture), "rhythm_to_labels": np.eye(len(architecture.labels))}
    outputs = [keras.layers.Softmax(name=f"{name}_probabilities")(model.get_layer(name).output) for name in experts]
    return keras.Model(model.inputs, outputs), [target.astype(np.float32) for target in experts.values()]


def logit_layers(model: Any) -> list[Any]:
    """The dense layers whose sum the softmax of a model is taken of."""
    if ARCHITECTURES[model.name].shapes:
        return [model.get_layer("shape_to_labels"), model.get_layer("rhythm_to_labels")]
    return [model.get_layer("probabilities")]


def eca_kernel(channels: int) -> int:
    """Length of the attention's convolution across channels: |log2(C) / 2 + 1 / 2| made odd.

    Wang et al. 2020, equation 12; an even whole part goes up to the next odd number.
    """
    kernel = int(abs(math.log2(channels) / 2 + 0.5))
    return kernel if kernel % 2 else kernel + 1


def multiply_accumulates(model: Any) -> int:
    """Multiply-accumulates of one beat: those of convolutions and dense layers, from the layers' shapes."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv1D):
            kernel, channels_in, channels_out = layer.kernel.shape
            total += layer.output.shape[1] * kernel * channels_in * channels_out
        elif isinstance(layer, keras.layers.Dense):
            units_in, units_out = layer.kernel.shape
            total += units_in * units_out
    return int(total)


def parameters(model: Any) -> int:
    """All weights of a model, the moving statistics of its batch normalisations included."""
    return int(model.count_params())


def _shape_of_labels(architecture: Architecture) -> Any:
    """Shape (labels, shapes): 1 where a label's beats have that shape."""
    return np.eye(max(architecture.shapes) + 1)[list(architecture.shapes)]


def _dense(x: Any, width: int, dropout: float, name: str) -> Any:
    y = keras.layers.Dense(width, activation="relu", name=name)(x)
    return keras.layers.Dropout(dropout, name=f"{name}_dropout")(y)


def _residual_block(x: Any, width: int, kernel: int, name: str) -> Any:
    """Two convolutions, attention, and a way around them that is a 1x1 convolution where the width changes."""
    shortcut = x if x.shape[-1] == width else _convolve(x, width, 1, f"{name}_shortcut")
    y = keras.layers.ReLU(name=f"{name}_relu1")(_convolve(x, width, kernel, f"{name}_conv1"))
    y = _attend(_convolve(y, width, kernel, f"{name}_conv2"), f"{name}_eca")
    return keras.layers.ReLU(name=f"{name}_relu2")(keras.layers.Add(name=f"{name}_add")([y, shortcut]))


def _convolve(x: Any, width: int, kernel: int, name: str) -> Any:
    """A convolution without bias, and its batch normalisation, which has one; the export folds them into one."""
    y = keras.layers.Conv1D(width, kernel, padding="same", use_bias=False, name=name)(x)
    return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(y)


def _attend(x: Any, name: str) -> Any:
    """Efficient channel attention: a channel's weight comes from the means of it and of its neighbours."""
    channels = x.shape[-1]
    means = keras.layers.GlobalAveragePooling1D(name=f"{name}_mean")(x)
    row = keras.layers.Reshape((channels, 1), name=f"{name}_row")(means)
    mixed = keras.layers.Conv1D(1, eca_kernel(channels), padding="same", use_bias=False, name=f"{name}_mix")(row)
    gate = keras.layers.Activation("sigmoid", name=f"{name}_gate")(mixed)
    return keras.layers.Multiply(name=f"{name}_weigh")(
        [x, keras.layers.Reshape((1, channels), name=f"{name}_column")(gate)]
    )
