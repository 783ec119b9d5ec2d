"""From a finished training of the delineation network to its model file and card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.datasets.databases import database
from converter.export.model_card import render
from converter.export.waves import agreement, card_of, export_waves, int8_model
from converter.training.waves.examples import draw_batch, example_of
from converter.training.waves.fit import by_record
from converter.training.waves.train import DATASETS, WaveRun, read_marked
from converter.zoo import wave_network
from ecg.errors import CheckFailedError
from ecg.model_file.card import DataSource, Training
from ecg.model_file.container import read
from reader.measure.preparation import WINDOW_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.catalogue import Catalogue
    from converter.datasets.wave_marks import MarkedLead
    from ecg.samples import Float32Array

__all__ = ["export_wave_run", "representative_windows"]

WINDOWS: Final = (300, 100)
"""Of LUDB and of the QT Database, by which the int8 ranges are set and the int8 network is compared with the float."""
COMPARED: Final = 100

LIMITS: Final = (
    "The marks of LUDB and of the QT Database follow different habits: bounds may lie a few milliseconds to one side.",
    "The begin of the T wave is marked in few records of the QT Database.",
    "Both databases have few recordings of pacemakers, of ventricular tachycardia and of children.",
    "P waves are told in some recordings of atrial fibrillation and flutter, whose waves look like them.",
    "The file holds the network that learned from all records; the figures are of networks that saw a part of them.",
)


def representative_windows(marked: Mapping[str, Sequence[MarkedLead]]) -> Float32Array:
    """Windows of what a network learned from, shape (n, WINDOW_SAMPLES, 1), drawn with a fixed seed."""
    groups = [by_record([example_of(lead) for lead in marked[name]]) for name in DATASETS]
    return draw_batch(groups, WINDOWS, np.random.default_rng(0), samples=WINDOW_SAMPLES).inputs


def export_wave_run(path: Path, catalogue: Catalogue, sources: Sequence[str], folder: Path, version: str) -> Path:
    """Write the model file of a run, and its card beside it.

    Args:
        path: the run folder.
        catalogue: of data sets.
        sources: data sets or folders that go before the catalogue's.
        folder: where they go.
        version: of the model.

    Raises:
        InputError: no finished run there, or its data are not here.
        CheckFailedError: the data are not those of the run, or the int8 network differs too much.
    """
    run = WaveRun(path)
    metrics, settings = run.metrics(), run.settings()
    datasets = catalogue.resolve(sources, DATASETS)
    if {name: datasets[name].digest for name in DATASETS} != metrics["datasets"]:
        raise CheckFailedError(f"the data have changed since the run {path} was trained: train it again")
    windows = representative_windows(read_marked(datasets))
    model = wave_network.build()
    model.load_weights(run.weights_path)
    data = tuple(
        DataSource(
            name=name,
            records=tuple(record.removeprefix(f"{name}/") for record in metrics["records"][name]),
            licence=database(name).licence,
            citation=database(name).citation,
            sha256=datasets[name].digest,
        )
        for name in DATASETS
    )
    counts = {kind: sum(metrics["waves"][name][kind] for name in DATASETS) for kind in wave_network.LABELS[:-1]}
    training = Training(
        protocol=f"{settings.folds} folds by patient",
        train_data=data,
        test_data=data,
        label_source="marks by cardiologists: of each lead in ludb, of both leads together (q1c) in qtdb",
        train_beats=counts,
        test_beats=counts,
        seed=settings.seed,
        rebuild=(
            *(f"ecg-converter data fetch {name}" for name in DATASETS),
            f"ecg-converter train {settings.model} --out runs/{settings.model}",
            f"ecg-converter export runs/{settings.model} --out models",
        ),
        limits=LIMITS,
    )
    written = export_waves(model, windows, card_of(model, version, training), folder)
    model_file = read(written)
    compared = agreement(model, int8_model(model_file.flatbuffer, model_file.card), windows[:COMPARED])
    text = _results(metrics["tested"], msgspec.to_builtins(compared), settings.folds)
    card = render(model_file.card, written.stat().st_size, architecture=wave_network.DESCRIPTION, results=text)
    written.with_suffix(".md").write_text(card, encoding="utf-8")
    return written


def _results(tested: Mapping[str, Any], compared: Mapping[str, Any], folds: int) -> str:
    introduction = (
        f"Of the float networks of {folds} folds, each on records from which it did not learn: what is found less what "
        "is marked, matched within 150 ms. SD within: mean of the standard deviations within the records."
    )
    parts = [introduction]
    for name, choices in tested.items():
        for choice, bounds in choices.items():
            rows = [
                f"| {bound} | {figures['matches']:,} | {figures['f1']:.3f} | {figures['mean_ms']:+.1f} | "
                f"{figures['sd_ms']:.1f} | {figures['sd_within_records_ms']:.1f} |"
                for bound, figures in bounds.items()
            ]
            head = "| bound | matches | F1 | mean ms | SD ms | SD within ms |\n| --- | --- | --- | --- | --- | --- |"
            parts.append(f"{name}, {choice}:\n\n" + "\n".join((head, *rows)))
    parts.append(
        f"The int8 network against the float one on {COMPARED} windows: the same label on "
        f"{100 * compared['label_agreement']:.2f} % of the samples, {compared['only_one']} of {compared['waves']} "
        f"waves found by one alone, begins and ends {compared['sd_ms']:.1f} ms apart (root mean square)."
    )
    return "\n\n".join(parts)
