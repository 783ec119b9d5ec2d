"""Adds to an int8 flatbuffer a signature that gives the gradient of an answer, from the same weights.

It is a second subgraph in float32 that shares the buffers of the first: the int8 weights are dequantised as it runs, so
that the network that is explained is the one that answers, but for the rounding of activations, and the file grows by
its operators alone. It goes forwards through the operators of the first subgraph, and backwards by what TFLite has in
place of gradients: a mask for ReLU, a transposed convolution for a convolution (its definition), the nearest neighbour
for the mean of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter.export.subgraph import Subgraph, constant_of, opened, packed
from ecg.errors import CheckFailedError
from ecg.model_file.gradient import ANSWER, LOG_ODDS, OF, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_gradient"]

_RELU: Final = schema.ActivationFunctionType.RELU


def with_gradient(flatbuffer: bytes, *, feature_map: str) -> bytes:
    """The flatbuffer with the signature `ecg.model_file.gradient.SIGNATURE` besides.

    Its inputs are those of the model, float32, and `answer`, shape (1, labels): how much of each log odds is asked for.
    Its outputs are `log_odds`, the feature map, and the gradient of the answer in each input and in the feature map.

    Args:
        flatbuffer: full int8, of a network of `converter.zoo.residual`; its first output are the log odds.
        feature_map: name of its second output.

    Raises:
        CheckFailedError: it holds an operator whose gradient is not known here.
    """
    model = opened(flatbuffer)
    (signature,) = model.signatureDefs
    inputs = {each.name.decode(): int(each.tensorIndex) for each in signature.inputs}
    log_odds, map_ = (int(each.tensorIndex) for each in sorted(signature.outputs, key=lambda each: bytes(each.name)))
    both = _Gradient(model)
    for name, tensor in inputs.items():
        both.found[tensor] = both.graph.input(name, both.shape(tensor))
    answer = both.graph.input(ANSWER, both.shape(log_odds))
    for operator in model.subgraphs[0].operators:
        both.forwards(operator)
    both.slopes[log_odds] = answer
    for operator in reversed(model.subgraphs[0].operators):
        both.backwards(operator)
    both.graph.output(LOG_ODDS, both.found[log_odds])
    both.graph.output(feature_map, both.found[map_])
    for name, tensor in {**inputs, feature_map: map_}.items():
        both.graph.output(f"{OF}{name}", both.slopes[tensor])
    both.graph.close(SIGNATURE)
    return packed(model)


class _Gradient:
    """The second subgraph as it grows.

    Attributes:
        graph: it.
        found: by tensor of the first subgraph, its value in the second.
        slopes: by tensor of the first, the gradient of the answer in it.
    """

    def __init__(self, model: Any) -> None:
        self.graph = Subgraph(model)
        self.found: dict[int, int] = {}
        self.slopes: dict[int, int] = {}
        self._model = model
        self._first = model.subgraphs[0]
        self._weights: dict[int, int] = {}

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Of a tensor of the first subgraph."""
        return tuple(int(size) for size in self._first.tensors[tensor].shape)

    def forwards(self, operator: Any) -> None:
        """Add an operator of the first subgraph in float32."""
        name = self.graph.name_of(operator)
        if name not in _BACKWARDS:
            raise CheckFailedError(f"The gradient of the operator {name} is not known.")
        (result,) = operator.outputs
        inputs = [self._value(int(tensor)) for tensor in operator.inputs]
        options = None if operator.builtinOptions is None else (operator.builtinOptionsType, operator.builtinOptions)
        self.found[int(result)] = self.graph.add(name, inputs, self.shape(result), options)

    def backwards(self, operator: Any) -> None:
        """Add what brings the gradient from an operator's output to its inputs."""
        result = int(operator.outputs[0])
        slope = self.slopes[result]
        if getattr(operator.builtinOptions, "fusedActivationFunction", 0) == _RELU:
            graph = self.graph
            shape = self.shape(result)
            zero = graph.constant(np.float32(0))
            is_open = graph.add("GREATER", [self.found[result], zero], shape, type_=schema.TensorType.BOOL)
            slope = graph.add("SELECT_V2", [is_open, slope, zero], shape)
        _BACKWARDS[self.graph.name_of(operator)](self, operator, slope)

    def give(self, tensor: int, slope: int) -> None:
        """Add to the gradient in a tensor of the first subgraph."""
        before = self.slopes.get(int(tensor))
        if before is not None:
            slope = self.graph.add("ADD", [before, slope], self.shape(tensor))
        self.slopes[int(tensor)] = slope

    def turned(self, tensor: int, order: tuple[int, ...]) -> int:
        """Weights with their axes in another order."""
        shape = tuple(self.shape(tensor)[axis] for axis in order)
        return self.graph.add("TRANSPOSE", [self._value(tensor), self.graph.integers(order)], shape)

    def _value(self, tensor: int) -> int:
        """A tensor of the first subgraph in the second: a value that was found, or a constant; -1 stands for none."""
        if tensor < 0:
            return tensor
        if tensor in self.found:
            return self.found[tensor]
        if tensor not in self._weights:
            self._weights[tensor] = self._constant(self._first.tensors[tensor])
        return self._weights[tensor]

    def _constant(self, tensor: Any) -> int:
        if tensor.type == schema.TensorType.INT8:
            return self.graph.add("DEQUANTIZE", [self.graph.share(tensor)], tuple(map(int, tensor.shape)))
        values = constant_of(self._model, tensor)
        if tensor.quantization is None or tensor.quantization.scale is None:
            return self.graph.constant(values)
        return self.graph.constant((values * tensor.quantization.scale).astype(np.float32))


