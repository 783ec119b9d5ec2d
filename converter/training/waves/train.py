"""Trains the delineation network: one for each fold of the records, which is tested on it, and one of all.

The figures are those of the networks of the folds, each on patients that it never saw. The file that ships holds the
network that learned from all. A run that was interrupted goes on after the last network that was finished.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.datasets.wave_marks import read_ludb, read_qtdb
from converter.evaluation.delineators import by_network
from converter.evaluation.wave_bounds import merge
from converter.evaluation.wave_tests import around_marks, by_record, score_records, summary
from converter.training.waves.examples import example_of
from converter.training.waves.fit import fit
from converter.training.waves.settings import WaveSettings
from converter.zoo import wave_network
from ecg.errors import InputError
from reader.measure.network import over_windows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from converter.datasets.catalogue import Dataset
    from converter.datasets.wave_marks import MarkedLead
    from converter.evaluation.wave_bounds import BoundScore
    from ecg.samples import FloatArray

__all__ = ["DATASETS", "WaveRun", "fold_of", "read_marked", "train_waves"]

DATASETS: Final = ("ludb", "qtdb")


class WaveRun:
    """The folder of a run.

    Attributes:
        path: the folder.
        weights_path: weights of the network that learned from all records.
        metrics_path: the figures, once the run is finished.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_path = path / "settings.json"
        self.weights_path = path / "model.weights.h5"
        self.metrics_path = path / "metrics.json"

    def fold_path(self, fold: int) -> Path:
        """Weights of the network that did not learn from a fold."""
        return self.path / f"fold-{fold}.weights.h5"

    def settings(self) -> WaveSettings:
        """Its settings.

        Raises:
            InputError: this is the folder of no such run.
        """
        try:
            return msgspec.json.decode(self.settings_path.read_bytes(), type=WaveSettings)
        except (OSError, msgspec.DecodeError) as error:
            raise InputError(f"{self.path} is no folder of a training of the delineation network: {error}") from error

    def metrics(self) -> dict[str, Any]:
        """Its figures.

        Raises:
            InputError: it is not finished.
        """
        if not self.metrics_path.is_file():
            raise InputError(f"{self.path} holds no finished run: `ecg-converter train` with the same --out goes on")
        return msgspec.json.decode(self.metrics_path.read_bytes(), type=dict[str, Any])


def read_marked(datasets: Mapping[str, Dataset]) -> dict[str, list[MarkedLead]]:
    """The marked leads of both databases."""
    return {"ludb": read_ludb(Path(datasets["ludb"].folder)), "qtdb": read_qtdb(Path(datasets["qtdb"].folder))}


def fold_of(leads: Sequence[MarkedLead], folds: int) -> dict[str, int]:
    """Which fold each record of a database is in; each record is of one patient."""
    return {record: number % folds for number, record in enumerate(sorted({lead.record for lead in leads}))}


def train_waves(settings: WaveSettings, datasets: Mapping[str, Dataset], out: Path) -> dict[str, Any]:
    """Train, or go on training, and leave the run folder.

    Args:
        settings: of the run.
        datasets: `ludb` and `qtdb`.
        out: the run folder.

    Returns:
        What `metrics.json` holds: the figures of the float networks of the folds.

    Raises:
        InputError: `out` holds another run, or a database cannot be read.
    """
    run = WaveRun(out)
    if run.settings_path.is_file() and run.settings() != settings:
        raise InputError(f"{out} holds a run with other settings; choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    run.settings_path.write_bytes(msgspec.json.format(msgspec.json.encode(settings)) + b"\n")
    marked = read_marked(datasets)
    folds = {name: fold_of(leads, settings.folds) for name, leads in marked.items()}
    examples = {name: [example_of(lead) for lead in leads] for name, leads in marked.items()}
    for number in range(-1, settings.folds):  # the first one learns from all
        path = run.weights_path if number < 0 else run.fold_path(number)
        if not path.is_file():
            learned = {
                name: [each for each in examples[name] if folds[name][each.record] != number] for name in examples
            }
            model = fit(settings, learned["ludb"], learned["qtdb"], f"network {number + 2} of {settings.folds + 1}")
            draft = path.with_name("draft.weights.h5")
            model.save_weights(draft)
            draft.replace(path)
    results = {
        "model": settings.model,
        "parameters": int(wave_network.build().count_params()),
        "datasets": {name: datasets[name].digest for name in DATASETS},
        "records": {name: sorted(folds[name]) for name in folds},
        "waves": _counts(marked),
        "tested": _cross_validated(run, marked, folds),
    }
    run.metrics_path.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return results


def float_network(weights: Path) -> Callable[[FloatArray], FloatArray]:
    """A trained network in float, from a prepared lead, shape (n,), to probabilities, shape (n, 4)."""
    model = wave_network.build()
    model.load_weights(weights)
    return lambda samples_mv: over_windows(
        lambda window: np.asarray(model.predict_on_batch(window[np.newaxis, :, np.newaxis]))[0], samples_mv
    )


def _cross_validated(
    run: WaveRun, marked: Mapping[str, Sequence[MarkedLead]], folds: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, Any]]:
    scores: dict[str, list[Mapping[str, Mapping[str, BoundScore]]]] = {name: [] for name in marked}
    for fold in range(run.settings().folds):
        delineator = by_network(float_network(run.fold_path(fold)))
        for name, leads in marked.items():
            held_out = by_record(around_marks(lead) for lead in leads if folds[name][lead.record] == fold)
            scores[name].append(score_records(held_out, delineator, f"{name}, fold {fold + 1}"))
    return {name: {choice: summary(score) for choice, score in merge(parts).items()} for name, parts in scores.items()}


def _counts(marked: Mapping[str, Sequence[MarkedLead]]) -> dict[str, dict[str, int]]:
    return {
        name: {
            kind: sum(wave.kind == kind for lead in leads for wave in lead.waves) for kind in wave_network.LABELS[:-1]
        }
        for name, leads in marked.items()
    }
