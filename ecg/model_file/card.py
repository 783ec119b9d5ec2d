"""The card inside a model file: what the model is, what it takes, what it was trained on and how well it did.

Unknown keys of later versions are passed over; `schema` rises where an old version would misread a new card.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

__all__ = [
    "CARD_SCHEMA",
    "LABEL_SETS",
    "AnswerFigures",
    "AnswerResults",
    "Calibration",
    "DataSource",
    "Figures",
    "InputSpec",
    "ModelCard",
    "Normalisation",
    "Results",
    "TaskName",
    "Training",
    "Window",
]

CARD_SCHEMA: Final = 1

TaskName = Literal[
    "beat", "beat-map", "beat-image", "twelve-lead", "lead", "paper-image", "delineation", "digitisation"
]
"""What a model is for; `ecg.model_file.tasks` says what each asks."""

Normalisation = Literal["beat", "template"]
"""How the waveform of a beat is scaled. `beat`: one channel, the beat less its own mean, divided by its own standard
deviation. `template`: two channels, the beat and the patient's running template, both divided by the template's QRS
height."""

LABEL_SETS: Final[dict[str, tuple[str, ...]]] = {
    "aami5": ("N", "S", "V", "F", "Q"),
    "mitbih6": ("N", "L", "R", "A", "V", "/"),
    "waves": ("P", "QRS", "T"),
    "waves-or-none": ("P", "QRS", "T", "none"),
}
"""Labels whose meaning is fixed. Those of beats are the ones that the rhythm rules and the annotation files know; the
others are of the samples of an ECG. A model may order them as it likes."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A beat: samples before and after the R sample, at the card's rate."""

    before: int
    after: int


class InputSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An input, or a further output.

    Attributes:
        name: of the tensor.
        shape: without the batch.
        unit: of its values: `mV`; `brightness`, from 0 (black) to 1 (white); `1` where they have none.
    """

    name: str
    shape: tuple[int, ...]
    unit: str = "1"


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """From an output, which is log odds, to a probability: 1 / (1 + exp(-(slope * output + offset))).

    Platt 1999, Probabilistic outputs for support vector machines.
    """

    slope: float
    offset: float


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


class AnswerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How well a model answers for one label that may hold beside others.

    Attributes:
        examples: test examples for which the label holds.
        float_auc, auc: area under the ROC curve of the float model and of the int8 file; None: none holds, or all do.
        auc_95: of the int8 file, 95 % interval.
        ece: expected calibration error of the int8 file's probabilities.
        brier: mean squared error of the same.
    """

    examples: int
    float_auc: float | None
    auc: float | None
    auc_95: tuple[float, float] | None
    ece: float
    brier: float


class AnswerResults(msgspec.Struct, frozen=True, kw_only=True):
    """A model each of whose labels holds or does not, over test examples.

    Attributes:
        tested_on: what they are, in words.
        examples: how many there are.
        answers: figures by label.
        notes: what else was measured, a sentence each.
    """

    tested_on: str
    examples: int
    answers: dict[str, AnswerFigures]
    notes: tuple[str, ...] = ()


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a model file that is not in the flatbuffer.

    Attributes:
        name, version: of the model.
        task: what it is for; a card that names none is that of a beat model.
        labels: of the outputs, in order.
        sample_rate_hz: of the signals that it was trained on; None: it takes pictures.
        window: of the beats that it was trained on; None: it takes no beats.
        normalisation: how the waveform of a beat is scaled; None: its task knows no choice.
        inputs: what it takes.
        rhythm_features: meaning of the input `rhythm`, in order; empty without that input.
        interval_network: the first 12 hexadecimal digits of the SHA-256 of the weights of the network whose opinion
            stands among the rhythm features; empty without that input.
        training: how it came about.
        results: how well it does where one label alone is right; None where nothing was tested.
        answers: how well it does where each label holds or does not, likewise.
        calibration: from outputs to probabilities, label by label; empty: the outputs are what the task says.
        abstention: limits beyond which its answer does not count, by name; those who run it say what each means.
        further_outputs: what it gives besides, for an explanation or to tell whether an example is like those that it
            learned from.
        signatures: further ones of the flatbuffer, by key; see `ecg.model_file.gradient`.
        licence: of the model file.
        flatbuffer_sha256: digest of the file up to the appended zip, in hexadecimal.
        parameters: weights of the model as it was trained.
        multiply_accumulates: for one run.
    """

    schema: int = CARD_SCHEMA
    name: str
    version: str
    task: TaskName = "beat"
    labels: tuple[str, ...]
    sample_rate_hz: float | None = None
    window: Window | None = None
    normalisation: Normalisation | None = None
    inputs: tuple[InputSpec, ...]
    rhythm_features: tuple[str, ...] = ()
    interval_network: str = ""
    training: Training
    results: Results | None = None
    answers: AnswerResults | None = None
    calibration: tuple[Calibration, ...] = ()
    abstention: dict[str, float] = {}
    further_outputs: tuple[InputSpec, ...] = ()
    signatures: tuple[str, ...] = ()
    licence: str
    flatbuffer_sha256: str
    parameters: int
    multiply_accumulates: int

    @property
    def label_set(self) -> str:
        """The name of the labels, a key of `LABEL_SETS`; empty for labels of the model's own."""
        return next((name for name, labels in LABEL_SETS.items() if sorted(labels) == sorted(self.labels)), "")
