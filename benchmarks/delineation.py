"""Bounds of P, QRS and T: the reader's network against neurokit2's wavelets, and openecg where it is installed.

    pip install '.[converter]'; pip install openecg
    ecg-converter train delineation --data ~/recordings/ludb --data ~/recordings/qtdb --out runs/delineation
    python benchmarks/delineation.py ~/recordings runs/delineation --json delineation.json

Each record is delineated by the int8 network of the fold that did not learn from it. neurokit2 is shown both leads of
the QT Database, and of LUDB lead II: it takes 0.3 s for each lead. openecg learned from LUDB but for
the records of its own split, and from the QT Database: it is compared on that split of LUDB alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from converter import backend
from converter.datasets.catalogue import Catalogue
from converter.evaluation.delineators import by_network, by_wavelets
from converter.evaluation.tables import markdown, show
from converter.evaluation.wave_bounds import merge
from converter.evaluation.wave_tests import around_marks, bounds_table, by_record, score_records, summary
from ecg.errors import EcgEdgeError
from reader.measure.preparation import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from converter.datasets.wave_marks import MarkedLead
    from converter.evaluation.wave_bounds import BoundScore, Places
    from converter.evaluation.wave_tests import Delineator
    from ecg.samples import FloatArray

MARTINEZ_MS = {"P": (50, 50), "QRS": (40, 40), "T": (50, 100)}
"""Tolerances of begin and end by which openecg tells its F1."""


def main() -> int:
    """Delineate, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, help="folder of ludb/ and qtdb/")
    parser.add_argument("run", type=Path, help="folder of a training of the delineation network")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    backend.load(1)
    try:
        figures = compare(arguments.recordings, arguments.run)
    except EcgEdgeError as error:
        print(f"delineation: {error}", file=sys.stderr)
        return int(error.exit_code)
    for title, choices in figures.items():
        for choice, bounds in choices.items():
            table = bounds_table(f"{title}, {choice}", bounds)
            if arguments.markdown:
                print(markdown(table))
            else:
                show(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def compare(recordings: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Figures by database and delineator, then by the choice of leads, then by bound."""
    from converter.training.waves.train import DATASETS, WaveRun, fold_of, read_marked  # noqa: PLC0415 - needs Keras

    run = WaveRun(folder)
    run.metrics()  # refuses a run that is not finished
    marked = read_marked(Catalogue().resolve([str(recordings / name) for name in DATASETS], DATASETS))
    folds = {name: fold_of(leads, run.settings().folds) for name, leads in marked.items()}
    networks = [_int8_network(run, fold, marked, folds) for fold in range(run.settings().folds)]
    figures: dict[str, dict[str, Any]] = {}
    for name, leads in marked.items():
        records = by_record(around_marks(lead) for lead in leads if lead.known)
        parts = [
            score_records(
                [record for record in records if folds[name][record[0].record] == fold],
                by_network(network),
                f"{name}: network, fold {fold + 1}",
            )
            for fold, network in enumerate(networks)
        ]
        figures[f"{name}: network"] = _figures(merge(parts))
    figures["qtdb: neurokit2"] = _figures(
        score_records(by_record(map(around_marks, marked["qtdb"])), by_wavelets, "qtdb")
    )
    lead_ii = [lead for lead in marked["ludb"] if lead.lead.upper() == "II"]
    figures |= _on_lead_ii(lead_ii, "ludb, lead II", networks, folds["ludb"], {"neurokit2": by_wavelets})
    held_out = _openecg_records(recordings / "ludb")
    if held_out:
        lead_ii = [lead for lead in lead_ii if lead.record in held_out]
        where = f"lead II of {len(lead_ii)} records of ludb that openecg held out"
        figures |= _on_lead_ii(lead_ii, where, networks, folds["ludb"], {"openecg": _by_openecg})
    return figures


def _on_lead_ii(
    leads: Sequence[MarkedLead],
    where: str,
    networks: Sequence[Callable[[FloatArray], FloatArray]],
    folds: Mapping[str, int],
    others: Mapping[str, Delineator],
) -> dict[str, dict[str, Any]]:
    """The network, which sees that lead alone, and others on the same leads."""
    records = by_record(leads)
    parts = [
        score_records([record for record in records if folds[record[0].record] == fold], by_network(network), where)
        for fold, network in enumerate(networks)
    ]
    found = {f"{where}: network": _figures(merge(parts))}
    return found | {f"{where}: {who}": _figures(score_records(records, each, where)) for who, each in others.items()}


def _openecg_records(ludb: Path) -> frozenset[str]:
    """The records of LUDB that openecg held out of its training, named as ours; none where it is not installed."""
    try:
        from openecg.ludb import load_metadata, stratified_split  # noqa: F401, PLC0415
    except ImportError:
        return frozenset()
    import openecg.ludb  # noqa: PLC0415

    openecg.ludb.ensure_extracted = lambda: ludb
    return frozenset(f"ludb/{number}" for number in stratified_split()["val"])


def _by_openecg(leads: Sequence[MarkedLead]) -> Mapping[str, Places]:
    """What openecg's int8 network finds in each lead, of which it is shown 10 s at 250 Hz; it tells no peaks."""
    from openecg.deploy import Inference  # noqa: PLC0415

    network = Inference()
    found = {}
    for lead in leads:
        prepared = prepare(lead.samples_mv, lead.rate_hz)
        places: Places = {f"{kind} {what}": [] for kind in ("P", "QRS", "T") for what in ("onset", "peak", "end")}
        for number, window in enumerate(network.predict(prepared.samples_mv[:2500].astype(np.float32))):
            for wave in window:
                for what, sample in (("onset", wave.start), ("end", wave.end), ("peak", (wave.start + wave.end) / 2)):
                    places[f"{wave.name} {what}"].append((number * 2500 + sample) * prepared.period_s * 1000)
        found[lead.lead] = places
    return found


def _int8_network(
    run: Any, fold: int, marked: Mapping[str, Sequence[MarkedLead]], folds: Mapping[str, Mapping[str, int]]
) -> Callable[[FloatArray], FloatArray]:
    """The network of a fold in int8, its ranges shown by the records that it learned from."""
    from converter.export.waves import as_int8  # noqa: PLC0415
    from converter.release.waves import representative_windows  # noqa: PLC0415 - needs Keras
    from converter.zoo import wave_network  # noqa: PLC0415

    learned = {name: [each for each in leads if folds[name][each.record] != fold] for name, leads in marked.items()}
    model = wave_network.build()
    model.load_weights(run.fold_path(fold))
    return as_int8(model, representative_windows(learned))


def _figures(scores: Mapping[str, Mapping[str, BoundScore]]) -> dict[str, Any]:
    return {choice: {**summary(each), "macro_f1_martinez": _macro_f1(each)} for choice, each in scores.items()}


def _macro_f1(scores: Mapping[str, BoundScore]) -> float:
    """Mean F1 of begins and ends with the tolerances of Martinez et al. 2004."""
    found = [
        scores[f"{kind} {what}"].f1_within(tolerance_ms)
        for kind, pair in MARTINEZ_MS.items()
        for what, tolerance_ms in zip(("onset", "end"), pair, strict=True)
    ]
    return round(float(np.mean(found)), 4)


if __name__ == "__main__":
    sys.exit(main())
