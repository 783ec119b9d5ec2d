"""Fits one delineation network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from converter.progress import bars
from converter.training.averaging import WeightAverage
from converter.training.waves.examples import draw_batch
from converter.zoo import wave_network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.training.waves.examples import Example
    from converter.training.waves.settings import WaveSettings

__all__ = ["by_record", "fit"]

FIRST_RATE: Final = 0.025
"""Of the highest learning rate, where the warm-up begins."""


def by_record(examples: Sequence[Example]) -> list[list[Example]]:
    """The leads of each record together, those of which something is known."""
    records: dict[str, list[Example]] = {}
    for example in examples:
        if len(example.known):
            records.setdefault(example.record, []).append(example)
    return list(records.values())


def fit(settings: WaveSettings, ludb: Sequence[Example], qtdb: Sequence[Example], name: str) -> Any:
    """A trained `keras.Model`, its weights averaged over the last steps.

    Args:
        settings: of the run.
        ludb: leads of LUDB to learn from.
        qtdb: leads of the QT Database.
        name: of this training, for the progress bar.
    """
    keras.utils.set_random_seed(settings.seed)
    model = wave_network.build(settings.samples)
    model.compile(_optimiser(settings), loss=keras.losses.CategoricalCrossentropy())
    average = WeightAverage(model, settings.average_decay)
    rng = np.random.default_rng(settings.seed)
    groups, counts = (by_record(ludb), by_record(qtdb)), (settings.ludb_windows, settings.qtdb_windows)
    with bars() as display:
        task = display.add_task(name, total=settings.steps, note="")
        for _ in range(settings.steps):
            batch = draw_batch(groups, counts, rng, samples=settings.samples)
            loss = model.train_on_batch(batch.inputs, batch.targets, sample_weight=batch.weights)
            average.update(model)
            display.update(task, advance=1, note=f"loss {float(np.ravel(loss)[0]):.4f}")
    model.set_weights(average.weights)
    return model


def _optimiser(settings: WaveSettings) -> Any:
    """AdamW, its rate rising over the warm-up and then falling to nothing along a half cosine."""
    warm_up = round(settings.steps * settings.warm_up)
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate * FIRST_RATE,
        max(settings.steps - warm_up, 1),
        warmup_target=settings.learning_rate,
        warmup_steps=max(warm_up, 1),
    )
    optimiser = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay)
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimiser
