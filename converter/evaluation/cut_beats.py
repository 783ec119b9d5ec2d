"""The int8 model alone: on beats cut around annotated R peaks, as training cuts them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import split
from converter.evaluation import metrics, plots
from converter.evaluation.scoring import average
from converter.evaluation.tables import Picture, Section, confusion_table, percent
from converter.progress import bars

if TYPE_CHECKING:
    from converter.datasets.beats import BeatSet
    from converter.datasets.catalogue import Dataset
    from converter.datasets.cut_cache import CutCache
    from converter.datasets.protocols import Protocol
    from ecg.samples import FloatArray
    from edge.inference import TFLiteClassifier

__all__ = ["cut_beats_section", "model_name"]


def cut_beats_section(classifier: TFLiteClassifier, protocol: Protocol, dataset: Dataset, cache: CutCache) -> Section:
    """The int8 model on beats cut around the annotated R peaks of the part that a protocol reports on."""
    labels = classifier.labels
    beats, provenance = cut_protocol(
        replace(protocol, peaks="annotated", channels=(0,), datasets=(dataset.name,)),
        {dataset.name: dataset},
        normalisation=classifier.normalisation,
        cache=cache,
    )
    counts = provenance.counts[dataset.name]
    if protocol.name == "random":
        beats = beats.take(split(protocol, beats, labels, classifier.card.training.seed).test)
    else:
        beats = beats.take(beats.classes(labels) >= 0)
    truth, probabilities = beats.classes(labels), _probabilities(classifier, beats)
    answers = probabilities.argmax(axis=1)
    matrix = metrics.confusion(truth, answers, len(labels))
    per_record = [
        metrics.summary(metrics.confusion(truth[mine], answers[mine], len(labels)), labels)["classes"]
        for mine in (beats.record == record for record in np.unique(beats.record))
    ]
    curves = {
        label: curve
        for number, label in enumerate(labels)
        if (curve := metrics.roc((truth == number).astype(np.int64), probabilities[:, number])) is not None
    }
    reliability = metrics.reliability(truth, probabilities)
    figures = {
        "reference_beats": counts["annotated"],
        "cut_beats": counts["cut"],
        **metrics.summary(matrix, labels),
        "record_average": {
            label: {
                figure: average(record[label][figure] for record in per_record)
                for figure in ("sensitivity", "predictivity")
            }
            for label in labels
        },
        "roc_area": {label: curve.area for label, curve in curves.items()},
        "calibration": asdict(reliability),
    }
    title = f"{model_name(classifier)}, beats around annotated R peaks, {_scope(protocol, dataset)}"
    areas = ", ".join(f"{label} {curve.area:.4f}" for label, curve in curves.items())
    table = confusion_table(figures, title)
    notes = (
        *table.notes,
        f"{counts['cut']:,} of the {counts['annotated']:,} annotated beats of these records could be cut",
        f"Area under the ROC curve: {areas}; expected calibration error {percent(reliability.error)} %",
    )
    pictures = (
        Picture("cut_beats_confusion.png", title, lambda path: plots.confusion_matrix(matrix, labels, title, path)),
        Picture("roc.png", f"ROC: {title}", lambda path: plots.roc_curves(curves, title, path)),
        Picture("calibration.png", f"Calibration: {title}", lambda path: plots.calibration(reliability, title, path)),
    )
    return Section("cut_beats", figures, (replace(table, notes=notes),), pictures)


def model_name(classifier: TFLiteClassifier) -> str:
    """Name and version for titles."""
    return f"{classifier.card.name} {classifier.card.version}, int8"


def _probabilities(classifier: TFLiteClassifier, beats: BeatSet) -> FloatArray:
    """Shape (n, labels): what the int8 model says of each beat."""
    probabilities = np.zeros((len(beats), len(classifier.labels)))
    with bars() as display:
        task = display.add_task("classifying", total=len(beats), note="")
        for number in range(len(beats)):
            inputs = {name: values[number] for name, values in beats.inputs.items()}
            probabilities[number] = classifier.classify(inputs)
            if number % 500 == 499:
                display.update(task, completed=number + 1)
        display.update(task, completed=len(beats))
    return probabilities


def _scope(protocol: Protocol, dataset: Dataset) -> str:
    part = "the test tenth of all records" if protocol.name == "random" else "DS2"
    return f"{part} of {dataset.name}, {len(dataset.records)} records, first channel, labels from .atr"
