"""Does every runtime do the same with a model file?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.backend import native_stderr_kept_back
from converter.export.agreement import int8_outputs
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter, runtime_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ecg.model_file.container import ModelFile
    from ecg.model_file.quantised import Int8Array
    from ecg.model_file.runtime import Interpreter
    from ecg.samples import Float32Array

__all__ = ["RuntimeComparison", "compare_runtimes"]

_OTHER_LABELS: Final = 0.01  # share of beats on which kernels that round otherwise may answer otherwise
_SAMPLE_BEATS: Final = 500


class RuntimeComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two ways to run the same int8 file over the same beats.

    Attributes:
        one, other: what ran it.
        beats: how many.
        differing_beats: those whose outputs are not the same bytes.
        differing_labels: those that got another label.
        largest_difference_steps: largest difference of an output, in steps of 1/256.
        must_be_identical: whether they share their kernels. If not, every layer may round otherwise; where two labels
            are about as likely, the answer may then change, on at most 1 % of the beats.
    """

    one: str
    other: str
    beats: int
    differing_beats: int
    differing_labels: int
    largest_difference_steps: int
    must_be_identical: bool

    @property
    def passed(self) -> bool:
        """Whether the two agree as they should."""
        if self.must_be_identical:
            return not self.differing_beats
        return self.differing_labels <= _OTHER_LABELS * self.beats


def compare_runtimes(model_file: ModelFile, inputs: Mapping[str, Float32Array]) -> tuple[RuntimeComparison, ...]:
    """TensorFlow against LiteRT, to the bit, with and without XNNPACK; and LiteRT with against without it."""
    beats = len(next(iter(inputs.values())))
    chosen = np.linspace(0, beats - 1, min(beats, _SAMPLE_BEATS)).astype(np.int64)
    sample = {name: values[chosen] for name, values in inputs.items()}
    litert, tensorflow = runtime_version(), _tensorflow_version()
    outputs: dict[tuple[str, bool], Int8Array] = {}
    for delegates in (True, False):
        interpreters = {
            litert: open_interpreter(model_file.flatbuffer, default_delegates=delegates),
            tensorflow: _tensorflow_interpreter(model_file.flatbuffer, default_delegates=delegates),
        }
        for name, interpreter in interpreters.items():
            outputs[name, delegates] = int8_outputs(quantised_model(interpreter, model_file.card), sample)
    pairs = (
        ((litert, True), (tensorflow, True), True),
        ((litert, False), (tensorflow, False), True),
        ((litert, True), (litert, False), False),
    )
    return tuple(
        _pair(_run_name(*one), outputs[one], _run_name(*other), outputs[other], identical)
        for one, other, identical in pairs
    )


def _run_name(runtime: str, delegates: bool) -> str:
    return f"{runtime} {'with' if delegates else 'without'} XNNPACK"


def _pair(one: str, first: Int8Array, other: str, second: Int8Array, must_be_identical: bool) -> RuntimeComparison:
    difference: NDArray[np.int16] = np.abs(first.astype(np.int16) - second)
    return RuntimeComparison(
        one=one,
        other=other,
        beats=len(first),
        differing_beats=int(np.count_nonzero(difference.any(axis=1))),
        differing_labels=int(np.count_nonzero(first.argmax(axis=1) != second.argmax(axis=1))),
        largest_difference_steps=int(difference.max()),
        must_be_identical=must_be_identical,
    )


def _tensorflow_version() -> str:
    import tensorflow as tf  # noqa: PLC0415 - costs seconds

    return f"TensorFlow {tf.__version__}"


def _tensorflow_interpreter(flatbuffer: bytes, *, default_delegates: bool) -> Interpreter:
    import tensorflow as tf  # noqa: PLC0415 - costs seconds

    resolvers = tf.lite.experimental.OpResolverType
    resolver = resolvers.AUTO if default_delegates else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    with native_stderr_kept_back(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated", UserWarning)
        interpreter: Any = tf.lite.Interpreter(
            model_content=flatbuffer, num_threads=1, experimental_op_resolver_type=resolver
        )
        interpreter.allocate_tensors()
    opened: Interpreter = interpreter
    return opened
