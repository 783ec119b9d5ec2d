"""A model that is not what its card says is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from handmade_model import SHAPES, dense_model, float_model, random_inputs

from ecg.errors import InputError
from ecg.model_file.container import read, write
from ecg.model_file.crash_trial_process import most_bytes
from ecg.model_file.loading import load_model, quantised_model
from ecg.model_file.runtime import open_interpreter
from tests.support.crashing_model import write_crashing_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_model_with_other_shapes_than_its_card_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "wide.tflite"
    write(path, dense_model({**SHAPES, "waveform": (259, 3)}), parts.card, parts.golden)
    assert "(1, 259, 3), and its card says (1, 259, 2)" in refusal_of(path)


def test_a_model_with_more_outputs_than_labels_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "six.tflite"
    write(path, dense_model(labels=6), parts.card, parts.golden)
    assert "has outputs of shape (1, 6), and its card has 5 labels, so (1, 5)" in refusal_of(path)


def test_a_float_model_is_refused(parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "float.tflite"
    write(path, float_model(), parts.card, parts.golden)
    assert "not wholly int8" in refusal_of(path)


@pytest.mark.parametrize("names", [("rhythm", "waveform"), ("args_1", "args_0"), ("waveform", "rhythm")])
def test_inputs_are_told_apart_by_name_or_else_by_shape(names: tuple[str, str], parts: Any) -> None:
    flatbuffer = dense_model(names={"rhythm": names[0], "waveform": names[1]})
    if names == ("waveform", "rhythm"):  # named for each other: a mistake, not to be papered over
        with pytest.raises(InputError, match="its card says"):
            quantised_model(open_interpreter(flatbuffer), parts.card)
        return
    beat = {name: values[0] for name, values in random_inputs(1).items()}
    model, expected = (quantised_model(open_interpreter(one), parts.card) for one in (flatbuffer, parts.flatbuffer))
    np.testing.assert_array_equal(model.run(beat), expected.run(beat))


def test_a_model_that_crashes_the_runtime_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    sound, crashing = tmp_path / "sound.tflite", tmp_path / "crashing.tflite"
    write(sound, parts.flatbuffer, parts.card, parts.golden)
    write_crashing_model(sound, crashing)
    assert "it crashes the model runtime (SIGSEGV)" in refusal_of(crashing)


def with_a_tensor_of(size: int, flatbuffer: bytes) -> bytes:
    """The same model, with an operator beside it that fills a tensor of size * size bytes."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))
    graph = model.subgraphs[0]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.TILE
    code.version = 1
    model.operatorCodes.append(code)

    def tensor(shape: tuple[int, ...], kind: int, content: bytes | None) -> int:
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = "huge", list(shape), kind, 0
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [1.0], [0]
        if content is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(content, np.uint8)
            model.buffers.append(buffer)
            made.buffer = len(model.buffers) - 1
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    one = tensor((1, 1), schema.TensorType.INT8, b"\1")
    times = tensor((2,), schema.TensorType.INT32, np.array([size, size], np.int32).tobytes())
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = [one, times], [tensor((size, size), schema.TensorType.INT8, None)]
    graph.operators.append(operator)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_a_model_that_takes_more_memory_than_a_trial_may_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    small, huge = tmp_path / "small.tflite", tmp_path / "huge.tflite"
    write(small, with_a_tensor_of(100, parts.flatbuffer), parts.card, parts.golden)
    load_model(read(small))
    write(huge, with_a_tensor_of(2**16, parts.flatbuffer), parts.card, parts.golden)
    assert "cannot load model file" in refusal_of(huge)


@pytest.mark.parametrize(("memory_gb", "most_gb"), [(0.5, 0.25), (4, 2), (64, 4)])
def test_a_trial_leaves_memory_to_the_monitor(memory_gb: float, most_gb: float) -> None:
    assert most_bytes(round(memory_gb * 2**30)) == most_gb * 2**30


def test_a_model_is_tried_with_the_modules_of_this_process_and_none_of_the_present_folder(
    parts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sound.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    load_model(read(path))
