"""Does the int8 model do what the float model does?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.evaluation import metrics
from ecg.errors import InputError
from ecg.model_file.card import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from converter.datasets.annotations import IntArray
    from ecg.model_file.quantised import Int8Array, QuantisedModel
    from ecg.samples import Float32Array

__all__ = ["Agreement", "compare", "int8_outputs"]

_STEPS: Final = 256  # int8 outputs are probabilities in steps of 1/256, from -128 on
_BATCH: Final = 512


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The float model and the int8 model over the same beats.

    Attributes:
        beats: how many.
        float_model, int8_model: figures of each against the true labels.
        label_agreement: share of beats that both give the same label.
        largest_difference_steps: largest difference of a probability, in steps of 1/256.
    """

    beats: int
    float_model: Figures
    int8_model: Figures
    label_agreement: float
    largest_difference_steps: float

    @property
    def accuracy_difference_points(self) -> float:
        """Accuracy of int8 less that of float, percentage points."""
        return 100 * (self.int8_model.accuracy - self.float_model.accuracy)


def compare(model: Any, quantised: QuantisedModel, inputs: Mapping[str, Float32Array], truth: IntArray) -> Agreement:
    """Compare the float model with its int8 conversion beat by beat.

    Args:
        model: the Keras model.
        quantised: what was made of it.
        inputs: beats by name of the input, shape (beats, *shape of the input).
        truth: shape (beats,), number of each beat's label among the model's.

    Raises:
        InputError: there is no beat.
    """
    if not len(truth):
        raise InputError("There is no beat to compare the float and the int8 model with: give a longer recording.")
    exact = _float_outputs(model, inputs)
    steps = int8_outputs(quantised, inputs)
    answer_float, answer_int8 = exact.argmax(axis=1), steps.argmax(axis=1)
    difference = np.abs(exact * _STEPS - (steps.astype(np.float32) + _STEPS // 2))
    return Agreement(
        beats=len(truth),
        float_model=_figures(truth, answer_float, exact.shape[1]),
        int8_model=_figures(truth, answer_int8, exact.shape[1]),
        label_agreement=float(np.mean(answer_float == answer_int8)),
        largest_difference_steps=round(float(difference.max()), 1),
    )


def int8_outputs(quantised: QuantisedModel, inputs: Mapping[str, Float32Array]) -> Int8Array:
    """Outputs of an int8 model as it gives them, shape (beats, labels)."""
    beats = len(next(iter(inputs.values())))
    return np.stack([quantised.run({name: values[beat] for name, values in inputs.items()}) for beat in range(beats)])


def _float_outputs(model: Any, inputs: Mapping[str, Float32Array]) -> Float32Array:
    """Probabilities of a Keras model, shape (beats, labels); inputs that it does not take are ignored."""
    taken = {tensor.name: inputs[tensor.name] for tensor in model.inputs}
    outputs: Float32Array = model.predict(taken, batch_size=_BATCH, verbose=0)
    return outputs


def _figures(truth: IntArray, answer: IntArray, labels: int) -> Figures:
    matrix = metrics.confusion(truth, answer, labels)
    return Figures(
        accuracy=metrics.accuracy(matrix),
        macro_f1=metrics.macro_f1(matrix),
        confusion=tuple(tuple(row) for row in matrix.tolist()),
    )
