"""How the light model does on records of svdb that it did not learn from: five trainings, each without a fifth of them.

    python benchmarks/left_out.py RUNS [--epochs 12]

RUNS is a folder for the five run folders; a training that is there already is not repeated, one that was interrupted
goes on. Beats are cut around the monitor's own R peaks, first channel, float model, with the monitor's rules on labels
but that on fibrillation; the usual shape is known by the correlation with the template. A beat that the detector missed
is not among them, a false detection counts against the class that it was called. Needs mitdb and svdb in the catalogue.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec
import numpy as np

from converter import metrics, zoo
from converter.catalogue import Catalogue
from converter.cutting import CutCache, cut_protocol
from converter.protocols import FIFTHS, PROTOCOLS, split
from converter.reports import percent
from converter.settings import DEFAULTS
from converter.train import train
from edge.inference.decision import USUAL, decide
from edge.inference.inputs import RHYTHM_FEATURES

MODEL = "resecanet-aami5"


def main(runs: Path, epochs: int) -> None:
    """Train what is missing and print the sum."""
    labels = zoo.ARCHITECTURES[MODEL].labels
    base = DEFAULTS[MODEL]
    protocol = PROTOCOLS[base.protocol]
    catalogue = Catalogue()
    beats, provenance = cut_protocol(
        protocol,
        catalogue.resolve((), protocol.datasets),
        normalisation=base.normalisation,
        cache=CutCache(catalogue.directory / "beats"),
    )
    whole = np.zeros((len(labels), len(labels)), dtype=np.int64)
    records = 0
    for fifth in range(FIFTHS):
        run = runs / f"left-out-{fifth}"
        if not (run / "metrics.json").exists():
            train(msgspec.structs.replace(base, epochs=epochs, left_out=fifth), beats, provenance, run)
        found = np.load(run / "predictions.npz")
        test = beats.take(split(protocol, beats, labels, base.seed, left_out=fifth).test)
        correlation = test.inputs["rhythm"][:, RHYTHM_FEATURES.index("template_correlation")]
        told = [
            decide(dict(zip(labels, probabilities, strict=True)), has_usual_shape=is_usual, is_fibrillating=False)[0]
            for probabilities, is_usual in zip(
                found["probabilities"].tolist(), (correlation >= USUAL).tolist(), strict=True
            )
        ]
        answers = np.array([labels.index(label) for label in told])
        matrix = metrics.confusion(found["truth"], answers, len(labels))
        records += len(np.unique(found["record"]))
        whole += matrix
        _tell(f"fifth {fifth}", matrix, labels)
    _tell(f"all, {records} records, {int(whole.sum()):,} beats", whole, labels)


def _tell(name: str, matrix: np.ndarray, labels: tuple[str, ...]) -> None:
    rates = zip(
        labels, metrics.sensitivity(matrix), metrics.predictivity(matrix), metrics.f1_scores(matrix), strict=True
    )
    parts = [
        f"{label} Se {percent(se)} % +P {percent(predictivity)} % F1 {percent(f1)} %"
        for label, se, predictivity, f1 in rates
        if label in {"N", "S", "V"}
    ]
    print(f"{name}: {'; '.join(parts)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--epochs", type=int, default=12, help="of each training")
    options = parser.parse_args()
    main(options.runs, options.epochs)
