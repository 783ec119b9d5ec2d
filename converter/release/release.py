"""From a finished training run to a model file: its card says what the run knows of itself."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.beats import BeatSet
from converter.datasets.databases import database
from converter.export.export import CardFields, export
from converter.release.limits import limits
from converter.zoo import resecanet
from ecg.model_file.card import DataSource, Training

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.protocols import Protocol
    from converter.release.finished_run import FinishedRun

__all__ = ["export_run"]

GOLDEN_CANDIDATES = 400
"""Test beats that the golden ones are chosen from."""

_SETTINGS_SUFFIX = ".settings.json"


def export_run(run: FinishedRun, folder: Path, version: str) -> Path:
    """Write a run's model file, its card, and beside them the settings that it was trained with.

    Args:
        run: the run.
        folder: where they go.
        version: of the model.

    Raises:
        CheckFailedError, InputError: as `converter.export.export`.
    """
    settings = run.folder.settings()
    results = run.folder.metrics()
    known = BeatSet({}, **run.beats.columns)  # without the inputs, which are large
    learned = known.take(np.concatenate([run.parts.train, run.parts.validation]))
    tested = known.take(run.parts.test)
    fields = CardFields(
        name=settings.model,
        version=version,
        architecture=resecanet.DESCRIPTION,
        labels=run.labels,
        normalisation=settings.normalisation,
        training=Training(
            protocol=settings.protocol,
            train_data=_sources(run, learned),
            test_data=_sources(run, tested),
            label_source=results["labels_from"],
            train_beats=results["beats"]["train"],
            test_beats=results["beats"]["test"],
            seed=settings.seed,
            rebuild=_rebuild(run),
            limits=limits(
                learned,
                tested,
                run.labels,
                simulated_share=settings.simulated_share,
                temperature=results["calibration"]["temperature"],
            ),
        ),
        tested_on=f"the test part of the {settings.protocol} protocol: {run.protocol.description}; "
        f"beats cut around {_peaks(run.protocol)}",
    )
    train = run.beats.take(run.parts.train)
    test = run.beats.take(run.parts.test)
    step = max(len(test) // GOLDEN_CANDIDATES, 1)
    candidates = {name: values[::step] for name, values in test.inputs.items()}
    path = export(run.model, train.inputs, fields, candidates, folder, test=run.test)
    shutil.copyfile(run.folder.settings_path, path.with_suffix(_SETTINGS_SUFFIX))
    return path


def _sources(run: FinishedRun, beats: BeatSet) -> tuple[DataSource, ...]:
    """The data sets of some beats, with the records that they come from."""
    by_dataset: dict[str, list[str]] = {}
    for name in np.unique(beats.record).tolist():
        dataset, _, record = name.partition("/")
        by_dataset.setdefault(dataset, []).append(record)
    return tuple(
        DataSource(
            name=name,
            records=tuple(records),
            licence=database(name).licence,
            citation=database(name).citation,
            sha256=run.folder.provenance().datasets[name],
        )
        for name, records in by_dataset.items()
    )


def _rebuild(run: FinishedRun) -> tuple[str, ...]:
    model = run.folder.settings().model
    return (
        *(f"ecg-converter data fetch {name}" for name in run.protocol.datasets),
        f"ecg-converter train {model} --settings models/{model}{_SETTINGS_SUFFIX} --out runs/{model}",
        f"ecg-converter export runs/{model} --out models",
    )


def _peaks(protocol: Protocol) -> str:
    return "the monitor's own R peaks" if protocol.peaks == "detected" else "the annotated R peaks"
