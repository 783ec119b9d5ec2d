"""The model zoo: ResECANet in two sizes, as Keras 3 models.

A residual network whose blocks carry efficient channel attention (ECA). The residual block is that of He et al. 2016
(Deep Residual Learning for Image Recognition), in one dimension; ECA is that of Wang et al. 2020 (ECA-Net: Efficient
Channel Attention for Deep Convolutional Neural Networks).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

from edge.errors import InputError
from edge.samples import BEAT_SAMPLES

__all__ = ["ARCHITECTURES", "Architecture", "build", "eca_kernel", "multiply_accumulates", "parameters"]

BATCH_NORM_MOMENTUM = 0.9
"""Keras's 0.99 needs thousands of steps to settle; with fewer, test accuracy fell by 25 points against training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What tells one model of the zoo from another.

    Attributes:
        name: name of the model, and of its file.
        labels: the classes, in the order of the outputs.
        filters: width of each residual block; the stem has the first one's width.
        stem_kernel: length of the first convolution, samples.
        kernel: length of the convolutions in the residual blocks, samples.
        head_units: width of the dense layer between the features and the softmax; None for no such layer.
        head_dropout: share of the dense layer's outputs dropped in training.
        takes_rhythm: whether the head takes the rhythm features beside those of the waveform.
    """

    name: str
    labels: tuple[str, ...]
    filters: tuple[int, ...]
    stem_kernel: int
    kernel: int
    head_units: int | None = None
    head_dropout: float = 0.0
    takes_rhythm: bool = False


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
            head_units=64,
            head_dropout=0.3,
            takes_rhythm=True,
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
    if architecture.takes_rhythm != (rhythm_features > 0):
        needs = "takes at least one rhythm feature" if architecture.takes_rhythm else "takes no rhythm features"
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
    if architecture.head_units is not None:
        x = keras.layers.Dense(architecture.head_units, name="head")(x)
        if architecture.takes_rhythm:
            # The same as a dense layer over both joined; joined, they would share one int8 scale, and a premature
            # beat would be two or three steps of it.
            rhythm = keras.Input((rhythm_features,), batch_size=batch_size, name="rhythm")
            inputs["rhythm"] = rhythm
            beside = keras.layers.Dense(architecture.head_units, use_bias=False, name="head_rhythm")(rhythm)
            x = keras.layers.Add(name="head_add")([x, beside])
        x = keras.layers.ReLU(name="head_relu")(x)
        x = keras.layers.Dropout(architecture.head_dropout, name="head_dropout")(x)
    probabilities = keras.layers.Dense(len(architecture.labels), activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, probabilities, name=name)


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