def _of_convolution(both: _Gradient, operator: Any, slope: int) -> None:
    """A transposed convolution of the same stride and padding is the gradient of a convolution by definition."""
    source, weights, _ = map(int, operator.inputs)
    options = schema.TransposeConvOptionsT()
    options.padding = operator.builtinOptions.padding
    options.strideW, options.strideH = operator.builtinOptions.strideW, operator.builtinOptions.strideH
    shape = both.shape(source)
    inputs = [both.graph.integers(shape), both.turned(weights, (3, 1, 2, 0)), slope]
    both.give(
        source,
        both.graph.add("TRANSPOSE_CONV", inputs, shape, (schema.BuiltinOptions.TransposeConvOptions, options)),
    )


def _of_pool(both: _Gradient, operator: Any, slope: int) -> None:
    """Each of the two that a mean is made of gets half; one that is left over at the end is its own mean."""
    options = operator.builtinOptions
    if (options.filterWidth, options.strideW, options.filterHeight, options.strideH) != (2, 2, 1, 1):
        raise CheckFailedError("The gradient is known of the mean of two neighbours only.")
    source = int(operator.inputs[0])
    _, _, length, width = shape = both.shape(source)
    doubled = 2 * both.shape(int(operator.outputs[0]))[2]
    repeated = both.graph.add(
        "RESIZE_NEAREST_NEIGHBOR", [slope, both.graph.integers((1, doubled))], (1, 1, doubled, width)
    )
    shares = np.full((1, 1, length, 1), 0.5, np.float32)
    if doubled > length:
        begin, size = (both.graph.integers(each) for each in ((0, 0, 0, 0), shape))
        repeated = both.graph.add("SLICE", [repeated, begin, size], shape)
        shares[0, 0, -1] = 1
    both.give(source, both.graph.add("MUL", [repeated, both.graph.constant(shares)], shape))


def _of_sum(both: _Gradient, operator: Any, slope: int) -> None:
    for source in operator.inputs:
        both.give(source, slope)


def _of_concatenation(both: _Gradient, operator: Any, slope: int) -> None:
    """Along the last axis."""
    begin = 0
    for source in operator.inputs:
        shape = both.shape(source)
        start = (*(0 for _ in shape[:-1]), begin)
        inputs = [slope, both.graph.integers(start), both.graph.integers(shape)]
        both.give(source, both.graph.add("SLICE", inputs, shape))
        begin += shape[-1]


def _of_mean(both: _Gradient, operator: Any, slope: int) -> None:
    """Over time."""
    source = int(operator.inputs[0])
    _, length, width = shape = both.shape(source)
    row = both.graph.add("RESHAPE", [slope, both.graph.integers((1, 1, width))], (1, 1, width))
    shares = both.graph.constant(np.full((1, length, 1), 1 / length, np.float32))
    both.give(source, both.graph.add("MUL", [row, shares], shape))


def _of_dense(both: _Gradient, operator: Any, slope: int) -> None:
    source, weights, _ = map(int, operator.inputs)
    inputs = [slope, both.turned(weights, (1, 0)), -1]
    both.give(source, both.graph.add("FULLY_CONNECTED", inputs, both.shape(source)))


def _of_reshape(both: _Gradient, operator: Any, slope: int) -> None:
    source = int(operator.inputs[0])
    shape = both.shape(source)
    both.give(source, both.graph.add("RESHAPE", [slope, both.graph.integers(shape)], shape))


_BACKWARDS: Final[dict[str, Callable[[_Gradient, Any, int], None]]] = {
    "ADD": _of_sum,
    "AVERAGE_POOL_2D": _of_pool,
    "CONCATENATION": _of_concatenation,
    "CONV_2D": _of_convolution,
    "FULLY_CONNECTED": _of_dense,
    "MEAN": _of_mean,
    "RESHAPE": _of_reshape,
}
