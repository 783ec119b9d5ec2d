"""From a finished training run to a model file, and back to the beats that the file is checked with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.cut_cache import CutCache
from converter.datasets.databases import database
from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import PROTOCOLS, Protocol, Split, split
from converter.export.export import CardFields, LabelledBeats, export
from converter.training.run_folder import RunFolder
from converter.training.train import load_trained
from converter.zoo import resecanet as zoo
from ecg.errors import CheckFailedError, InputError
from ecg.model_file.card import DataSource, Training

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.datasets.beats import BeatSet
    from converter.datasets.catalogue import Catalogue

__all__ = ["FinishedRun", "export_run", "open_run"]

GOLDEN_CANDIDATES = 400
"""Test beats that the golden ones are chosen from."""

_SETTINGS_SUFFIX = ".settings.json"


class FinishedRun:
    """A training run with its model and the beats that it divided.

    Attributes:
        folder: of the run.
        model: the trained Keras model.
        labels: of its outputs.
        beats: all beats of the protocol.
        parts: their division.
        protocol: which it was.
    """

    def __init__(self, folder: RunFolder, model: Any, beats: BeatSet, parts: Split, protocol: Protocol) -> None:
        self.folder = folder
        self.model = model
        self.labels = zoo.ARCHITECTURES[folder.settings().model].labels
        self.beats = beats
        self.parts = parts
        self.protocol = protocol

    @property
    def test(self) -> LabelledBeats:
        """The test part."""
        test = self.beats.take(self.parts.test)
        return LabelledBeats(test.inputs, test.classes(self.labels))


def open_run(path: Path, catalogue: Catalogue, sources: Sequence[str]) -> FinishedRun:
    """Open a finished run, with the very beats that it was trained on.

    Args:
        path: the run folder.
        catalogue: of data sets.
        sources: data sets or folders that go before the catalogue's.

    Raises:
        InputError: no finished run there, or its data are not here.
        CheckFailedError: the data are not those of the run, or the signal path cuts other beats from them.
    """
    folder = RunFolder(path)
    settings = folder.settings()
    folder.metrics()  # refuses a run that is not finished
    if settings.left_out is not None:
        raise InputError(f"the run {path} was trained without a fifth of its records, to measure: train one with all")
    protocol = PROTOCOLS[settings.protocol]
    beats, provenance = cut_protocol(
        protocol,
        catalogue.resolve(sources, protocol.datasets),
        normalisation=settings.normalisation,
        cache=CutCache(catalogue.directory / "beats"),
    )
    if provenance != folder.provenance():
        what = "data have" if provenance.datasets != folder.provenance().datasets else "code that cuts beats has"
        raise CheckFailedError(f"the {what} changed since the run {path} was trained: train it again")
    labels = zoo.ARCHITECTURES[settings.model].labels
    return FinishedRun(
        folder, load_trained(folder, beats), beats, split(protocol, beats, labels, settings.seed), protocol
    )


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
    fields = CardFields(
        name=settings.model,
        version=version,
        labels=run.labels,
        normalisation=settings.normalisation,
        training=Training(
            protocol=settings.protocol,
            train_data=_sources(run, np.concatenate([run.parts.train, run.parts.validation])),
            test_data=_sources(run, run.parts.test),
            label_source=results["labels_from"],
            train_beats=results["beats"]["train"],
            test_beats=results["beats"]["test"],
            seed=settings.seed,
            rebuild=_rebuild(run),
            limits=_limits(run),
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


def _sources(run: FinishedRun, numbers: Any) -> tuple[DataSource, ...]:
    """The data sets of some beats, with the records that they come from."""
    by_dataset: dict[str, list[str]] = {}
    for name in np.unique(run.beats.record[numbers]).tolist():
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


def _limits(run: FinishedRun) -> tuple[str, ...]:
    temperature = run.folder.metrics()["calibration"]["temperature"]
    calibrated = (
        f"The probabilities were made honest by one temperature ({temperature:.2f}), on the validation records: for "
        "another patient they may be too sure."
    )
    if run.protocol.name == "random":
        return ("The same patients are in training and test: the figures say nothing about a new patient.", calibrated)
    share = run.folder.settings().simulated_share
    simulated = (
        f"Of the beats in a training step {100 * share:.0f} % are simulated: real normal beats in made-up rhythms."
    )
    moving = (
        "The first signal of each training record of mitdb and svdb is learned from once more with simulated motion "
        "mixed in (`converter/datasets/motion.py`): real electrodes may move otherwise."
    )
    unannotated = (
        "The beats of cinc2017 bear no label: what they are follows from that of the recording, normal or fibrillation "
        "(`converter/datasets/short_recordings.py`), and a few may be something else."
    )
    return (
        *((simulated,) if share else ()),
        moving,
        unannotated,
        "Records 201 (training) and 202 (test) of mitdb come from the same person.",
        "Three quarters of the test's beats S are in record 232, where they outnumber the normal ones.",
        "Nearly all beats F of the test records are in one, 213, and nearly all Q are no beats: false detections.",
        calibrated,
    )


def _peaks(protocol: Protocol) -> str:
    return "the monitor's own R peaks" if protocol.peaks == "detected" else "the annotated R peaks"
