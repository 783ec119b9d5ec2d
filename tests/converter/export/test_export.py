from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from converter.export import graph, inspection
from converter.export.conversion import convert
from converter.export.export import CardFields, export
from ecg.errors import CheckFailedError, InputError
from edge.inference import load_classifier, read

if TYPE_CHECKING:
    from pathlib import Path


def _fields(path: Path) -> CardFields:
    card = read(path).card
    return CardFields(
        name=card.name,
        version=card.version,
        architecture="ResECANet",
        labels=card.labels,
        normalisation=card.normalisation,
        training=card.training,
        tested_on="",
    )


def test_the_monitor_loads_what_was_exported_and_tells_the_beats_apart(trained: Any, exported: Path) -> None:
    classifier = load_classifier(exported)
    answers = [
        int(classifier.classify({name: values[beat] for name, values in trained.inputs.items()}).argmax())
        for beat in range(100)
    ]
    assert np.mean(answers == trained.truth[:100]) > 0.9


def test_nothing_but_integers_is_left(exported: Path) -> None:
    found = graph.read_graph(read(exported).flatbuffer)
    assert {tensor.type for tensor in found.tensors} == {"INT8", "INT32"}
    assert not {"QUANTIZE", "DEQUANTIZE", "CUSTOM"} & {operator.name for operator in found.operators}
    assert all(found.tensors[number].type == "INT8" for number in (*found.inputs, *found.outputs))


def test_a_batch_of_one_leaves_no_shape_operators(exported: Path) -> None:
    names = {operator.name for operator in graph.read_graph(read(exported).flatbuffer).operators}
    assert not {"SHAPE", "STRIDED_SLICE", "PACK"} & names


@pytest.mark.parametrize("change", ["tensor", "operator", "output"])
def test_anything_that_is_not_int8_is_found(change: str, exported: Path) -> None:
    sound = graph.read_graph(read(exported).flatbuffer)
    graph.check_full_int8(sound)
    if change == "tensor":
        changed = replace(sound, tensors=(*sound.tensors, replace(sound.tensors[0], type="FLOAT32")))
    elif change == "operator":
        changed = replace(sound, operators=(*sound.operators, graph.Operator("DEQUANTIZE", (0,), (1,))))
    else:
        changed = replace(sound, outputs=(next(n for n, t in enumerate(sound.tensors) if t.type == "INT32"),))
    with pytest.raises(CheckFailedError, match="not full int8"):
        graph.check_full_int8(changed)


def test_the_same_weights_give_the_same_file(trained: Any, exported: Path, tmp_path: Path) -> None:
    again = export(trained.model, trained.inputs, _fields(exported), trained.inputs, tmp_path)
    assert read(again).flatbuffer == read(exported).flatbuffer
    third = export(trained.model, trained.inputs, _fields(exported), trained.inputs, tmp_path / "deeper")
    assert third.read_bytes() == again.read_bytes()


def test_the_card_counts_what_the_file_holds(trained: Any, exported: Path) -> None:
    found = inspection.inspect(exported)
    assert found.multiply_accumulates == found.card.multiply_accumulates
    assert found.card.parameters == trained.model.count_params()
    assert found.card.results is not None
    assert sum(map(sum, found.card.results.int8_model.confusion)) == len(trained.truth)


def test_golden_beats_show_every_label(exported: Path) -> None:
    model_file = read(exported)
    assert set(model_file.golden.outputs.argmax(axis=1)) == set(range(5))


def test_an_inspection_is_json_and_text(exported: Path) -> None:
    found = inspection.inspect(exported)
    assert msgspec.json.decode(msgspec.json.encode(found))["operators"]["SOFTMAX"] == 1
    text = inspection.report(found)
    assert found.card.flatbuffer_sha256 in text
    assert "CONV_2D" in text
    assert f"{found.file_bytes:,} bytes" in text


def test_the_model_card_says_what_a_reader_must_know(exported: Path) -> None:
    text = exported.with_suffix(".md").read_text(encoding="utf-8")
    card = read(exported).card
    assert "Not a medical device" in text
    assert "the generator of the beats" in text
    assert "Synthetic beats say nothing about hearts." in text
    assert "    make test" in text
    assert card.flatbuffer_sha256 in text
    assert card.results is not None
    assert f"{100 * card.results.int8_model.accuracy:.2f} %" in text
    for row in card.results.int8_model.confusion:
        assert " | ".join(str(beats) for beats in row) in text


def test_labels_that_the_monitor_does_not_know_are_refused_before_any_work(
    trained: Any, exported: Path, tmp_path: Path
) -> None:
    fields = replace(_fields(exported), labels=("a", "b", "c", "d", "e"))
    with pytest.raises(InputError, match="cannot be exported"):
        export(trained.model, trained.inputs, fields, trained.inputs, tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_training_beat_nothing_is_quantised(trained: Any) -> None:
    none = {name: values[:0] for name, values in trained.inputs.items()}
    with pytest.raises(InputError, match="no training beat"):
        convert(trained.model, none)


def test_a_model_that_is_sure_of_nothing_has_no_golden_beat(trained: Any, exported: Path, tmp_path: Path) -> None:
    import keras

    unsure = keras.models.clone_model(trained.model)
    unsure.set_weights([np.zeros_like(weights) for weights in trained.model.get_weights()])
    with pytest.raises(CheckFailedError, match="sure of none"):
        export(unsure, trained.inputs, _fields(exported), trained.inputs, tmp_path)
