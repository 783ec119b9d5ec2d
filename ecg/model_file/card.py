"""The card inside a model file: what the model is, what it takes, what it was trained on and how well it did.

Unknown keys of later versions are passed over; `schema` rises where an old version would misread a new card.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

import msgspec

from ecg.errors import InputError
from ecg.samples import BEAT_AFTER, BEAT_BEFORE, BEAT_SAMPLES, SAMPLE_RATE_HZ
from edge.inference.inputs import RHYTHM_FEATURES, WAVEFORM_CHANNELS, Normalisation
from edge.inference.interval_network import WEIGHTS_PATH

__all__ = [
    "CARD_SCHEMA",
    "LABEL_SETS",
    "DataSource",
    "Figures",
    "InputSpec",
    "ModelCard",
    "Results",
    "Training",
    "Window",
    "check_card",
    "input_shapes",
    "interval_network",
]

CARD_SCHEMA: Final = 1

LABEL_SETS: Final[dict[str, tuple[str, ...]]] = {
    "aami5": ("N", "S", "V", "F", "Q"),
    "mitbih6": ("N", "L", "R", "A", "V", "/"),
}
"""The labels that the rhythm rules and the annotation files know; a model may order them as it likes."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A beat: samples before and after the R sample, at the card's rate."""

    before: int
    after: int


class InputSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An input by name, its shape without the batch."""

    name: str
    shape: tuple[int, ...]


class DataSource(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that the model was trained or tested on.

    Attributes:
        name: as the data sets are known, `mitdb`.
        records: names of the records used.
        licence: of the data.
        citation: how its authors ask to be cited.
        sha256: digest over the records' files, where it was computed.
    """

    name: str
    records: tuple[str, ...]
    licence: str
    citation: str = ""
    sha256: str | None = None


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """How the model came about.

    Attributes:
        protocol: how training and test were kept apart, `random` or `inter-patient`.
        train_data, test_data: what it learned from, and what its results are from.
        label_source: who labelled the beats.
        train_beats, test_beats: beats by label.
        seed: of everything random.
        rebuild: commands that make this file again.
        limits: what the figures do not tell, a sentence each.
    """

    protocol: str
    train_data: tuple[DataSource, ...]
    test_data: tuple[DataSource, ...]
    label_source: str
    train_beats: dict[str, int]
    test_beats: dict[str, int]
    seed: int
    rebuild: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How well the model did on the test beats.

    Attributes:
        accuracy: share of the beats with the right label.
        macro_f1: mean F1 over the labels that occur in the test beats.
        confusion: beats; rows are the true labels, columns the answers, both in the order of the card's labels.
    """

    accuracy: float
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The float model and the int8 file that was made of it, over the same test beats.

    Attributes:
        tested_on: what the beats are, in words.
        float_model, int8_model: figures of each.
        label_agreement: share of beats that both give the same label.
    """

    tested_on: str
    float_model: Figures
    int8_model: Figures
    label_agreement: float


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a model file that is not in the flatbuffer.

    Attributes:
        name, version: of the model.
        labels: of the outputs, in order.
        sample_rate_hz, window: of the beats that it was trained on.
        normalisation: how the waveform is scaled, see `edge.inference.inputs`.
        inputs: what it takes.
        rhythm_features: meaning of the input `rhythm`, in order; empty without that input.
        interval_network: the first 12 digits of the SHA-256 of `edge.inference.interval_network`' weights; likewise.
        training: how it came about.
        results: how well it does; None where nothing was tested.
        licence: of the model file.
        flatbuffer_sha256: digest of the file up to the appended zip, in hexadecimal.
        parameters: weights of the model as it was trained.
        multiply_accumulates: for one beat.
    """

    schema: int = CARD_SCHEMA
    name: str
    version: str
    labels: tuple[str, ...]
    sample_rate_hz: float
    window: Window
    normalisation: Normalisation
    inputs: tuple[InputSpec, ...]
    rhythm_features: tuple[str, ...] = ()
    interval_network: str = ""
    training: Training
    results: Results | None = None
    licence: str
    flatbuffer_sha256: str
    parameters: int
    multiply_accumulates: int

    @property
    def label_set(self) -> str:
        """The name of the labels, a key of `LABEL_SETS`.

        Raises:
            InputError: labels that this version does not know.
        """
        for name, labels in LABEL_SETS.items():
            if sorted(labels) == sorted(self.labels):
                return name
        known = " and ".join(f"{' '.join(labels)} ({name})" for name, labels in LABEL_SETS.items())
        raise InputError(f"its labels are {' '.join(self.labels)}, and this version knows {known}")


@cache
def interval_network() -> str:
    """Which interval network this version has: the first 12 hexadecimal digits of the SHA-256 of its weights.

    Raises:
        InputError: they are not there.
    """
    try:
        return hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise InputError(
            f"this version has no interval network ({WEIGHTS_PATH}: {error.strerror}): install it anew"
        ) from error


def input_shapes(normalisation: Normalisation) -> dict[str, tuple[int, ...]]:
    """Every input that this version can build under a normalisation, with its shape."""
    shapes: dict[str, tuple[int, ...]] = {"waveform": (BEAT_SAMPLES, WAVEFORM_CHANNELS[normalisation])}
    if normalisation == "template":
        shapes["rhythm"] = (len(RHYTHM_FEATURES),)
    return shapes


def check_card(card: ModelCard) -> None:
    """Refuse a model that this version cannot serve.

    Raises:
        InputError: the sample rate, window, labels, inputs, rhythm features or interval network are not this version's;
            the message says which, and goes on after "the model file".
    """
    if card.sample_rate_hz != SAMPLE_RATE_HZ:
        raise InputError(f"its sample rate is {card.sample_rate_hz:g} Hz, and this version runs at {SAMPLE_RATE_HZ} Hz")
    if (card.window.before, card.window.after) != (BEAT_BEFORE, BEAT_AFTER):
        raise InputError(
            f"its beats have {card.window.before} samples before the R peak and {card.window.after} after it, "
            f"and this version cuts {BEAT_BEFORE} and {BEAT_AFTER}"
        )
    assert card.label_set  # raises where unknown
    built = input_shapes(card.normalisation)
    given = {spec.name: spec.shape for spec in card.inputs}
    if len(given) != len(card.inputs) or "waveform" not in given:
        raise InputError(f"its card names the inputs {', '.join(spec.name for spec in card.inputs)}; one is waveform")
    for name, shape in given.items():
        if name not in built:
            raise InputError(
                f'it takes an input "{name}", and this version builds {", ".join(built)} '
                f'under the normalisation "{card.normalisation}"'
            )
        if name == "rhythm" and card.rhythm_features != RHYTHM_FEATURES:
            raise InputError(
                f"its rhythm features are {' '.join(card.rhythm_features) or 'not named'}, "
                f"and this version computes {' '.join(RHYTHM_FEATURES)}"
            )
        if name == "rhythm" and card.interval_network != interval_network():
            raise InputError(
                f"it learned from what the interval network {card.interval_network or '(not named)'} said, "
                f"and this version has {interval_network()}"
            )
        if shape != built[name]:
            raise InputError(f'its input "{name}" has the shape {shape}, and this version builds {built[name]}')
