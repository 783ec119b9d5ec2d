"""Beats in, probabilities of their labels out: the model of a model file, running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ecg.errors import InputError
from ecg.model_file.loading import check_golden, load_model
from edge.inference.compatibility import check, read
from models import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.card import ModelCard, Normalisation
    from ecg.model_file.container import ModelFile
    from ecg.model_file.quantised import Int8Array
    from ecg.samples import Float32Array, FloatArray

__all__ = [
    "DEFAULT_MODEL",
    "Classifier",
    "TFLiteClassifier",
    "load_classifier",
    "shipped_path",
]

DEFAULT_MODEL: Final = "resecanet-aami5.tflite"
"""The model that ships, in the package `models`."""


class Classifier(Protocol):
    """What the pipeline asks of a classifier.

    Attributes:
        labels: of the probabilities, in order.
        inputs: names of the inputs that it takes.
        normalisation: how it wants the waveform scaled.
    """

    labels: tuple[str, ...]
    inputs: tuple[str, ...]
    normalisation: Normalisation

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        """Probabilities of the labels, shape (labels,), for one beat given as unbatched float32 inputs by name."""


class TFLiteClassifier:
    """A model file at work; one beat at a time, one thread.

    A model that does not ship with this version is tried in a process of its own first.

    Args:
        model_file: as read.
        default_delegates: False runs without XNNPACK.

    Attributes:
        card: the model's card.
        file_name: of the model file.
        signed_by: the trusted key that signed it; None where none was asked for.
        labels: of the probabilities, in order.
        inputs: names of the inputs that it takes.

    Raises:
        InputError: it is no model for this monitor, the flatbuffer is not what its card says, or its golden beats come
            out otherwise.
    """

    def __init__(self, model_file: ModelFile, *, default_delegates: bool = True) -> None:
        check(model_file)
        self.card: ModelCard = model_file.card
        self.file_name = model_file.path.name
        self.signed_by = model_file.signed_by
        self.labels = self.card.labels
        assert self.card.normalisation is not None  # each beat model has one
        self.normalisation: Normalisation = self.card.normalisation
        self.inputs = tuple(spec.name for spec in self.card.inputs)
        self._file = model_file
        is_trusted = model_file.path.parent == DIRECTORY
        self._model = load_model(model_file, default_delegates=default_delegates, is_trusted=is_trusted)

    def check_golden(self) -> int:
        """Label the golden beats, and give how many there are.

        Raises:
            InputError: one comes out otherwise than when the model was made.
        """
        return check_golden(self._file, self._model)

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        """Probabilities of the labels, shape (labels,), for one beat.

        Args:
            inputs: unbatched float32, by name; those that the model does not take are ignored.

        Raises:
            ValueError: an input holds NaN or has another shape.
        """
        return self._model.probabilities(self._model.run(inputs))

    def classify_int8(self, inputs: Mapping[str, Float32Array]) -> Int8Array:
        """As `classify`, but the outputs as the model gives them: steps of 1/256."""
        return self._model.run(inputs)

    def describe(self) -> str:
        """The model in one line, for a person."""
        return f"{self.card.name} {self.card.version} ({self.card.label_set}, {self.card.flatbuffer_sha256[:12]})"


def load_classifier(path: str | Path = "") -> TFLiteClassifier:
    """The classifier of a model file.

    Args:
        path: the file; empty: the model that ships with this version.

    Raises:
        InputError: the file is missing or is refused; the message says why.
    """
    return TFLiteClassifier(read(Path(path) if str(path) else shipped_path()))


def shipped_path() -> Path:
    """The file of the model that ships with this version.

    Raises:
        InputError: it is not there.
    """
    path = DIRECTORY / DEFAULT_MODEL
    if not path.exists():
        raise InputError(
            f"There is no shipped model here ({path}): install ecg-edge anew, or name a file in [model] path."
        )
    return path
