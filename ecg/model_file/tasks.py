"""What a model may be for, and what each task asks of it: inputs, shapes, units, sample rate, labels, outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.samples import BEAT_SAMPLES, SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.card import ModelCard, Normalisation, TaskName

__all__ = ["TASKS", "Input", "Task", "output_shape"]

Dimension = int | tuple[int, ...] | str
"""A length, or one of several; a name where each model has its own."""

MAP_SCALES: Final = 38
"""Scales of the wavelet map of a beat."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input as a task asks for it.

    Attributes:
        shape: without the batch.
        unit: as a card names it.
    """

    shape: tuple[Dimension, ...]
    unit: str = "1"

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether a model's input may have this shape."""
        return len(shape) == len(self.shape) and all(map(_fits, self.shape, shape))

    def __str__(self) -> str:
        texts = [" or ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in self.shape]
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a model is for.

    Attributes:
        purpose: what it does, for a sentence that begins with the model.
        example: what it is shown at a time.
        inputs: by normalisation (None: the task knows no choice), then by name. The first one is always taken.
        rates_hz: lowest and highest sample rate; None: it is shown pictures, which have none.
        is_beat_cut: whether it is shown the beat of `ecg.samples`, so many samples before and after the R peak.
        label_sets: which labels it may have, keys of `LABEL_SETS`; empty: labels of the model's own.
        places: the dimensions of the first input at each of which it answers; empty: one answer for all of it.
        is_one_label: whether one label alone is right, so that the likeliest is the answer. Otherwise each output
            stands for itself.
    """

    purpose: str
    example: str
    inputs: Mapping[Normalisation | None, Mapping[str, Input]]
    rates_hz: tuple[float, float] | None = None
    is_beat_cut: bool = False
    label_sets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    is_one_label: bool = False


_BEAT_LABELS: Final = ("aami5", "mitbih6")
_BEAT_RATE_HZ: Final = (SAMPLE_RATE_HZ, SAMPLE_RATE_HZ)
_ECG_RATES_HZ: Final = (100.0, 1000.0)
"""Below it a QRS complex has too few samples to be measured; no public database of ECGs has a higher rate."""
_PICTURE: Final = Input(("height", "width", (1, 3)), "brightness")

TASKS: Final[Mapping[TaskName, Task]] = {
    "beat": Task(
        purpose="names the class of one heartbeat from one ECG lead",
        example="beat",
        inputs={
            "beat": {"waveform": Input((BEAT_SAMPLES, 1))},
            "template": {"waveform": Input((BEAT_SAMPLES, 2)), "rhythm": Input(("features",))},
        },
        rates_hz=_BEAT_RATE_HZ,
        is_beat_cut=True,
        label_sets=_BEAT_LABELS,
        is_one_label=True,
    ),
    "beat-map": Task(
        purpose="names the class of one heartbeat from a wavelet map of one ECG lead",
        example="beat",
        inputs={None: {"map": Input((MAP_SCALES, BEAT_SAMPLES, 1))}},
        rates_hz=_BEAT_RATE_HZ,
        is_beat_cut=True,
        label_sets=_BEAT_LABELS,
        is_one_label=True,
    ),
    "beat-image": Task(
        purpose="names the class of one heartbeat from a picture of it",
        example="beat",
        inputs={None: {"image": _PICTURE}},
        is_one_label=True,
    ),
    "twelve-lead": Task(
        purpose="tells what a twelve-lead ECG shows",
        example="ECG",
        inputs={None: {"leads": Input(("samples", 12)), "heights": Input(("heights",))}},
        rates_hz=_ECG_RATES_HZ,
    ),
    "lead": Task(
        purpose="tells what one lead of an ECG shows",
        example="ECG",
        inputs={None: {"lead": Input(("samples", 1)), "about": Input(("about",))}},
        rates_hz=_ECG_RATES_HZ,
    ),
    "paper-image": Task(
        purpose="tells what an ECG shows from a picture of it on paper",
        example="picture",
        inputs={None: {"image": _PICTURE}},
    ),
    "delineation": Task(
        purpose="tells which samples of an ECG belong to P waves, QRS complexes and T waves",
        example="ECG",
        inputs={None: {"leads": Input(("samples", "leads"))}},  # `reader.measure.preparation.network_input`
        rates_hz=_ECG_RATES_HZ,
        label_sets=("waves", "waves-or-none"),
        places=("samples",),
    ),
    "digitisation": Task(
        purpose="tells what each pixel of an ECG on paper belongs to",
        example="picture",
        inputs={None: {"image": _PICTURE}},
        places=("height", "width"),
    ),
}


def output_shape(card: ModelCard) -> tuple[int, ...]:
    """Shape of the outputs, without the batch: labels last, and before them the places at which the model answers.

    Args:
        card: as `ecg.model_file.card_check.check_card` passes it.
    """
    task = TASKS[card.task]
    name, asked = next(iter(task.inputs[card.normalisation].items()))
    given = next(spec.shape for spec in card.inputs if spec.name == name)
    return (*(given[asked.shape.index(place)] for place in task.places), len(card.labels))


def _fits(asked: Dimension, given: int) -> bool:
    if isinstance(asked, str):
        return given > 0
    return given in asked if isinstance(asked, tuple) else given == asked
