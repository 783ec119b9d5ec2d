"""The epochs of a run; after each, everything that is needed to go on is on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from converter.evaluation import metrics
from converter.progress import bars
from converter.training.averaging import WeightAverage
from converter.training.batches import TrainingSet, epoch_batches
from converter.training.run_folder import EpochRow
from converter.training.trained_model import build_model, predict, save_weights
from converter.zoo import resecanet

if TYPE_CHECKING:
    from converter.datasets.beats import BeatSet
    from converter.training.run_folder import Progress, RunFolder
    from converter.training.settings import TrainingSettings

__all__ = ["LEAST_VALIDATION_BEATS", "fit"]

LEAST_VALIDATION_BEATS = 50
"""A class with fewer validation beats takes no part in the macro F1: its own would be chance."""


def fit(
    model: Any,
    run: RunFolder,
    progress: Progress,
    train_beats: BeatSet,
    validation: BeatSet,
) -> None:
    """Run the epochs that are not done yet.

    Args:
        model: takes the weights.
        run: where they are kept.
        progress: how far the run has come; goes on with each epoch.
        train_beats: what is learned from.
        validation: what the figures of each epoch are on.
    """
    settings = run.settings()
    first = len(progress.rows)
    if first == settings.epochs:
        return
    labels = resecanet.ARCHITECTURES[settings.model].labels
    training_set = TrainingSet.of(train_beats, labels, settings)
    per_epoch, _ = epoch_batches(training_set, settings, 0)
    learner, targets = resecanet.learners(model)
    learner.compile(
        optimizer=_optimiser(settings, per_epoch * settings.epochs),
        loss=[keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing) for _ in targets],
        jit_compile=False,  # XLA is no faster here on a processor, and takes seconds to compile
    )
    if progress.checkpoint is not None:
        learner.optimizer.build(learner.trainable_variables)
        learner.load_weights(run.path / progress.checkpoint)
    average = WeightAverage(model, settings.average_decay)
    if progress.checkpoint is not None:
        average.load(run.average_path(progress.checkpoint))
    averaged = build_model(settings, train_beats)
    with bars() as display:
        overall = display.add_task(settings.model, total=settings.epochs, completed=first, note="epochs")
        for epoch in range(first, settings.epochs):
            count, batches = epoch_batches(training_set, settings, epoch)
            task = display.add_task(f"epoch {epoch + 1}", total=count, note="")
            _seed_dropout(model, settings.seed, epoch)
            losses = []
            for batch in batches:
                target = [batch.target @ to_expert for to_expert in targets]
                loss = learner.train_on_batch(batch.inputs, target, sample_weight=[batch.weight] * len(target))
                losses.append(float(np.ravel(loss)[0]))
                average.update(model)
                display.update(task, advance=1, note=f"loss {losses[-1]:.4f}")
            averaged.set_weights(average.weights)
            row = _validate(averaged, validation, labels, epoch, float(np.mean(losses)))
            save_weights(averaged, run)
            progress.rows.append(row)
            progress.checkpoint = f"checkpoint-{epoch + 1:03d}.weights.h5"
            average.save(run.average_path(progress.checkpoint))
            learner.save_weights(run.path / progress.checkpoint)
            run.keep(progress)
            display.remove_task(task)
            display.update(overall, advance=1, note=_note(row))


def _seed_dropout(model: Any, seed: int, epoch: int) -> None:
    """Fix an epoch's dropout: Keras does not save the state of its random generators with the weights."""
    for number, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
            layer.seed_generator.state.assign(np.random.default_rng((seed, epoch, number)).integers(2**31, size=2))


def _optimiser(settings: TrainingSettings, steps: int) -> Any:
    """Adam, its rate rising over the warm-up and then falling to nothing along a half cosine."""
    warm_up = round(steps * settings.warm_up)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 20 if warm_up else settings.learning_rate,
        decay_steps=max(steps - warm_up, 1),
        warmup_target=settings.learning_rate if warm_up else None,
        warmup_steps=warm_up,
    )
    optimiser = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay)
    optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimiser


def _validate(model: Any, validation: BeatSet, labels: tuple[str, ...], epoch: int, loss: float) -> EpochRow:
    probabilities = predict(model, validation)
    truth = validation.classes(labels)
    matrix = metrics.confusion(truth, probabilities.argmax(axis=1), len(labels))
    enough = int(matrix.sum(axis=1).max()) >= LEAST_VALIDATION_BEATS  # a toy set has no such class
    likelihood = probabilities[np.arange(len(truth)), truth]
    return EpochRow(
        epoch=epoch,
        loss=loss,
        validation_loss=float(-np.log(np.maximum(likelihood, 1e-7)).mean()),
        validation_accuracy=metrics.accuracy(matrix),
        validation_macro_f1=metrics.macro_f1(matrix, least_beats=LEAST_VALIDATION_BEATS if enough else 1),
    )


def _note(row: EpochRow) -> str:
    return f"macro F1 {row.validation_macro_f1:.4f}"
