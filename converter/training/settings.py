"""What a training run is made of; the defaults of each model are the ones that its shipped file was trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec

from ecg.errors import InputError
from ecg.validation import in_words

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DEFAULTS", "Augmentation", "NotNegative", "Share", "TrainingSettings", "read_settings"]

Content = TypeVar("Content")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown keys are mistakes."""


class Augmentation(_Section, frozen=True, kw_only=True):
    """How training beats are varied each time that they are shown. Waveforms are in units of the model's normalisation.

    Attributes:
        shift_samples: largest shift of the R peak, either way.
        gain_sigma: standard deviation of the natural logarithm of a common gain.
        flip_probability: share of beats turned upside down (electrodes swapped).
        baseline: largest amplitude of a slow wave added to the beat.
        noise: largest standard deviation of the white noise added to the beat.
        rhythm_jitter: standard deviation added to each rhythm feature, in units of its spread.
        opinion_dropout: share of beats shown without the opinion of `edge.inference.intervals`, so that a model
            can do without it where it is wrong.
    """

    shift_samples: Annotated[float, msgspec.Meta(ge=0, le=36)] = 0
    gain_sigma: NotNegative = 0.0
    flip_probability: Share = 0.0
    baseline: NotNegative = 0.0
    noise: NotNegative = 0.0
    rhythm_jitter: NotNegative = 0.0
    opinion_dropout: Share = 0.0


class TrainingSettings(_Section, frozen=True, kw_only=True):
    """One training run.

    Attributes:
        model: a model of the zoo.
        protocol: which beats are learned from, see `converter.datasets.protocols`.
        normalisation: how waveforms are scaled, see `edge.inference.inputs`.
        seed: of weights, split, order and augmentation.
        epochs: passes; the learning rate falls along a cosine over all of them.
        batch: beats in one step.
        learning_rate: of Adam, after the warm-up.
        warm_up: share of the steps over which the learning rate rises.
        weight_decay: decoupled, as in AdamW.
        average_decay: what a running average of the weights keeps of itself at each step; the average is what is
            validated and kept. 0: no average.
        label_smoothing: share of a label's certainty spread over all classes.
        loss_weight_power: a class's weight in the loss is its share of the beats to minus this power (0: all alike),
            scaled to a mean of 1 over the beats.
        epoch_beats: beats drawn for one epoch, with repeats; None: each training beat once.
        signal_class_beats: where a signal has more beats of one class than this, each of them is drawn more rarely, as
            the root of this number over theirs: the beats of one patient are alike; None: all are drawn alike.
        simulated_share: of the beats drawn for an epoch, those that `converter.simulation.simulated_beats` makes of the
            training beats; above 0 only with `epoch_beats` and the normalisation `template`.
        left_out: see `converter.datasets.protocols.split`; None for a model that is to be used.
        augmentation: how beats are varied.
    """

    model: str
    protocol: Literal["random", "inter-patient"]
    normalisation: Literal["beat", "template"]
    seed: int = 1
    epochs: Annotated[int, msgspec.Meta(ge=1)] = 30
    batch: Annotated[int, msgspec.Meta(ge=1)] = 64
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 4e-4
    warm_up: Share = 0.02
    weight_decay: NotNegative = 0.0
    average_decay: Share = 0.0
    label_smoothing: Share = 0.0
    loss_weight_power: Share = 0.0
    epoch_beats: Annotated[int, msgspec.Meta(ge=1)] | None = None
    signal_class_beats: Annotated[int, msgspec.Meta(ge=1)] | None = None
    simulated_share: Share = 0.0
    left_out: Annotated[int, msgspec.Meta(ge=0, le=4)] | None = None
    augmentation: Augmentation = Augmentation()

    def __post_init__(self) -> None:
        if self.simulated_share and (self.normalisation != "template" or self.epoch_beats is None):
            raise ValueError('simulated_share needs normalisation = "template" and a number of epoch_beats')


DEFAULTS: dict[str, TrainingSettings] = {
    settings.model: settings
    for settings in (
        TrainingSettings(
            model="resecanet-mitbih6",
            protocol="random",
            normalisation="beat",
            epochs=15,
            batch=64,
            learning_rate=4e-4,
            weight_decay=1e-4,
            loss_weight_power=0.25,
            augmentation=Augmentation(shift_samples=4, gain_sigma=0.05, baseline=0.05, noise=0.03),
        ),
        TrainingSettings(
            model="resecanet-aami5",
            protocol="inter-patient",
            normalisation="template",
            epochs=12,
            batch=256,
            learning_rate=2e-3,
            weight_decay=1e-2,
            average_decay=0.994,
            label_smoothing=0.05,
            epoch_beats=60_000,
            signal_class_beats=300,
            simulated_share=0.08,
            augmentation=Augmentation(
                shift_samples=4,
                gain_sigma=0.15,
                flip_probability=0.1,
                baseline=0.1,
                noise=0.05,
                rhythm_jitter=0.1,
                opinion_dropout=0.2,
            ),
        ),
    )
}


def read_settings(path: Path, kind: type[Content]) -> Content:
    """Settings from a TOML file, or from the `settings.json` of another run.

    Args:
        path: of the file.
        kind: what settings they are.

    Raises:
        InputError: it cannot be read or has a mistake, which is named with its key.
    """
    try:
        raw = path.read_bytes()
        decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
        return decode(raw, type=kind)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{path}: {in_words(str(error))}") from error
