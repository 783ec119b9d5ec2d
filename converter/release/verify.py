"""Does the int8 file do what the float model does, and does every runtime do the same with it?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.backend import native_stderr_kept_back
from converter.evaluation import metrics
from ecg.errors import InputError
from ecg.model_file.card import Figures
from ecg.model_file.container import ModelFile, read
from ecg.model_file.quantised import QuantisedModel
from ecg.model_file.runtime import open_interpreter, runtime_version
from edge.inference.classifier import TFLiteClassifier

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from ecg.model_file.quantised import Int8Array
    from ecg.model_file.runtime import Interpreter
    from ecg.samples import Float32Array

__all__ = [
    "ACCURACY_TOLERANCE_POINTS",
    "Agreement",
    "RuntimeComparison",
    "Verification",
    "compare",
    "float_outputs",
    "int8_outputs",
    "report",
    "verify",
]

ACCURACY_TOLERANCE_POINTS: Final = 0.5
_OTHER_LABELS: Final = 0.01  # share of beats on which kernels that round otherwise may answer otherwise
RUNTIME_SAMPLE_BEATS: Final = 500
_STEPS: Final = 256  # int8 outputs are probabilities in steps of 1/256, from -128 on
_BATCH: Final = 512


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The float model and the int8 model over the same beats.

    Attributes:
        beats: how many.
        float_model, int8_model: figures of each against the true labels.
        label_agreement: share of beats that both give the same label.
        largest_difference_steps: largest difference of a probability, in steps of 1/256.
    """

    beats: int
    float_model: Figures
    int8_model: Figures
    label_agreement: float
    largest_difference_steps: float

    @property
    def accuracy_difference_points(self) -> float:
        """Accuracy of int8 less that of float, percentage points."""
        return 100 * (self.int8_model.accuracy - self.float_model.accuracy)


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


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found.

    Attributes:
        path: the model file.
        flatbuffer_sha256: its digest.
        agreement: float against int8.
        runtimes: the int8 file under each pair of runtimes.
    """

    path: str
    flatbuffer_sha256: str
    agreement: Agreement
    runtimes: tuple[RuntimeComparison, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each check that failed; empty where all passed."""
        found = []
        points = self.agreement.accuracy_difference_points
        if abs(points) > ACCURACY_TOLERANCE_POINTS:
            found.append(
                f"The int8 model's accuracy is {points:+.2f} points from the float model's; "
                f"at most {ACCURACY_TOLERANCE_POINTS} are allowed."
            )
        found += [
            f"{pair.one} and {pair.other} differ on {pair.differing_beats} of {pair.beats} beats, by up to "
            f"{pair.largest_difference_steps} steps of 1/256, and in {pair.differing_labels} labels."
            for pair in self.runtimes
            if not pair.passed
        ]
        return tuple(found)


def verify(path: Path, model: Any, inputs: Mapping[str, Float32Array], truth: IntArray) -> Verification:
    """Compare a model file with the float model that it was made of, and runtimes with each other.

    Args:
        path: the model file.
        model: the Keras model.
        inputs: beats by name of the input, shape (beats, *shape of the input).
        truth: shape (beats,), number of each beat's label among the card's labels.

    Raises:
        InputError: the file is refused, or there is no beat to verify with.
    """
    model_file = read(path)
    agreement = compare(model, TFLiteClassifier(model_file), inputs, truth)
    return Verification(
        path=str(path),
        flatbuffer_sha256=model_file.card.flatbuffer_sha256,
        agreement=agreement,
        runtimes=_compare_runtimes(model_file, inputs),
    )


