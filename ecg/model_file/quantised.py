"""An int8 model behind named float inputs: finds its tensors, quantises what goes in."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ecg.errors import InputError
from ecg.model_file.gradient import ANSWER, LOG_ODDS, OF, SIGNATURE, Gradient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.runtime import Interpreter, TensorDetails
    from ecg.samples import Float32Array, FloatArray

__all__ = ["Int8Array", "QuantisedModel"]

Int8Array = NDArray[np.int8]

_INT8_MIN, _INT8_MAX = -128, 127


@dataclass(frozen=True, slots=True)
class _InputPort:
    """An input tensor with the buffers that an example passes through on its way in."""

    name: str
    index: int
    scale: np.float32
    zero_point: np.float32
    scaled: Float32Array
    quantised: Int8Array

    def quantise(self, values: Float32Array) -> Int8Array:
        """round(value / scale) + zero point, ties to even, clipped; the array is reused by the next call."""
        scaled = self.scaled
        if values.shape != scaled.shape[1:]:  # numpy would stretch one channel over two without a word
            raise ValueError(f'The model input "{self.name}" has the shape {values.shape}, not {scaled.shape[1:]}.')
        np.divide(values, self.scale, out=scaled[0], casting="same_kind")
        lowest = scaled.min()
        if lowest != lowest:  # noqa: PLR0124 - true for NaN only
            raise ValueError(f'The model input "{self.name}" holds NaN; such a beat must stay unclassified.')
        np.rint(scaled, out=scaled)
        np.add(scaled, self.zero_point, out=scaled)
        np.maximum(scaled, _INT8_MIN, out=scaled)
        np.minimum(scaled, _INT8_MAX, out=scaled)
        np.copyto(self.quantised, scaled, casting="unsafe")
        return self.quantised


class QuantisedModel:
    """An interpreter whose inputs are told apart by name, and are given as float.

    Args:
        interpreter: allocated; LiteRT's, tflite-runtime's or TensorFlow's.
        inputs: name and shape (without batch) of each input, as the model's card has them.
        output: shape of the outputs, without batch, labels last.
        further: name and shape (without batch) of what it gives besides; no two of one shape.

    Raises:
        InputError: tensors that are not int8, or not of these names and shapes; the message goes on after "the model".
    """

    def __init__(
        self,
        interpreter: Interpreter,
        *,
        inputs: Mapping[str, tuple[int, ...]],
        output: tuple[int, ...],
        further: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
    ) -> None:
        _check_integer(interpreter)
        details = interpreter.get_input_details()
        if len(details) != len(inputs):
            raise InputError(f"takes {len(details)} inputs, and its card names {len(inputs)}")
        self._interpreter = interpreter
        self._ports = tuple(_port(name, shape, _find(name, shape, details)) for name, shape in inputs.items())
        outputs = {tuple(int(n) for n in tensor["shape"]): tensor for tensor in interpreter.get_output_details()}
        wanted = {(1, *output), *((1, *shape) for shape in further.values())}
        if set(outputs) != wanted:
            shapes = ", ".join(map(str, outputs))
            besides = "".join(f" and {name} {(1, *shape)}" for name, shape in further.items())
            raise InputError(
                f"has outputs of shape {shapes}, and its card has {output[-1]} labels, so {(1, *output)}{besides}"
            )
        for tensor in outputs.values():
            _check_int8(tensor, "output")
        self._output = outputs[1, *output]
        self._further = {name: outputs[1, *shape] for name, shape in further.items()}

    def run(self, inputs: Mapping[str, Float32Array]) -> Int8Array:
        """Outputs of one example as the model gives them, of the shape that the card's task says.

        Args:
            inputs: unbatched, by name, float32, of the shapes that the card names; others in the mapping are ignored.

        Raises:
            ValueError: an input holds NaN or has another shape.
        """
        interpreter = self._interpreter
        for port in self._ports:
            interpreter.set_tensor(port.index, port.quantise(inputs[port.name]))
        interpreter.invoke()
        output: Int8Array = interpreter.get_tensor(self._output["index"])[0]
        return output

    def further(self, name: str) -> FloatArray:
        """What the last run gave besides, by the name on the card, as float64."""
        tensor = self._further[name]
        return _dequantised(self._interpreter.get_tensor(tensor["index"])[0], tensor)

    def gradient(self, inputs: Mapping[str, Float32Array], answer: Float32Array) -> Gradient:
        """How the sum of the outputs, each weighed, changes with the inputs and with what the model gives besides.

        Args:
            inputs: as for `run`.
            answer: shape (labels,), how much of each output is asked for.

        Raises:
            InputError: the model has no such signature; the message goes on after "the model".
        """
        if SIGNATURE not in self._interpreter.get_signature_list():
            raise InputError("cannot tell what it answers by: its file has no gradient")
        shown = {port.name: inputs[port.name][np.newaxis] for port in self._ports}
        found = self._interpreter.get_signature_runner(SIGNATURE)(**shown, **{ANSWER: answer[np.newaxis]})
        values = {name: value[0].astype(np.float64) for name, value in found.items()}
        return Gradient(
            log_odds=values[LOG_ODDS],
            further={name: values[name] for name in self._further},
            slopes={name.removeprefix(OF): value for name, value in values.items() if name.startswith(OF)},
        )

    def probabilities(self, output: Int8Array) -> FloatArray:
        """What the int8 outputs mean, as float64; the sum may miss 1 by a step or two of 1/256.

        Of a model whose card has a calibration they are log odds.
        """
        return _dequantised(output, self._output)


def _dequantised(values: Int8Array, tensor: TensorDetails) -> FloatArray:
    scale, zero_point = tensor["quantization"]
    return (values.astype(np.float64) - int(zero_point)) * float(scale)


def _check_integer(interpreter: Interpreter) -> None:
    for tensor in interpreter.get_tensor_details():
        if np.issubdtype(tensor["dtype"], np.floating):
            raise InputError(f'is not wholly int8: its tensor "{tensor["name"]}" is {np.dtype(tensor["dtype"]).name}')


def _check_int8(tensor: TensorDetails, what: str) -> None:
    if tensor["dtype"] is not np.int8:
        raise InputError(f"is not wholly int8: its {what} is {np.dtype(tensor['dtype']).name}")


def _find(name: str, shape: tuple[int, ...], details: list[TensorDetails]) -> TensorDetails:
    """The input tensor of this name; exporters decorate names (`serving_default_waveform:0`), or drop them."""
    by_name = [tensor for tensor in details if _plain(tensor["name"]) == name]
    by_shape = [tensor for tensor in details if tuple(tensor["shape"]) == (1, *shape)]
    for candidates in (by_name, by_shape):
        if len(candidates) == 1:
            return candidates[0]
    found = ", ".join(f"{_plain(tensor['name'])} {tuple(int(n) for n in tensor['shape'])}" for tensor in details)
    raise InputError(f'has no input "{name}" of shape {(1, *shape)}; it takes {found}')


def _plain(name: str) -> str:
    return name.removeprefix("serving_default_").partition(":")[0]


def _port(name: str, shape: tuple[int, ...], tensor: TensorDetails) -> _InputPort:
    batched = (1, *shape)
    if tuple(tensor["shape"]) != batched:
        found = tuple(int(n) for n in tensor["shape"])
        raise InputError(f'takes "{name}" in shape {found}, and its card says {batched}')
    _check_int8(tensor, f'input "{name}"')
    scale, zero_point = tensor["quantization"]
    if not scale > 0:
        raise InputError(f'has no quantisation scale for its input "{name}"')
    return _InputPort(
        name=name,
        index=tensor["index"],
        scale=np.float32(scale),
        zero_point=np.float32(zero_point),
        scaled=np.empty(batched, np.float32),
        quantised=np.empty(batched, np.int8),
    )
