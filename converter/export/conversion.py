"""From a Keras model to a full int8 TFLite flatbuffer."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from converter.backend import native_stderr_kept_back
from converter.export.graph import check_full_int8, read_graph
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from ecg.samples import Float32Array

__all__ = ["convert"]

REPRESENTATIVE_BEATS: Final = 500
"""Training beats that show the converter the range of each activation."""


def convert(model: Any, representative: Mapping[str, Float32Array]) -> bytes:
    """Full int8 TFLite flatbuffer of a Keras model: weights, activations, input and output.

    Raises:
        CheckFailedError: the flatbuffer holds something that is not int8.
        InputError: no representative beat, or Keras runs on another backend than TensorFlow.
    """
    import keras  # noqa: PLC0415 - costs seconds

    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"A model is exported under Keras's TensorFlow backend, and {keras.backend.backend()} is loaded: "
            "unset KERAS_BACKEND and export again; weights saved under one backend load under the other."
        )
    import tensorflow as tf  # noqa: PLC0415 - costs seconds

    # A fixed batch of 1 leaves no shape operator in the graph, and a fixed name the same tensor names each time.
    inputs = [keras.Input(batch_shape=(1, *tensor.shape[1:]), name=tensor.name) for tensor in model.inputs]
    outputs = model({tensor.name: tensor for tensor in inputs}, training=False)
    single = keras.Model(inputs, outputs, name="export")
    converter = tf.lite.TFLiteConverter.from_keras_model(single)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    chosen = _draw(representative)

    def batches() -> Iterator[list[Float32Array]]:
        for beat in chosen:
            yield [np.asarray(representative[tensor.name][beat : beat + 1], np.float32) for tensor in inputs]

    converter.representative_dataset = batches
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()), native_stderr_kept_back(), warnings.catch_warnings():
        # Keras prints where it keeps its temporary files; TensorFlow warns that input ranges come from the beats alone.
        warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected", UserWarning)
        flatbuffer: bytes = converter.convert()
    check_full_int8(read_graph(flatbuffer))
    return flatbuffer


def _draw(representative: Mapping[str, Float32Array]) -> NDArray[np.int64]:
    beats = len(next(iter(representative.values())))
    if not beats:
        raise InputError("There is no training beat to quantise the model with: give a longer recording.")
    drawn = np.random.default_rng(0).choice(beats, min(beats, REPRESENTATIVE_BEATS), replace=False)
    return np.sort(drawn).astype(np.int64)
