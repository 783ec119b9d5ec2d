"""Training one network on the superclasses, which goes on after an interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import msgspec
import numpy as np

from converter.progress import bars
from converter.training.averaging import WeightAverage
from converter.training.lead_examples import draw_lead
from converter.training.superclass_settings import LABELS
from converter.training.vary_leads import vary
from converter.zoo import residual
from reader.classify.one_lead import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from converter.training.lead_examples import LeadExamples
    from converter.training.superclass_settings import SuperclassSettings
    from converter.training.vary_leads import Examples
    from ecg.samples import Float32Array

__all__ = ["build", "fit", "predict"]

_PREDICTION_BATCH = 128
_CHECKPOINT = ("checkpoint.json", "checkpoint.weights.h5", "checkpoint.average.npz")
_KEPT_EVERY = 5
"""Epochs between two checkpoints."""
_YOUNG_STEPS = 10
"""The running average forgets faster while it is young: after n steps it keeps (1 + n) / (10 + n) of itself at most."""


def build(settings: SuperclassSettings, examples: Examples, samples: int | None = None) -> Any:
    """The untrained network of a run, its input shapes taken from the examples."""
    if settings.one_lead is not None:
        names = ("lead", "about")
        return residual.build(
            settings.network, samples=samples, leads=1, heights=len(ABOUT), labels=LABELS, names=names
        )
    _, _, leads = examples.leads.shape
    return residual.build(
        settings.network, samples=samples, leads=leads, heights=examples.heights.shape[1], labels=LABELS
    )


def fit(folder: Path, settings: SuperclassSettings, examples: Examples, seed: int, name: str) -> Any:
    """Train a network, or take up the one that is in the folder.

    Args:
        folder: of this network; made where it is missing.
        settings: of the run.
        examples: what it learns from.
        seed: of its weights, order and variation.
        name: for the progress bar.

    Returns:
        The Keras model with the averaged weights.
    """
    keras.utils.set_random_seed(seed)
    model = build(settings, examples)
    final = folder / "model.weights.h5"
    if final.is_file():
        model.load_weights(final)
        return model
    folder.mkdir(parents=True, exist_ok=True)
    with bars() as display:
        task = display.add_task(name, total=settings.epochs, note="epochs")
        for done, loss in _epochs(model, folder, settings, examples, seed):
            display.update(task, completed=done, note=f"loss {loss:.4f}")
    model.save_weights(folder / "draft.weights.h5")
    (folder / "draft.weights.h5").replace(final)
    for checkpoint in folder.glob("checkpoint*"):
        checkpoint.unlink()
    return model


def predict(model: Any, examples: Examples | LeadExamples) -> Float32Array:
    """Log odds, shape (n, labels)."""
    parts = [
        np.asarray(
            model.predict_on_batch(
                examples.take(np.arange(first, min(first + _PREDICTION_BATCH, len(examples)))).inputs
            )
        )
        for first in range(0, len(examples), _PREDICTION_BATCH)
    ]
    return np.concatenate(parts).astype(np.float32)


def _epochs(
    model: Any, folder: Path, settings: SuperclassSettings, examples: Examples, seed: int
) -> Iterator[tuple[int, float]]:
    """Run the epochs that are not done yet; how many are done, and the loss of the last."""
    steps = -(-len(examples) // settings.batch)
    model.compile(
        optimizer=_optimiser(settings, steps),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,  # XLA is no faster here on a processor, and takes seconds to compile
    )
    average = WeightAverage(model, settings.average_decay)
    progress_path, weights, averaged = (folder / each for each in _CHECKPOINT)
    losses: list[float] = []
    if progress_path.is_file():
        losses = msgspec.json.decode(progress_path.read_bytes(), type=list[float])
        model.optimizer.build(model.trainable_variables)
        model.load_weights(weights)
        average.load(averaged)
    for epoch in range(len(losses), settings.epochs):
        losses.append(_epoch(model, average, settings, examples, (seed, epoch)))
        if len(losses) % _KEPT_EVERY == 0:
            model.save_weights(weights)
            average.save(averaged)
            progress_path.write_bytes(msgspec.json.encode(losses))
        yield len(losses), losses[-1]
    model.set_weights(average.weights)


def _epoch(
    model: Any, average: WeightAverage, settings: SuperclassSettings, examples: Examples, seed: tuple[int, int]
) -> float:
    """One pass; the mean loss."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(examples))
    losses = []
    for first in range(0, len(order), settings.batch):
        varied = vary(examples.take(order[first : first + settings.batch]), settings.variation, rng)
        batch = varied if settings.one_lead is None else draw_lead(varied, settings.one_lead, rng)
        losses.append(float(np.ravel(model.train_on_batch(batch.inputs, batch.targets))[0]))
        done = int(model.optimizer.iterations)
        average.update(model, most=(1 + done) / (_YOUNG_STEPS + done))
    return float(np.mean(losses))


def _optimiser(settings: SuperclassSettings, steps: int) -> Any:
    """Adam, its rate rising over the first epoch and then falling to nothing along a half cosine."""
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 20,
        decay_steps=max(steps * (settings.epochs - 1), 1),
        warmup_target=settings.learning_rate,
        warmup_steps=steps,
    )
    optimiser = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay)
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimiser
