"""The two networks of a published system that answers whether an ECG shows infarction or ischaemia, as baselines.

IJRASET vol. 14 issue IV, 2026 (ijraset.2026.79667): convolutions, each with batch normalisation, ReLU, pooling by 2 and
dropout 0.3, then 256 units, dropout and one sigmoid. Deviations: 1000 samples at 100 Hz, where theirs had 5000 at
500 Hz, so that the dense layer is a fifth as large; the sigmoid is left to the loss.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

__all__ = ["CNNS", "DESCRIPTION", "Cnn", "build"]

DESCRIPTION: Final = "convolutional network as published (ijraset.2026.79667)"
_DROPOUT: Final = 0.3
_UNITS: Final = 256


class Cnn(NamedTuple):
    """One of the two.

    Attributes:
        leads: which of the twelve it takes, by number.
        filters: of each convolution.
        kernels: their lengths, samples.
    """

    leads: tuple[int, ...]
    filters: tuple[int, ...]
    kernels: tuple[int, ...]


CNNS: Final = {
    "b-twelve-lead-cnn": Cnn(tuple(range(12)), (32, 64, 128, 128), (7, 5, 5, 3)),
    "b-lead-ii-cnn": Cnn((1,), (32, 64, 128), (7, 5, 5)),
}


def build(cnn: Cnn, samples: int, weight_decay: float = 0.0) -> Any:
    """The untrained Keras model; its output is the log odds of infarction or ischaemia, shape (batch, 1).

    Args:
        cnn: which.
        samples: of each lead.
        weight_decay: times each parameter, added to its gradient, as PyTorch's Adam has it.
    """
    import keras  # noqa: PLC0415 - costs seconds
    from keras import layers  # noqa: PLC0415

    penalty = keras.regularizers.L2(weight_decay / 2)
    penalties = {"kernel_regularizer": penalty, "bias_regularizer": penalty}
    x = leads = keras.Input((samples, len(cnn.leads)), name="leads")
    for filters, kernel in zip(cnn.filters, cnn.kernels, strict=True):
        x = layers.Conv1D(filters, kernel, padding="same", **penalties)(x)
        x = layers.BatchNormalization(beta_regularizer=penalty, gamma_regularizer=penalty)(x)
        x = layers.MaxPooling1D(2)(layers.ReLU()(x))
        x = layers.Dropout(_DROPOUT)(x)
    x = layers.Dense(_UNITS, activation="relu", **penalties)(layers.Flatten()(x))
    x = layers.Dropout(_DROPOUT)(x)
    return keras.Model(leads, layers.Dense(1, name="log_odds", **penalties)(x))
