"""How the light model does on records of svdb that it did not learn from: five trainings, each without a fifth of them.

    python benchmarks/left_out.py RUNS

RUNS is a folder for the five run folders, trained by the shipped model's settings; a training that is there already is
not repeated, one that was interrupted goes on. Each model is exported and run, int8, on the whole product path over the
first signal of the fifth that it did not see: the monitor's own R peaks and all its rules. Strict counts: a missed beat
counts against its class, a false detection against the class that it was called, and nothing is forgiven. Needs mitdb,
svdb and cinc2017 in the catalogue.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec
import numpy as np

from converter.datasets.catalogue import Catalogue
from converter.datasets.cut_cache import CutCache
from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import FIFTHS, PROTOCOLS, split
from converter.evaluation.product_path import run_trial
from converter.evaluation.scoring import class_scores, total_matrix
from converter.evaluation.tables import percent
from converter.release.finished_run import FinishedRun
from converter.release.release import export_run
from converter.training.run_folder import RunFolder
from converter.training.settings import DEFAULTS
from converter.training.train import train
from converter.training.trained_model import load_trained
from converter.zoo.resecanet import ARCHITECTURES
from edge.inference import load_classifier

MODEL = "resecanet-aami5"


def main(runs: Path) -> None:
    """Train what is missing and print the sum."""
    labels = ARCHITECTURES[MODEL].labels
    base = DEFAULTS[MODEL]
    protocol = PROTOCOLS[base.protocol]
    catalogue = Catalogue()
    datasets = catalogue.resolve((), protocol.datasets)
    beats, provenance = cut_protocol(
        protocol, datasets, normalisation=base.normalisation, cache=CutCache(catalogue.directory / "beats")
    )
    scores = []
    for fifth in range(FIFTHS):
        folder = RunFolder(runs / f"left-out-{fifth}")
        if not folder.metrics_path.exists():
            train(msgspec.structs.replace(base, left_out=fifth), beats, provenance, folder.path)
        parts = split(protocol, beats, labels, base.seed, left_out=fifth)
        run = FinishedRun(folder, load_trained(folder, beats), beats, parts, protocol)
        trial = run_trial(
            Path(datasets["svdb"].folder),
            [record.rpartition("/")[2] for record in np.unique(beats.record[parts.test]).tolist()],
            classifier=load_classifier(export_run(run, folder.path / "export", "0.0.0")),
            dataset="svdb",
        )
        mine = trial.scores()
        _tell(f"fifth {fifth}", total_matrix(mine))
        scores += mine
    whole = total_matrix(scores)
    _tell(f"all, {len(scores)} records, {int(whole[:-1].sum()):,} beats", whole)


def _tell(name: str, matrix: np.ndarray) -> None:
    parts = []
    for score in class_scores(matrix)[:3]:
        f1 = 2 * score.true / (score.reference + score.called)
        parts.append(f"{score.label} Se {percent(score.sensitivity)} % +P {percent(score.predictivity)} % F1 {f1:.3f}")
    print(f"{name}: {'; '.join(parts)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    main(parser.parse_args().runs)
