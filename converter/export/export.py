"""From a trained Keras model to a model file: full int8, checked on the flatbuffer, with its card and golden beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from converter.export.agreement import compare
from converter.export.conversion import convert
from converter.export.golden import choose_golden
from converter.export.model_card import render
from converter.zoo import resecanet
from ecg.errors import InputError
from ecg.model_file.card import InputSpec, ModelCard, Results, Training, Window
from ecg.model_file.card_check import check_card
from ecg.model_file.container import write
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter
from ecg.samples import BEAT_AFTER, BEAT_BEFORE, SAMPLE_RATE_HZ
from edge.inference.classifier import load_classifier
from edge.inference.compatibility import interval_network
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from converter.export.agreement import Agreement
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array

__all__ = ["CardFields", "LabelledBeats", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFields:
    """What the card says that the model itself does not show.

    Attributes:
        name, version: of the model; the file takes the name.
        architecture: what kind of network it is, in words.
        labels: of the outputs, in order.
        normalisation: of the waveform.
        training: how the model came about.
        tested_on: what the test beats are, in words; stands beside the results.
        licence: of the model file.
    """

    name: str
    version: str
    architecture: str
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
        parameters=resecanet.parameters(model),
        multiply_accumulates=resecanet.multiply_accumulates(model),
    )
    try:
        check_card(card)
    except InputError as error:
        raise InputError(f"The model {card.name} cannot be exported: {error}.") from error

    flatbuffer = convert(model, representative)
    quantised, undelegated = (
        quantised_model(open_interpreter(flatbuffer, default_delegates=delegates), card) for delegates in (True, False)
    )
    chosen = choose_golden(quantised, undelegated, {spec.name: golden[spec.name] for spec in inputs})
    if test is not None:
        card = _with_results(card, compare(model, quantised, test.inputs, test.truth), fields.tested_on)

    path = folder / f"{card.name}.tflite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(path, flatbuffer, card, chosen)
        written = load_classifier(path).card  # as the monitor will
        path.with_suffix(".md").write_text(
            render(written, path.stat().st_size, architecture=fields.architecture), encoding="utf-8"
        )
    except OSError as error:
        raise InputError(f"The model {card.name} cannot be written to {folder}: {error.strerror}.") from error
    return path


def _with_results(card: ModelCard, agreement: Agreement, tested_on: str) -> ModelCard:
    results = Results(
        tested_on=tested_on,
        float_model=agreement.float_model,
        int8_model=agreement.int8_model,
        label_agreement=agreement.label_agreement,
    )
    return msgspec.structs.replace(card, results=results)
