"""A model file judged: on cut beats as training cuts them, and on the whole product path over recordings."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from converter import metrics, plots, product_path
from converter.annotations import SYMBOL_CLASSES
from converter.cutting import cut_protocol
from converter.progress import bars
from converter.protocols import DS2, split
from converter.reports import Table, confusion_table, markdown
from converter.scoring import CLASSES, average
from edge.errors import InputError
from edge.inference import load_classifier

if TYPE_CHECKING:
    from converter.annotations import IntArray
    from converter.beats import BeatSet
    from converter.catalogue import Dataset
    from converter.cutting import CutCache
    from converter.protocols import Protocol
    from edge.inference import TFLiteClassifier

__all__ = ["REPORT_DATASET", "Evaluation", "Half", "evaluate"]

REPORT_DATASET = "mitdb"
"""Both protocols report on a part of it."""

_SAME_PERSON = "Records 201 (DS1, learned from) and 202 (DS2) come from the same person."


@dataclass(frozen=True, slots=True)
class Half:
    """One way of judging the model.

    Attributes:
        name: `cut_beats` or `product_path`.
        figures: JSON-able.
        tables: the same for people.
        matrix: of counts; reference classes in rows.
        labels: of its rows and columns.
        beyond: names of the row and the column beyond the labels; empty without them.
    """

    name: str
    figures: dict[str, Any]
    tables: tuple[Table, ...]
    matrix: IntArray
    labels: tuple[str, ...]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found: the model and the data, and each half."""

    subject: dict[str, Any]
    halves: tuple[Half, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """All of it, JSON-able."""
        return {**self.subject, **{half.name: half.figures for half in self.halves}}

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables."""
        return tuple(table for half in self.halves for table in half.tables)

    def write(self, folder: Path) -> None:
        """Leave `evaluation.json`, `evaluation.md` and a picture of each matrix in a folder.

        Raises:
            InputError: it cannot be written.
        """
        model = self.subject["model"]
        text = f"# {model['name']} {model['version']} ({model['digest'][:12]})\n\n"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "evaluation.json").write_bytes(msgspec.json.format(msgspec.json.encode(self.figures)) + b"\n")
            (folder / "evaluation.md").write_text(text + "\n".join(map(markdown, self.tables)), encoding="utf-8")
            for half in self.halves:
                path = folder / f"{half.name}.png"
                plots.confusion_matrix(half.matrix, half.labels, half.tables[0].title, path, beyond=half.beyond)
        except OSError as error:
            raise InputError(f"{folder} cannot be written: {error.strerror}") from error


def evaluate(model: Path, protocol: Protocol, dataset: Dataset, cache: CutCache) -> Evaluation:
    """Judge a model file on the part of `mitdb` that a protocol reports on.

    The first half shows the int8 model the beats around the annotated R peaks: what the classifier alone can do. The
    second runs the daemon's pipeline over the records of the report, its own R peaks included, and compares the
    annotation files that it leaves with the reference's: what a user gets. The `random` protocol has no second half,
    since its report is not made of whole records.

    Args:
        model: the model file.
        protocol: which part is reported on; the split of `random` is that of the seed on the model's card.
        dataset: `mitdb`.
        cache: of cut beats.

    Raises:
        InputError: the model or a record is refused.
    """
    classifier = load_classifier(model)
    card = classifier.card
    if card.labels not in SYMBOL_CLASSES:
        raise InputError(f"{model} orders its labels {' '.join(card.labels)}: no reference is known for that order")
    if protocol.name == "inter-patient":
        dataset = msgspec.structs.replace(
            dataset, records=tuple(record for record in dataset.records if record.name in DS2)
        )
    halves = [_cut_beats(classifier, protocol, dataset, cache)]
    if protocol.name == "inter-patient":
        halves.append(_product_path(classifier, dataset))
    subject = {
        "model": {"name": card.name, "version": card.version, "digest": card.flatbuffer_sha256},
        "trained": {"protocol": card.training.protocol, "seed": card.training.seed},
        "protocol": protocol.name,
        "protocol_description": protocol.description,
        "records": [record.name for record in dataset.records],
        "labels_from": "reference annotations (atr), 150 ms",
    }
    return Evaluation(subject, tuple(halves))


def _cut_beats(classifier: TFLiteClassifier, protocol: Protocol, dataset: Dataset, cache: CutCache) -> Half:
    labels = classifier.labels
    beats, provenance = cut_protocol(
        replace(protocol, peaks="annotated", channels=(0,), datasets=(REPORT_DATASET,)),
        {REPORT_DATASET: dataset},
        normalisation=classifier.card.normalisation,
        cache=cache,
    )
    counts = provenance.counts[REPORT_DATASET]
    if protocol.name == "random":
        beats = beats.take(split(protocol, beats, labels, classifier.card.training.seed).test)
    else:
        beats = beats.take(beats.classes(labels) >= 0)
    truth, answers = beats.classes(labels), _answers(classifier, beats)
    matrix = metrics.confusion(truth, answers, len(labels))
    per_record = [
        metrics.summary(metrics.confusion(truth[mine], answers[mine], len(labels)), labels)["classes"]
        for mine in (beats.record == record for record in np.unique(beats.record))
    ]
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
    }
    table = confusion_table(figures, f"{_name(classifier)}, beats around annotated R peaks, {_scope(protocol)}")
    notes = (
        *table.notes,
        f"{counts['cut']:,} of the {counts['annotated']:,} annotated beats of these records could be cut",
    )
    return Half("cut_beats", figures, (replace(table, notes=notes),), matrix, labels)


def _answers(classifier: TFLiteClassifier, beats: BeatSet) -> IntArray:
    """Shape (n,): number of the label that the int8 model gives each beat."""
    answers = np.zeros(len(beats), dtype=np.int64)
    with bars() as display:
        task = display.add_task("classifying", total=len(beats), note="")
        for number in range(len(beats)):
            inputs = {name: values[number] for name, values in beats.inputs.items()}
            answers[number] = classifier.classify(inputs).argmax()
            if number % 500 == 499:
                display.update(task, completed=number + 1)
        display.update(task, completed=len(beats))
    return answers


def _product_path(classifier: TFLiteClassifier, dataset: Dataset) -> Half:
    folder = Path(dataset.folder)
    records = [record.name for record in dataset.records]
    with tempfile.TemporaryDirectory() as scratch:
        product_path.replay_records(folder, records, Path(scratch), classifier=classifier)
        scores = product_path.score_records(folder, records, Path(scratch))
    detection = product_path.detection_figures(scores)
    matrix = product_path.total(scores)
    scope = f"whole product path, DS2 of {dataset.name}, first channel, whole records, labels from .atr"
    title = f"{_name(classifier)}, {scope}"
    found = Table(
        f"R peaks, {scope}",
        ["records", "beats", "missed", "false", "Se %", "+P %", "errors %", "mean Se %", "mean +P %", "mean errors %"],
        [product_path.detection_row(detection, first=str(len(records)))],
        (_SAME_PERSON,),
    )
    return Half(
        "product_path",
        {
            "detection": detection,
            "classes": product_path.class_figures(scores),
            "labels": list(CLASSES),
            "confusion": matrix.tolist(),
            "by_record": {score.record: score.matrix.tolist() for score in scores},
        },
        (product_path.matrix_table(scores, title), product_path.class_table(scores, title), found),
        matrix,
        CLASSES,
        beyond=("no beat", "missed"),
    )


def _name(classifier: TFLiteClassifier) -> str:
    return f"{classifier.card.name} {classifier.card.version}, int8"


def _scope(protocol: Protocol) -> str:
    part = "the test tenth of all 48 records" if protocol.name == "random" else "DS2"
    return f"{part} of {REPORT_DATASET}, first channel, labels from .atr"
