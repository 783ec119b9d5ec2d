"""Builds a further subgraph of a TFLite model, operator by operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Subgraph", "constant_of", "opened", "packed"]

_IDENTIFIER: Final = b"TFL3"
_CODES: Final = {name: code for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
_NAMES: Final = {code: name for name, code in _CODES.items()}
_NUMPY: Final[dict[int, type[np.generic]]] = {
    schema.TensorType.FLOAT32: np.float32,
    schema.TensorType.INT32: np.int32,
}
_TYPES: Final = {np.dtype(kind): code for code, kind in _NUMPY.items()}
_VERSIONS: Final = {"DEQUANTIZE": 5}
"""Of operators of which a later version is needed: with a scale for each channel."""
_OPTIONS: Final = {
    "ADD": (schema.BuiltinOptions.AddOptions, schema.AddOptionsT),
    "FULLY_CONNECTED": (schema.BuiltinOptions.FullyConnectedOptions, schema.FullyConnectedOptionsT),
    "MUL": (schema.BuiltinOptions.MulOptions, schema.MulOptionsT),
    "RESIZE_NEAREST_NEIGHBOR": (
        schema.BuiltinOptions.ResizeNearestNeighborOptions,
        schema.ResizeNearestNeighborOptionsT,
    ),
}
"""What these run with where nothing else is said; the others need none."""


def opened(flatbuffer: bytes) -> Any:
    """The model of a flatbuffer, to be changed."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))


def packed(model: Any) -> bytes:
    """Its flatbuffer; the same model gives the same bytes."""
    builder = flatbuffers.Builder(1 << 22)
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def constant_of(model: Any, tensor: Any) -> NDArray[Any]:
    """What a constant tensor holds, float32 or int32."""
    data = model.buffers[tensor.buffer].data
    shape = () if tensor.shape is None else tuple(map(int, tensor.shape))
    return np.frombuffer(bytes(data), _NUMPY[tensor.type]).reshape(shape)


class Subgraph:
    """A subgraph that grows; tensors are told by their numbers.

    Args:
        model: that it becomes part of.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._inputs: dict[str, int] = {}
        self._outputs: dict[str, int] = {}
        self._constants: dict[tuple[bytes, tuple[int, ...], str], int] = {}

    def name_of(self, operator: Any) -> str:
        """The builtin operator that an operator is."""
        code = self._model.operatorCodes[operator.opcodeIndex]
        name: str = _NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
        return name

    def input(self, name: str, shape: tuple[int, ...]) -> int:
        """A float32 input."""
        self._inputs[name] = self._tensor(name, shape, schema.TensorType.FLOAT32)
        return self._inputs[name]

    def output(self, name: str, tensor: int) -> None:
        """Let a tensor be an output."""
        self._outputs[name] = tensor

    def constant(self, values: Any) -> int:
        """A constant, float32 or int32; equal ones are one."""
        array = np.asarray(values)
        key = (array.tobytes(), array.shape, array.dtype.name)
        if key not in self._constants:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(array.tobytes(), np.uint8)
            self._model.buffers.append(buffer)
            name = f"constant {len(self._constants)}"
            self._constants[key] = self._tensor(
                name, array.shape, _TYPES[array.dtype], buffer=len(self._model.buffers) - 1
            )
        return self._constants[key]

    def integers(self, values: Sequence[int]) -> int:
        """A constant such as a shape, int32."""
        return self.constant(np.array(values, np.int32))

    def share(self, tensor: Any) -> int:
        """A constant of another subgraph: the same buffer."""
        number = self._tensor(tensor.name.decode(), tuple(map(int, tensor.shape)), tensor.type, buffer=tensor.buffer)
        self._graph.tensors[number].quantization = tensor.quantization
        return number

    def add(
        self,
        name: str,
        inputs: list[int],
        shape: tuple[int, ...],
        options: tuple[int, Any] | None = None,
        *,
        type_: int = schema.TensorType.FLOAT32,
    ) -> int:
        """Add an operator.

        Args:
            name: of the builtin operator.
            inputs: tensors.
            shape: of its output.
            options: their type, and they.
            type_: of its output.

        Returns:
            Its output.
        """
        operator = schema.OperatorT()
        operator.opcodeIndex = self._code(name)
        operator.inputs = np.array(inputs, np.int32)
        output = self._tensor(f"{name} {len(self._graph.operators)}", shape, type_)
        operator.outputs = np.array([output], np.int32)
        if options is None and name in _OPTIONS:
            kind, make = _OPTIONS[name]
            options = kind, make()
        if options is not None:
            operator.builtinOptionsType, operator.builtinOptions = options
        self._graph.operators.append(operator)
        return output

    def close(self, signature: str) -> None:
        """Make it part of the model, under a signature, which names it too."""
        self._graph.name = signature
        self._graph.inputs = np.array(list(self._inputs.values()), np.int32)
        self._graph.outputs = np.array(list(self._outputs.values()), np.int32)
        self._model.subgraphs.append(self._graph)
        definition = schema.SignatureDefT()
        definition.signatureKey = signature
        definition.subgraphIndex = len(self._model.subgraphs) - 1
        definition.inputs, definition.outputs = (_named(each) for each in (self._inputs, self._outputs))
        self._model.signatureDefs.append(definition)

    def _tensor(self, name: str, shape: tuple[int, ...], type_: int, *, buffer: int = 0) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, np.array(shape, np.int32), type_, buffer
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _code(self, name: str) -> int:
        version = _VERSIONS.get(name, 1)
        codes = self._model.operatorCodes
        for number, code in enumerate(codes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == _CODES[name] and code.version == version:
                return number
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = _CODES[name], version
        code.deprecatedBuiltinCode = min(_CODES[name], 127)  # as TFLite schema 3a asks
        codes.append(code)
        return len(codes) - 1


def _named(tensors: dict[str, int]) -> list[Any]:
    maps = []
    for name, tensor in tensors.items():
        each = schema.TensorMapT()
        each.name, each.tensorIndex = name, tensor
        maps.append(each)
    return maps
