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
from converter.training.calibration import fit_temperature, negative_log_likelihood, scale_temperature
from converter.training.epochs import LEAST_VALIDATION_BEATS, fit
from converter.training.learning_curves import learning_curves
from converter.training.run_folder import RunFolder
from converter.training.trained_model import build_model, load_trained, predict, save_weights
from converter.zoo import resecanet

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.beats import BeatSet
    from converter.datasets.protocol_beats import Provenance
    from converter.training.run_folder import Progress
    from converter.training.settings import TrainingSettings

__all__ = ["train"]


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
    fit(model, run, progress, beats.take(parts.train), beats.take(parts.validation))

    model = load_trained(run, beats)
    calibration = _calibrate(model, run, beats.take(parts.validation))
    test = beats.take(parts.test)
    probabilities = predict(model, test)
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
    """Calibrate the probabilities on the validation part, in the weights that are kept."""
    truth = validation.classes(resecanet.ARCHITECTURES[run.settings().model].labels)
    probabilities = predict(model, validation)
    temperature = fit_temperature(probabilities, truth)
    scale_temperature(model, temperature)
    save_weights(model, run)
    return {
        "temperature": temperature,
        "negative_log_likelihood_before": negative_log_likelihood(probabilities, truth),
        "negative_log_likelihood_after": negative_log_likelihood(probabilities, truth, temperature),
    }


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
