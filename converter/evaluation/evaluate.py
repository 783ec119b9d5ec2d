"""A model file judged: on the whole product path over recordings, and on cut beats as training cuts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from converter.datasets.annotations import SYMBOL_CLASSES
from converter.datasets.protocols import DS2
from converter.evaluation.alarms import alarms_section, definitions_table
from converter.evaluation.beats import beats_section
from converter.evaluation.cut_beats import cut_beats_section, model_name
from converter.evaluation.product_path import run_trial
from converter.evaluation.r_peaks import r_peaks_section
from converter.evaluation.rhythms import atrial_fibrillation_section, ventricular_section
from converter.evaluation.tables import Section, markdown
from ecg.errors import InputError
from edge.inference import load_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.datasets.catalogue import Dataset
    from converter.datasets.cut_cache import CutCache
    from converter.datasets.protocols import Protocol
    from converter.evaluation.product_path import Trial
    from converter.evaluation.tables import Table

__all__ = ["REPORT_DATASET", "Evaluation", "evaluate", "product_sections"]

REPORT_DATASET = "mitdb"
"""Both protocols report on a part of it."""

_SAME_PERSON = "Records 201 (DS1, learned from) and 202 (DS2) come from the same person."


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found: the model and the data, and section by section."""

    subject: dict[str, Any]
    sections: tuple[Section, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """All of it, JSON-able."""
        return {**self.subject, **{section.name: section.figures for section in self.sections}}

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables."""
        return tuple(table for section in self.sections for table in section.tables)

    def write(self, folder: Path) -> None:
        """Leave `evaluation.json`, `evaluation.md` and the pictures in a folder.

        Raises:
            InputError: it cannot be written.
        """
        model = self.subject["model"]
        text = f"# {model['name']} {model['version']} ({model['digest'][:12]})\n\n"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "evaluation.json").write_bytes(msgspec.json.format(msgspec.json.encode(self.figures)) + b"\n")
            (folder / "evaluation.md").write_text(text + "\n".join(map(markdown, self.tables)), encoding="utf-8")
            for section in self.sections:
                for picture in section.pictures:
                    picture.draw(folder / picture.name)
        except OSError as error:
            raise InputError(f"{folder} cannot be written: {error.strerror}") from error


def evaluate(
    model: Path, protocol: Protocol | None, dataset: Dataset, cache: CutCache, *, channel: str = "0"
) -> Evaluation:
    """Judge a model file on annotated recordings.

    The whole product path: the daemon's pipeline runs over the records, its own R peaks included, and the annotation
    files that it leaves are compared with the reference's: what a user gets. A protocol leaves the records that it
    reports on, and also shows the int8 model the beats around the annotated R peaks: what the classifier alone can do.
    The report of `random` is not made of whole records, so there it is only that.

    Args:
        model: the model file.
        protocol: which part of `mitdb` is reported on; the split of `random` is that of the seed on the model's card.
            None reports on every annotated record of the data set.
        dataset: `mitdb`, or without a protocol any.
        cache: of cut beats.
        channel: signal that the product path is shown, by name or number.

    Raises:
        InputError: the model or a record is refused.
    """
    classifier = load_classifier(model)
    card = classifier.card
    if card.labels not in SYMBOL_CLASSES:
        raise InputError(f"{model} orders its labels {' '.join(card.labels)}: no reference is known for that order")
    records = tuple(record for record in dataset.records if record.annotated)
    notes: tuple[str, ...] = ()
    if protocol is not None and protocol.name == "inter-patient":
        records = tuple(record for record in records if record.name in DS2)
        notes = (_SAME_PERSON,)
    if not records:
        raise InputError(f"{dataset.folder} has no record to report on: none of the right name with annotations (.atr)")
    dataset = msgspec.structs.replace(dataset, records=records)
    sections: list[Section] = []
    if protocol is None or protocol.name == "inter-patient":
        trial = run_trial(
            Path(dataset.folder),
            [record.name for record in records],
            classifier=classifier,
            dataset=dataset.name if protocol is None else f"DS2 of {dataset.name}",
            channel=channel,
        )
        sections += product_sections(trial, model_name(classifier), notes)
    if protocol is not None:
        sections.append(cut_beats_section(classifier, protocol, dataset, cache))
    subject = {
        "model": {"name": card.name, "version": card.version, "digest": card.flatbuffer_sha256},
        "trained": {"protocol": card.training.protocol, "seed": card.training.seed},
        "protocol": protocol and protocol.name,
        "protocol_description": protocol.description if protocol else "every annotated record, whole product path",
        "dataset": dataset.name,
        "channel": channel,
        "records": [record.name for record in records],
        "labels_from": "reference annotations (atr), 150 ms",
    }
    return Evaluation(subject, tuple(sections))


def product_sections(trial: Trial, model: str, notes: Sequence[str] = ()) -> list[Section]:
    """Everything that can be said of records that went through the whole product path."""
    alarms = alarms_section(trial)
    alarms = replace(alarms, tables=(*alarms.tables, definitions_table()))
    sections = [atrial_fibrillation_section(trial), ventricular_section(trial), alarms]
    if any(truth.has_beats for truth in trial.truths):
        sections = [beats_section(trial, model, notes), r_peaks_section(trial), *sections]
    return sections
