"""Does a card go with its task? One clear line where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.model_file.card import LABEL_SETS
from ecg.model_file.tasks import TASKS
from ecg.samples import BEAT_AFTER, BEAT_BEFORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.card import InputSpec, ModelCard
    from ecg.model_file.tasks import Input, Task

__all__ = ["check_card"]


def check_card(card: ModelCard) -> None:
    """Refuse a card that does not go with its task.

    Raises:
        InputError: sample rate, window, labels or inputs are not the task's; the message says which, and goes on after
            "the model file".
    """
    task = TASKS[card.task]
    _check_rate(card, task)
    _check_window(card, task)
    _check_labels(card, task)
    _check_inputs(card, task)


def _check_rate(card: ModelCard, task: Task) -> None:
    rate_hz = card.sample_rate_hz
    if task.rates_hz is None:
        if rate_hz is not None:
            raise InputError(f"its sample rate is {rate_hz:g} Hz, and a {card.task} model has none")
        return
    lowest, highest = task.rates_hz
    if rate_hz is None or not lowest <= rate_hz <= highest:
        given = "not named" if rate_hz is None else f"{rate_hz:g} Hz"
        known = f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
        raise InputError(f"its sample rate is {given}, and this version runs at {known} Hz")


def _check_window(card: ModelCard, task: Task) -> None:
    window = card.window
    if not task.is_beat_cut:
        if window is not None:
            raise InputError(f"its card gives the samples around an R peak, and a {card.task} model has none")
    elif window is None:
        raise InputError("its card does not give the samples around an R peak")
    elif (window.before, window.after) != (BEAT_BEFORE, BEAT_AFTER):
        raise InputError(
            f"its beats have {window.before} samples before the R peak and {window.after} after it, "
            f"and this version cuts {BEAT_BEFORE} and {BEAT_AFTER}"
        )


def _check_labels(card: ModelCard, task: Task) -> None:
    labels = " ".join(card.labels)
    if not card.labels or len(set(card.labels)) != len(card.labels):
        raise InputError(f"its labels are {labels or 'not named'}, and each output needs a label of its own")
    if card.calibration and (task.is_one_label or len(card.calibration) != len(card.labels)):
        raise InputError(f"its card calibrates {len(card.calibration)} outputs, and it has the labels {labels}")
    if task.label_sets and card.label_set not in task.label_sets:
        known = " and ".join(f"{' '.join(LABEL_SETS[name])} ({name})" for name in task.label_sets)
        raise InputError(f"its labels are {labels}, and this version knows {known}")


def _check_inputs(card: ModelCard, task: Task) -> None:
    asked = task.inputs.get(card.normalisation)
    if asked is None:
        known = " or ".join(name or "none" for name in task.inputs)
        raise InputError(
            f"its normalisation is {card.normalisation or 'not named'}, and a {card.task} model has {known}"
        )
    first = next(iter(asked))
    names = [spec.name for spec in card.inputs]
    if len(set(names)) != len(names) or first not in names:
        raise InputError(f"its card names the inputs {', '.join(names)}; one is {first}")
    for spec in card.inputs:
        _check_input(
            spec, asked, "" if card.normalisation is None else f' under the normalisation "{card.normalisation}"'
        )


def _check_input(spec: InputSpec, asked: Mapping[str, Input], under: str) -> None:
    wanted = asked.get(spec.name)
    if wanted is None:
        raise InputError(f'it takes an input "{spec.name}", and this version builds {", ".join(asked)}{under}')
    if not wanted.fits(spec.shape):
        raise InputError(f'its input "{spec.name}" has the shape {spec.shape}, and this version builds {wanted}')
    if spec.unit != wanted.unit:
        raise InputError(f'its input "{spec.name}" is in the unit {spec.unit}, and this version builds {wanted.unit}')
