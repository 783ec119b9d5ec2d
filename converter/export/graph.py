"""What a TFLite flatbuffer holds: its operators and tensors, and whether everything in it is int8."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Final

from ai_edge_litert import schema_py_generated as schema

from ecg.errors import CheckFailedError
from ecg.model_file.gradient import SIGNATURE

__all__ = ["Graph", "Operator", "Tensor", "check_full_int8", "read_graph"]

INTEGER_TYPES: Final = ("INT8", "INT32")
"""All that a full int8 model holds: weights and activations, and biases and shapes."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the graph.

    Attributes:
        name: as the exporter left it.
        type: `INT8`, `INT32`, `FLOAT32` ...
        shape: with the batch.
        bytes: size of its constant content; 0 for an activation.
        scales: number of quantisation scales: 1, one for each channel, or 0 where it is not quantised.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    bytes: int
    scales: int


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of the graph, with the numbers of its tensors (-1: an input left out)."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The subgraph of a model that answers."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def multiply_accumulates(self) -> int:
        """Multiply-accumulates of one run: those of convolutions and dense layers, from the shapes of their weights."""
        total = 0
        for operator in self.operators:
            if operator.name == "CONV_2D":
                _, *kernel_and_input = self.tensors[operator.inputs[1]].shape
                total += prod(self.tensors[operator.outputs[0]].shape) * prod(kernel_and_input)
            elif operator.name == "FULLY_CONNECTED":
                total += prod(self.tensors[operator.inputs[1]].shape)
        return total

    @property
    def weight_bytes(self) -> int:
        """Size of all constants."""
        return sum(tensor.bytes for tensor in self.tensors)


def read_graph(flatbuffer: bytes) -> Graph:
    """Parse a flatbuffer.

    Raises:
        CheckFailedError: it holds another subgraph than that and the one of `ecg.model_file.gradient`.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))
    subgraph, *others = model.subgraphs
    for other in others:
        name = "" if other.name is None else other.name.decode("utf-8", "replace")
        if name != SIGNATURE:
            raise CheckFailedError(f'The model holds a further subgraph "{name}", which is not known.')
    types = _names(schema.TensorType)
    codes = [_operator_name(code) for code in model.operatorCodes]
    return Graph(
        tensors=tuple(_tensor(tensor, types, model.buffers) for tensor in subgraph.tensors),
        operators=tuple(
            Operator(codes[operator.opcodeIndex], _numbers(operator.inputs), _numbers(operator.outputs))
            for operator in subgraph.operators
        ),
        inputs=_numbers(subgraph.inputs),
        outputs=_numbers(subgraph.outputs),
    )


def check_full_int8(graph: Graph) -> None:
    """Refuse a graph that computes anything in floating point.

    Raises:
        CheckFailedError: a tensor that is no integer, an operator that converts to or from float, a custom operator, or
            an input or output that is not int8; the message names it.
    """
    for tensor in graph.tensors:
        if tensor.type not in INTEGER_TYPES:
            raise CheckFailedError(f'The model is not full int8: its tensor "{tensor.name}" is {tensor.type}.')
    for operator in graph.operators:
        if operator.name.startswith("CUSTOM") or operator.name == "DEQUANTIZE":  # QUANTIZE: from one scale to another
            raise CheckFailedError(f"The model is not full int8: it holds the operator {operator.name}.")
    for number in (*graph.inputs, *graph.outputs):
        tensor = graph.tensors[number]
        if tensor.type != "INT8" or tensor.scales != 1:
            raise CheckFailedError(f'The model is not full int8: "{tensor.name}" goes in or out as {tensor.type}.')


def _tensor(tensor: Any, types: dict[int, str], buffers: list[Any]) -> Tensor:
    data = buffers[tensor.buffer].data
    quantization = tensor.quantization
    scales = None if quantization is None else quantization.scale
    return Tensor(
        name=tensor.name.decode("utf-8", "replace"),
        type=types[tensor.type],
        shape=() if tensor.shape is None else _numbers(tensor.shape),
        bytes=0 if data is None else len(data),
        scales=0 if scales is None else len(scales),
    )


def _operator_name(code: Any) -> str:
    # Codes up to 127 stand in both fields, later ones only in the new one: the greater is right (TFLite schema 3a).
    builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
    name = _names(schema.BuiltinOperator)[builtin]
    return name if code.customCode is None else f"{name} {code.customCode.decode('utf-8', 'replace')}"


def _names(enumeration: Any) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if not name.startswith("_")}


def _numbers(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in values)
