"""From a trained Keras model to a model file: full int8, checked on the flatbuffer, with its card and golden beats."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.backend import native_stderr_kept_back
from converter.export.graph import check_full_int8, read_graph
from converter.release import verify
from converter.release.model_card import render
from converter.zoo import resecanet as zoo
from ecg.errors import CheckFailedError, InputError
from ecg.model_file.card import InputSpec, ModelCard, Results, Training, Window
from ecg.model_file.container import Golden, write
from ecg.model_file.quantised import QuantisedModel
from ecg.model_file.runtime import open_interpreter
from ecg.model_file.tasks import check_card
from ecg.samples import BEAT_AFTER, BEAT_BEFORE, SAMPLE_RATE_HZ
from edge.inference.classifier import GOLDEN_TOLERANCE_STEPS, load_classifier
from edge.inference.compatibility import interval_network
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from ecg.model_file.card import Normalisation
    from ecg.model_file.quantised import Int8Array
    from ecg.samples import Float32Array

__all__ = ["CardFields", "LabelledBeats", "convert", "export"]

REPRESENTATIVE_BEATS: Final = 500
"""Training beats that show the converter the range of each activation."""

GOLDEN_BEATS_PER_LABEL: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFields:
    """What the card says that the model itself does not show.

    Attributes:
        name, version: of the model; the file takes the name.
        labels: of the outputs, in order.
        normalisation: of the waveform.
        training: how the model came about.
        tested_on: what the test beats are, in words; stands beside the results.
        licence: of the model file.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    normalisation: Normalisation
    training: Training
    tested_on: str
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class LabelledBeats:
    """Beats whose labels are known.

    Attributes:
        inputs: by name of the input, shape (beats, *shape of the input).
        truth: shape (beats,), number of each beat's label among the model's.
    """

    inputs: Mapping[str, Float32Array]
    truth: IntArray


def export(
    model: Any,
    representative: Mapping[str, Float32Array],
    fields: CardFields,
    golden: Mapping[str, Float32Array],
    folder: Path,
    *,
    test: LabelledBeats | None = None,
) -> Path:
    """Write `NAME.tflite` and, beside it, the model card `NAME.md`. The same weights and beats give the same bytes.

    Args:
        model: the trained Keras model; its inputs are named `waveform` and, where it takes them, `rhythm`.
        representative: training beats, shape (beats, *shape of the input); 500 are drawn with a fixed seed.
        fields: what goes on the card.
        golden: beats to choose the golden ones from, likewise.
        folder: where the files go; made where it is missing.
        test: beats for the results on the card; None leaves them out.

    Returns:
        Path of the model file.

    Raises:
        CheckFailedError: the conversion left something that is not int8, or no beat is clear enough to be golden.
        InputError: the inputs or labels are not what this version serves, or the folder cannot be written.
    """
    inputs = tuple(InputSpec(name=tensor.name, shape=tuple(tensor.shape[1:])) for tensor in model.inputs)
    takes_rhythm = any(spec.name == "rhythm" for spec in inputs)
    card = ModelCard(
        name=fields.name,
        version=fields.version,
        labels=fields.labels,
        sample_rate_hz=SAMPLE_RATE_HZ,
        window=Window(before=BEAT_BEFORE, after=BEAT_AFTER),
        normalisation=fields.normalisation,
        inputs=inputs,
        rhythm_features=RHYTHM_FEATURES if takes_rhythm else (),
        interval_network=interval_network() if takes_rhythm else "",
        training=fields.training,
        licence=fields.licence,
        flatbuffer_sha256="",  # set when the file is packed
        parameters=zoo.parameters(model),
        multiply_accumulates=zoo.multiply_accumulates(model),
    )
    try:
        check_card(card)
    except InputError as error:
        raise InputError(f"The model {card.name} cannot be exported: {error}.") from error

    flatbuffer = convert(model, representative)
    shapes = {spec.name: spec.shape for spec in inputs}
    quantised, undelegated = (
        QuantisedModel(
            open_interpreter(flatbuffer, default_delegates=delegates), inputs=shapes, labels=len(card.labels)
        )
        for delegates in (True, False)
    )
    chosen = _golden(quantised, undelegated, {spec.name: golden[spec.name] for spec in inputs})
    if test is not None:
        card = _with_results(card, verify.compare(model, quantised, test.inputs, test.truth), fields.tested_on)

    path = folder / f"{card.name}.tflite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(path, flatbuffer, card, chosen)
        written = load_classifier(path).card  # as the monitor will
        path.with_suffix(".md").write_text(render(written, path.stat().st_size), encoding="utf-8")
    except OSError as error:
        raise InputError(f"The model {card.name} cannot be written to {folder}: {error.strerror}.") from error
    return path


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


def _golden(quantised: QuantisedModel, undelegated: QuantisedModel, candidates: dict[str, Float32Array]) -> Golden:
    """Beats of each label whose label stands even where a runtime is off by what is tolerated.

    A beat on which XNNPACK and the plain kernels already use up half of the tolerance is no measure of a runtime.
    """
    outputs: Int8Array = verify.int8_outputs(quantised, candidates)
    plain: Int8Array = verify.int8_outputs(undelegated, candidates)
    steady = np.abs(outputs.astype(np.int16) - plain).max(axis=1) <= GOLDEN_TOLERANCE_STEPS // 2
    ranked = np.sort(outputs.astype(np.int16), axis=1)
    clear = steady & (ranked[:, -1] - ranked[:, -2] > 2 * GOLDEN_TOLERANCE_STEPS)
    answer = outputs.argmax(axis=1)
    chosen = np.concatenate(
        [np.flatnonzero(clear & (answer == label))[:GOLDEN_BEATS_PER_LABEL] for label in range(outputs.shape[1])]
    )
    if not len(chosen):
        raise CheckFailedError("The model is sure of none of the golden beats: train it for longer.")
    return Golden({name: values[chosen] for name, values in candidates.items()}, outputs[chosen])


def _with_results(card: ModelCard, agreement: verify.Agreement, tested_on: str) -> ModelCard:
    results = Results(
        tested_on=tested_on,
        float_model=agreement.float_model,
        int8_model=agreement.int8_model,
        label_agreement=agreement.label_agreement,
    )
    return msgspec.structs.replace(card, results=results)
