"""A residual network over the leads of an ECG: averaged over time, joined with the heights, and one dense layer.

After He et al. 2016 (Deep residual learning) in one dimension; what is halved on the way around a block is averaged
(He et al. 2019, Bag of tricks, ResNet-D). The last feature map is averaged over time and meets one dense layer, so
that each place's share in an answer can be told exactly (Zhou et al. 2016, Class activation maps).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DESCRIPTION", "MAP", "Network", "build", "merged"]

DESCRIPTION: Final = "residual network (one-dimensional, averaged over time)"
MAP: Final = "map"
"""Layer whose output is the last feature map."""
TOLD: Final = "told"
"""Layer that takes the heights."""

Whole = Annotated[int, msgspec.Meta(ge=1)]


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Its size.

    Attributes:
        stem: channels of the first convolution, which halves the rate.
        stem_kernel: its length, samples.
        widths: channels of each block; each halves the rate.
        kernel: length of the convolutions in the blocks.
        heights: units of the layer that takes the heights.
        dropout: share of the features left out in a training step.
    """

    stem: Whole = 32
    stem_kernel: Whole = 9
    widths: tuple[Whole, ...] = (32, 64, 96, 112, 112)
    kernel: Whole = 7
    heights: Whole = 32
    dropout: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.3


def build(
    network: Network,
    *,
    samples: int | None,
    leads: int,
    heights: int,
    labels: Sequence[str],
    names: tuple[str, str] = ("leads", "heights"),
) -> Any:
    """The untrained Keras model; its outputs are log odds, shape (batch, labels).

    Args:
        network: its size.
        samples: of each lead; None: any number, for training on parts.
        leads: the first input has so many.
        heights: length of the second input; 0: it takes none.
        labels: of the outputs.
        names: of the inputs.
    """
    import keras  # noqa: PLC0415 - costs seconds
    from keras import layers  # noqa: PLC0415

    inputs = [keras.Input((samples, leads), name=names[0])]
    x = _convolved(inputs[0], network.stem, network.stem_kernel, strides=2)
    x = layers.ReLU()(x)
    for number, width in enumerate(network.widths):
        x = _block(x, width, network.kernel, name=MAP if number == len(network.widths) - 1 else None)
    features = layers.GlobalAveragePooling1D(name="features")(x)
    if heights:
        inputs.append(keras.Input((heights,), name=names[1]))
        told = layers.Dense(network.heights, activation="relu", name=TOLD)(inputs[1])
        features = layers.Concatenate()([features, told])
    features = layers.Dropout(network.dropout)(features)
    return keras.Model(inputs, layers.Dense(len(labels), name="log_odds")(features))


def _block(x: Any, width: int, kernel: int, *, name: str | None) -> Any:
    from keras import layers  # noqa: PLC0415

    y = layers.ReLU()(_convolved(x, width, kernel, strides=2))
    y = _convolved(y, width, kernel, strides=1)
    around = layers.AveragePooling1D(2, padding="same")(x)
    if around.shape[-1] != width:
        around = _convolved(around, width, 1, strides=1)
    return layers.ReLU(name=name)(layers.Add()([around, y]))


def _convolved(x: Any, width: int, kernel: int, *, strides: int) -> Any:
    from keras import layers  # noqa: PLC0415

    y = layers.Conv1D(width, kernel, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(y)


def merged(models: Sequence[Any], samples: int) -> Any:
    """One network of several: its log odds are the mean of theirs, and its last feature map theirs side by side.

    Args:
        models: of `build`, of one size; their weights are copied.
        samples: of each lead.

    Returns:
        A Keras model with the outputs log odds, shape (batch, labels), and the feature map.
    """
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from keras import layers  # noqa: PLC0415

    inputs = [keras.Input((samples, *tensor.shape[2:]), name=tensor.name) for tensor in models[0].inputs[:1]]
    inputs += [keras.Input(tensor.shape[1:], name=tensor.name) for tensor in models[0].inputs[1:]]
    maps: list[Any] = []
    told: list[Any] = []
    of_maps: list[Any] = []
    of_told: list[Any] = []
    biases: list[Any] = []
    for model in models:
        width = model.get_layer(MAP).output.shape[-1]
        kernel, own_bias = model.get_layer("log_odds").get_weights()
        of_maps.append(kernel[:width])
        of_told.append(kernel[width:])
        biases.append(own_bias)
        maps.append(keras.Model(model.inputs[0], model.get_layer(MAP).output)(inputs[0]))
        if len(inputs) > 1:
            told.append(keras.Model(model.inputs[1], model.get_layer(TOLD).output)(inputs[1]))
    map_ = layers.Concatenate(name=MAP)(maps) if len(maps) > 1 else maps[0]
    features = layers.GlobalAveragePooling1D(name="features")(map_)
    if told:
        features = layers.Concatenate()([features, *told])
    head = layers.Dense(len(biases[0]), name="log_odds")
    whole = keras.Model({tensor.name: tensor for tensor in inputs}, [head(features), map_])
    head.set_weights([np.concatenate([*of_maps, *of_told]) / len(models), np.mean(biases, axis=0)])
    return whole
