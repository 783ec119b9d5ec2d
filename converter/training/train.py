"""Training a model of the zoo, which goes on after an interruption.

The weights at the end are kept, when the learning rate has fallen to nothing; the validation part is for the
temperature. To keep the epoch of the best validation figure instead is to keep an early one, by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from converter.datasets.beats import dataset_names
from converter.datasets.databases import database
from converter.datasets.protocols import PROTOCOLS, Split, split
from converter.evaluation import metrics, plots
from converter.progress import bars
from converter.training.averaging import WeightAverage
from converter.training.batches import TrainingSet, epoch_batches
from converter.training.calibration import fit_temperature, negative_log_likelihood, scale_temperature
from converter.training.learning_curves import learning_curves
from converter.training.run_folder import EpochRow, Progress, RunFolder
from converter.zoo import resecanet

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.beats import BeatSet
    from converter.datasets.protocol_beats import Provenance
    from converter.training.settings import TrainingSettings
    from ecg.samples import Float32Array

__all__ = ["build_model", "load_trained", "train"]

LEAST_VALIDATION_BEATS = 50
"""A class with fewer validation beats takes no part in the macro F1: its own would be chance."""

_PREDICTION_BATCH = 512


def build_model(settings: TrainingSettings, beats: BeatSet) -> Any:
    """The untrained Keras model of a run, its input shapes taken from the beats."""
    rhythm = beats.inputs.get("rhythm")
    return resecanet.build(
        settings.model,
        waveform_channels=beats.inputs["waveform"].shape[2],
        rhythm_features=0 if rhythm is None else rhythm.shape[1],
    )


def load_trained(run: RunFolder, beats: BeatSet) -> Any:
    """The trained Keras model of a run."""
    model = build_model(run.settings(), beats)
    model.load_weights(run.weights_path)
    return model


def train(settings: TrainingSettings, beats: BeatSet, provenance: Provenance, out: Path) -> dict[str, Any]:
    """Train, or go on training, and leave the run folder.

    Args:
        settings: of the run.
        beats: all beats that the protocol divides.
        provenance: of the beats.
        out: the run folder.

    Returns:
        What `metrics.json` holds: figures on the test part, of the float model.

    Raises:
        InputError: `out` holds another run, or a part of the split would be empty.
        CheckFailedError: a beat would be on both sides.
    """
    labels = resecanet.ARCHITECTURES[settings.model].labels
    run = RunFolder(out)
    progress = run.open(settings, provenance)
    parts = split(PROTOCOLS[settings.protocol], beats, labels, settings.seed, left_out=settings.left_out)
    classes = beats.classes(labels)

    keras.utils.set_random_seed(settings.seed)
    model = build_model(settings, beats)
    _fit(model, run, progress, beats.take(parts.train), beats.take(parts.validation))

    model = load_trained(run, beats)
    calibration = _calibrate(model, run, beats.take(parts.validation))
    test = beats.take(parts.test)
    probabilities = _predict(model, test)
    predicted = probabilities.argmax(axis=1)
    matrix = metrics.confusion(classes[parts.test], predicted, len(labels))
    np.savez_compressed(
        run.predictions_path,
        record=test.record,
        index=test.index,
        truth=classes[parts.test],
        predicted=predicted,
        probabilities=probabilities,
    )
    results = {
        "model": settings.model,
        "parameters": resecanet.parameters(model),
        "multiply_accumulates": resecanet.multiply_accumulates(model),
        **_split_report(settings, beats, parts, labels),
        "epochs": len(progress.rows),
        "validation": _validation_report(progress),
        "calibration": calibration,
        "test": metrics.summary(matrix, labels),
    }
    learning_curves(progress.rows, out / "learning_curves.png")
    plots.confusion_matrix(matrix, labels, _title(settings), out / "confusion_matrix.png")
    run.finish(results)
    return results


def _calibrate(model: Any, run: RunFolder, validation: BeatSet) -> dict[str, float]:
    """Make the probabilities honest on the validation part, in the weights that are kept."""
    truth = validation.classes(resecanet.ARCHITECTURES[run.settings().model].labels)
    probabilities = _predict(model, validation)
    temperature = fit_temperature(probabilities, truth)
    scale_temperature(model, temperature)
    _save(model, run)
    return {
        "temperature": temperature,
        "negative_log_likelihood_before": negative_log_likelihood(probabilities, truth),
        "negative_log_likelihood_after": negative_log_likelihood(probabilities, truth, temperature),
    }


def _save(model: Any, run: RunFolder) -> None:
    """Keep the weights, whole or not at all."""
    draft = run.path / "draft.weights.h5"
    model.save_weights(draft)
    draft.replace(run.weights_path)


def _fit(
    model: Any,
    run: RunFolder,
    progress: Progress,
    train_beats: BeatSet,
    validation: BeatSet,
) -> None:
    """Run the epochs that are not done yet; after each, everything needed to go on is on disk."""
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
            _save(averaged, run)
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


def _predict(model: Any, beats: BeatSet) -> Float32Array:
    """Shape (n, labels): probabilities."""
    parts = [
        np.asarray(
            model.predict_on_batch(
                {name: values[first : first + _PREDICTION_BATCH] for name, values in beats.inputs.items()}
            )
        )
        for first in range(0, len(beats), _PREDICTION_BATCH)
    ]
    return np.concatenate(parts).astype(np.float32)


def _validate(model: Any, validation: BeatSet, labels: tuple[str, ...], epoch: int, loss: float) -> EpochRow:
    probabilities = _predict(model, validation)
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


def _split_report(settings: TrainingSettings, beats: BeatSet, parts: Split, labels: tuple[str, ...]) -> dict[str, Any]:
    """Which beats each figure stands on."""
    classes = beats.classes(labels)
    protocol = PROTOCOLS[settings.protocol]
    by_record = protocol.name == "inter-patient"
    datasets = dataset_names(beats.record[parts.train])
    other = [f"in {name} {database(name).labels_from}" for name in datasets if database(name).labels_from]
    return {
        "protocol": protocol.name,
        "protocol_description": protocol.description,
        "labels_from": "; ".join(
            ("reference annotations (atr), matched within 150 ms to the beats that were cut", *other)
        ),
        "peaks": protocol.peaks,
        "beats": {
            name: dict(zip(labels, np.bincount(classes[numbers], minlength=len(labels)).tolist(), strict=True))
            for name, numbers in (("train", parts.train), ("validation", parts.validation), ("test", parts.test))
        },
        "validation_records": np.unique(beats.record[parts.validation]).tolist() if by_record else None,
    }


def _validation_report(progress: Progress) -> dict[str, Any]:
    """How the kept weights do on the validation part."""
    last = progress.rows[-1]
    return {
        "accuracy": last.validation_accuracy,
        "macro_f1": last.validation_macro_f1,
        "macro_f1_of": f"classes with at least {LEAST_VALIDATION_BEATS} beats",
    }


def _title(settings: TrainingSettings) -> str:
    return f"{settings.model}, float, {settings.protocol} test part"


def _note(row: EpochRow) -> str:
    return f"macro F1 {row.validation_macro_f1:.4f}"
