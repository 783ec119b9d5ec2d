"""Small models made by hand, so that model files are tested without TensorFlow.

`tests/edge/inference` uses them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from ecg.model_file.card import InputSpec, ModelCard, Training, Window
from ecg.model_file.golden import Golden
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.samples import Float32Array

LABELS = ("N", "S", "V", "F", "Q")
SHAPES = {"waveform": (259, 2), "rhythm": (40,)}
FEATURES = tuple(f"feature_{number}" for number in range(40))
NETWORK = "0123456789ab"
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


def dense_model(
    shapes: Mapping[str, tuple[int, ...]] = SHAPES, *, labels: int = 5, names: Mapping[str, str] | None = None
) -> bytes:
    """Full int8: all inputs, joined, through one dense layer and a softmax.

    Args:
        shapes: of the inputs, without batch, by name.
        labels: number of outputs.
        names: of the input tensors, where they are not those of the inputs.
    """
    ops, types, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    writer = _Writer()
    inputs = {
        # As exporters sort the inputs by name.
        name: writer.tensor(
            f"serving_default_{(names or {}).get(name, name)}:0", (1, *shapes[name]), types.INT8, INPUT_SCALE
        )
        for name in sorted(shapes)
    }
    parts = []
    for name, shape in shapes.items():
        flat_shape = writer.tensor("flat_shape", (2,), types.INT32, None, data=np.array([1, prod(shape)], np.int32))
        parts.append(writer.tensor(f"flat_{name}", (1, prod(shape)), types.INT8, INPUT_SCALE))
        reshape = schema.ReshapeOptionsT()
        writer.operator(ops.RESHAPE, [inputs[name], flat_shape], parts[-1], options.ReshapeOptions, reshape)
    width = sum(map(prod, shapes.values()))
    joined = writer.tensor("joined", (1, width), types.INT8, INPUT_SCALE)
    join = schema.ConcatenationOptionsT()
    join.axis = 1
    writer.operator(ops.CONCATENATION, parts, joined, options.ConcatenationOptions, join)
    output = _dense_and_softmax(writer, joined, (1, width), labels)
    return writer.finish(list(inputs.values()), [output])


def model_at_each_place(name: str, shape: tuple[int, ...], *, labels: int) -> bytes:
    """Full int8: the last dimension of one input through a dense layer and a softmax, at each place of the others."""
    writer = _Writer()
    source = writer.tensor(f"serving_default_{name}:0", (1, *shape), schema.TensorType.INT8, INPUT_SCALE)
    return writer.finish([source], [_dense_and_softmax(writer, source, (1, *shape), labels)])


def _dense_and_softmax(writer: _Writer, source: int, shape: tuple[int, ...], labels: int) -> int:
    """Give the number of the output tensor."""
    ops, types, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    rng = np.random.default_rng(3)
    kernel = rng.integers(-100, 101, (labels, shape[-1]), dtype=np.int8)
    weights = writer.tensor("weights", kernel.shape, types.INT8, 1 / 512, data=kernel)
    bias = writer.tensor("bias", (labels,), types.INT32, INPUT_SCALE / 512, data=np.zeros(labels, np.int32))
    logits = writer.tensor("logits", (*shape[:-1], labels), types.INT8, 0.2)
    dense = schema.FullyConnectedOptionsT()
    dense.keepNumDims = True
    writer.operator(ops.FULLY_CONNECTED, [source, weights, bias], logits, options.FullyConnectedOptions, dense)
    output = writer.tensor("output", (*shape[:-1], labels), types.INT8, 1 / 256, zero=-128)
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    writer.operator(ops.SOFTMAX, [logits], output, options.SoftmaxOptions, softmax)
    return output


def float_model() -> bytes:
    """The inputs and outputs of `dense_model` in float."""
    ops, types, options = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
    writer = _Writer()
    features = len(FEATURES)
    rhythm = writer.tensor("rhythm", (1, features), types.FLOAT32, None)
    waveform = writer.tensor("waveform", (1, 259, 2), types.FLOAT32, None)
    weights = writer.tensor("weights", (5, features), types.FLOAT32, None, data=np.ones((5, features), np.float32))
    bias = writer.tensor("bias", (5,), types.FLOAT32, None, data=np.zeros(5, np.float32))
    output = writer.tensor("output", (1, 5), types.FLOAT32, None)
    dense = schema.FullyConnectedOptionsT()
    writer.operator(ops.FULLY_CONNECTED, [rhythm, weights, bias], output, options.FullyConnectedOptions, dense)
    return writer.finish([rhythm, waveform], [output])


def random_inputs(count: int, shapes: Mapping[str, tuple[int, ...]] = SHAPES) -> dict[str, Float32Array]:
    """Inputs that fill the range of the model's."""
    rng = np.random.default_rng(7)
    return {name: rng.normal(0, 1, (count, *shape)).astype(np.float32) for name, shape in shapes.items()}


def make_card(**changes: Any) -> ModelCard:
    """Give the card of `dense_model`, a beat model; `changes` take the place of its fields."""
    fields: dict[str, Any] = {
        "name": "tiny",
        "version": "1",
        "labels": LABELS,
        "sample_rate_hz": 360.0,
        "window": Window(before=99, after=159),
        "normalisation": "template",
        "inputs": tuple(InputSpec(name=name, shape=shape) for name, shape in SHAPES.items()),
        "rhythm_features": FEATURES,
        "interval_network": NETWORK,
        "training": Training(
            protocol="none",
            train_data=(),
            test_data=(),
            label_source="nobody: the weights are random",
            train_beats={},
            test_beats={},
            seed=3,
        ),
        "licence": "Apache-2.0",
        "flatbuffer_sha256": "",
        "parameters": 2645,
        "multiply_accumulates": 2640,
    }
    return ModelCard(**{**fields, **changes})


def make_parts(card: ModelCard, flatbuffer: bytes) -> Parts:
    """Give a model, its card, and golden examples of which it is sure."""
    examples = random_inputs(40, {spec.name: spec.shape for spec in card.inputs})
    model = quantised_model(open_interpreter(flatbuffer), card)
    outputs = np.stack([model.run({name: values[number] for name, values in examples.items()}) for number in range(40)])
    ranked = np.sort(outputs.astype(np.int16), axis=-1)
    sure = (ranked[..., -1] - ranked[..., -2]).reshape(40, -1).max(axis=1)
    chosen = np.flatnonzero(sure > 40)[:6]
    return Parts(flatbuffer, card, Golden({name: values[chosen] for name, values in examples.items()}, outputs[chosen]))