def compare(
    model: Any, classifier: TFLiteClassifier | QuantisedModel, inputs: Mapping[str, Float32Array], truth: IntArray
) -> Agreement:
    """Compare the float model with its int8 conversion beat by beat; arguments as those of `verify`.

    Raises:
        InputError: there is no beat.
    """
    if not len(truth):
        raise InputError("There is no beat to compare the float and the int8 model with: give a longer recording.")
    exact = float_outputs(model, inputs)
    steps = int8_outputs(classifier, inputs)
    answer_float, answer_int8 = exact.argmax(axis=1), steps.argmax(axis=1)
    difference = np.abs(exact * _STEPS - (steps.astype(np.float32) + _STEPS // 2))
    return Agreement(
        beats=len(truth),
        float_model=_figures(truth, answer_float, exact.shape[1]),
        int8_model=_figures(truth, answer_int8, exact.shape[1]),
        label_agreement=float(np.mean(answer_float == answer_int8)),
        largest_difference_steps=round(float(difference.max()), 1),
    )


def float_outputs(model: Any, inputs: Mapping[str, Float32Array]) -> Float32Array:
    """Probabilities of a Keras model, shape (beats, labels); inputs that it does not take are ignored."""
    taken = {tensor.name: inputs[tensor.name] for tensor in model.inputs}
    outputs: Float32Array = model.predict(taken, batch_size=_BATCH, verbose=0)
    return outputs


def int8_outputs(classifier: TFLiteClassifier | QuantisedModel, inputs: Mapping[str, Float32Array]) -> Int8Array:
    """Outputs of an int8 model as it gives them, shape (beats, labels)."""
    run = classifier.classify_int8 if isinstance(classifier, TFLiteClassifier) else classifier.run
    beats = len(next(iter(inputs.values())))
    return np.stack([run({name: values[beat] for name, values in inputs.items()}) for beat in range(beats)])


def report(verification: Verification) -> str:
    """A verification as lines for a person."""
    agreement = verification.agreement
    one, other = agreement.float_model, agreement.int8_model
    points = agreement.accuracy_difference_points
    lines = [
        f"{verification.path} ({verification.flatbuffer_sha256[:12]}), {agreement.beats} beats",
        f"accuracy      float {one.accuracy:.2%}, int8 {other.accuracy:.2%} ({points:+.2f} points)",
        f"macro F1      float {one.macro_f1:.4f}, int8 {other.macro_f1:.4f}",
        f"same label    {agreement.label_agreement:.2%} of beats",
        f"probability   at most {agreement.largest_difference_steps} steps of 1/256 apart",
    ]
    for pair in verification.runtimes:
        same = "identical" if not pair.differing_beats else f"{pair.differing_beats} beats differ"
        steps = ""
        if pair.differing_beats:
            steps = (
                f", by up to {pair.largest_difference_steps} steps of 1/256, {pair.differing_labels} with another label"
            )
        lines.append(f"{pair.one} and {pair.other}: {same}{steps} ({pair.beats} beats)")
    return "\n".join((*lines, *verification.failures))


def _figures(truth: IntArray, answer: IntArray, labels: int) -> Figures:
    matrix = metrics.confusion(truth, answer, labels)
    return Figures(
        accuracy=metrics.accuracy(matrix),
        macro_f1=metrics.macro_f1(matrix),
        confusion=tuple(tuple(row) for row in matrix.tolist()),
    )


def _compare_runtimes(model_file: ModelFile, inputs: Mapping[str, Float32Array]) -> tuple[RuntimeComparison, ...]:
    """TensorFlow against LiteRT, to the bit, with and without XNNPACK; and LiteRT with against without it."""
    beats = len(next(iter(inputs.values())))
    chosen = np.linspace(0, beats - 1, min(beats, RUNTIME_SAMPLE_BEATS)).astype(np.int64)
    sample = {name: values[chosen] for name, values in inputs.items()}
    litert, tensorflow = runtime_version(), _tensorflow_version()
    outputs: dict[tuple[str, bool], Int8Array] = {}
    for delegates in (True, False):
        interpreters = {
            litert: open_interpreter(model_file.flatbuffer, default_delegates=delegates),
            tensorflow: _tensorflow_interpreter(model_file.flatbuffer, default_delegates=delegates),
        }
        for name, interpreter in interpreters.items():
            outputs[name, delegates] = int8_outputs(_quantised(interpreter, model_file), sample)
    pairs = (
        ((litert, True), (tensorflow, True), True),
        ((litert, False), (tensorflow, False), True),
        ((litert, True), (litert, False), False),
    )
    return tuple(
        _pair(_run_name(*one), outputs[one], _run_name(*other), outputs[other], identical)
        for one, other, identical in pairs
    )


def _quantised(interpreter: Interpreter, model_file: ModelFile) -> QuantisedModel:
    card = model_file.card
    return QuantisedModel(interpreter, inputs={spec.name: spec.shape for spec in card.inputs}, labels=len(card.labels))


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
