"""A small model made by hand, so that the monitor's side is tested without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from ecg.model_file.card import InputSpec, ModelCard, Training, Window
from ecg.model_file.container import Golden
from ecg.model_file.quantised import QuantisedModel
from ecg.model_file.runtime import open_interpreter
from edge.inference.compatibility import interval_network
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import Float32Array

LABELS = ("N", "S", "V", "F", "Q")
SHAPES = {"waveform": (259, 2), "rhythm": (len(RHYTHM_FEATURES),)}
INPUT_SCALE = 1 / 32
INT8_VERSIONS = {
    schema.BuiltinOperator.RESHAPE: 1,
    schema.BuiltinOperator.CONCATENATION: 2,
    schema.BuiltinOperator.FULLY_CONNECTED: 4,
    schema.BuiltinOperator.SOFTMAX: 2,
}


@dataclass
class Parts:
    """What a model file is packed from."""

    flatbuffer: bytes
    card: ModelCard
    golden: Golden


class _Writer:
    """Collects tensors and operators for a flatbuffer."""

    def __init__(self) -> None:
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.operatorCodes = []
        self.model.buffers = [schema.BufferT()]
        self.graph = schema.SubGraphT()
        self.graph.tensors = []
        self.graph.operators = []
        self.model.subgraphs = [self.graph]

    def tensor(
        self, name: str, shape: tuple[int, ...], kind: int, scale: float | None, *, zero: int = 0, data: Any = None
    ) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [zero]
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            tensor.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(self, builtin: int, inputs: list[int], output: int, kind: int = 0, options: Any = None) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = INT8_VERSIONS[builtin]
        self.model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = kind, options
        self.graph.operators.append(operator)

    def finish(self, inputs: list[int], outputs: list[int]) -> bytes:
        self.graph.inputs, self.graph.outputs = inputs, outputs
        builder = flatbuffers.Builder(1 << 14)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def dense_model(*, channels: int = 2, labels: int = 5, names: tuple[str, str] = ("rhythm", "waveform")) -> bytes:
    """Full int8: waveform and rhythm, joined, through one dense layer and a softmax."""
    ops, types, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    writer = _Writer()
    features, samples = len(RHYTHM_FEATURES), 259 * channels
    # Rhythm first, as exporters sort the inputs by name.
    rhythm = writer.tensor(f"serving_default_{names[0]}:0", (1, features), types.INT8, INPUT_SCALE)
    waveform = writer.tensor(f"serving_default_{names[1]}:0", (1, 259, channels), types.INT8, INPUT_SCALE)
    flat_shape = writer.tensor("flat_shape", (2,), types.INT32, None, data=np.array([1, samples], np.int32))
    flat = writer.tensor("flat", (1, samples), types.INT8, INPUT_SCALE)
    writer.operator(ops.RESHAPE, [waveform, flat_shape], flat, options.ReshapeOptions, schema.ReshapeOptionsT())
    joined = writer.tensor("joined", (1, samples + features), types.INT8, INPUT_SCALE)
    join = schema.ConcatenationOptionsT()
    join.axis = 1
    writer.operator(ops.CONCATENATION, [flat, rhythm], joined, options.ConcatenationOptions, join)
    rng = np.random.default_rng(3)
    kernel = rng.integers(-100, 101, (labels, samples + features), dtype=np.int8)
    weights = writer.tensor("weights", kernel.shape, types.INT8, 1 / 512, data=kernel)
    bias = writer.tensor("bias", (labels,), types.INT32, INPUT_SCALE / 512, data=np.zeros(labels, np.int32))
    logits = writer.tensor("logits", (1, labels), types.INT8, 0.2)
    dense = schema.FullyConnectedOptionsT()
    writer.operator(ops.FULLY_CONNECTED, [joined, weights, bias], logits, options.FullyConnectedOptions, dense)
    output = writer.tensor("output", (1, labels), types.INT8, 1 / 256, zero=-128)
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    writer.operator(ops.SOFTMAX, [logits], output, options.SoftmaxOptions, softmax)
    return writer.finish([rhythm, waveform], [output])


def float_model() -> bytes:
    """The same inputs and outputs in float."""
    ops, types, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    writer = _Writer()
    rhythm = writer.tensor("rhythm", (1, len(RHYTHM_FEATURES)), types.FLOAT32, None)
    waveform = writer.tensor("waveform", (1, 259, 2), types.FLOAT32, None)
    weights = writer.tensor(
        "weights", (5, len(RHYTHM_FEATURES)), types.FLOAT32, None, data=np.ones((5, len(RHYTHM_FEATURES)), np.float32)
    )
    bias = writer.tensor("bias", (5,), types.FLOAT32, None, data=np.zeros(5, np.float32))
    output = writer.tensor("output", (1, 5), types.FLOAT32, None)
    dense = schema.FullyConnectedOptionsT()
    writer.operator(ops.FULLY_CONNECTED, [rhythm, weights, bias], output, options.FullyConnectedOptions, dense)
    return writer.finish([rhythm, waveform], [output])


def random_beats(count: int) -> dict[str, Float32Array]:
    """Inputs that fill the range of the model's."""
    rng = np.random.default_rng(7)
    return {name: rng.normal(0, 1, (count, *shape)).astype(np.float32) for name, shape in SHAPES.items()}


def _card() -> ModelCard:
    return ModelCard(
        name="tiny",
        version="1",
        labels=LABELS,
        sample_rate_hz=360,
        window=Window(before=99, after=159),
        normalisation="template",
        inputs=tuple(InputSpec(name=name, shape=shape) for name, shape in SHAPES.items()),
        rhythm_features=RHYTHM_FEATURES,
        interval_network=interval_network(),
        training=Training(
            protocol="none",
            train_data=(),
            test_data=(),
            label_source="nobody: the weights are random",
            train_beats={},
            test_beats={},
            seed=3,
        ),
        licence="Apache-2.0",
        flatbuffer_sha256="",
        parameters=2645,
        multiply_accumulates=2640,
    )


@pytest.fixture(scope="session")
def make_flatbuffer() -> Callable[..., bytes]:
    return dense_model


@pytest.fixture(scope="session")
def float_flatbuffer() -> bytes:
    return float_model()


@pytest.fixture(scope="session")
def beats() -> dict[str, Float32Array]:
    return random_beats(40)


@pytest.fixture
def parts(beats: dict[str, Float32Array]) -> Parts:
    """A sound model, its card and golden beats."""
    flatbuffer = dense_model()
    model = QuantisedModel(open_interpreter(flatbuffer), inputs=SHAPES, labels=len(LABELS))
    outputs = np.stack([model.run({name: values[beat] for name, values in beats.items()}) for beat in range(40)])
    ranked = np.sort(outputs.astype(np.int16), axis=1)
    clear = np.flatnonzero(ranked[:, -1] - ranked[:, -2] > 40)[:6]
    return Parts(flatbuffer, _card(), Golden({name: values[clear] for name, values in beats.items()}, outputs[clear]))
