"""How well atrial fibrillation is told: the daemon's pipeline with the shipped model over `mitdb` and `cinc2017`.

    python benchmarks/fibrillation.py FOLDER        (with FOLDER/mitdb, FOLDER/cinc2017 or both)

`mitdb`: the rhythm notes of `ecg-edge replay --annotations` against those of the reference (`(AFIB`), after ANSI/AAMI
EC57: the share of its time that was found (Se), the share of all other time that was not called so (Sp), episodes
found, and episodes told that are right. Only episodes of 30 s and more count. Shorter ones of the reference are neither
asked for nor wrong, and neither is atrial flutter (`(AFL`). DS1 was developed on, DS2 not; the four paced records are
in neither.

`cinc2017` (Clifford et al. 2017; NAME.mat at 300 Hz, 1000 units a mV, and REFERENCE-v3.csv): a recording of 9 to 60 s
is called A where the monitor's rhythm is atrial fibrillation at its end, with a hold time of 0.5 s in place of 30. The
rule looks back over 32 intervals, so that its last judgement is on most of the recording. A is held against N and O;
noisy ones (~) are counted and not judged. The half whose names have an even CRC-32 was developed on.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from converter.data import find_records
from converter.protocols import DS1, DS2
from converter.reports import Table, markdown, percent, show
from edge.config import RhythmSettings, Settings
from edge.errors import EcgEdgeError, InputError
from edge.inference import Classifier, load_classifier
from edge.pipeline import Pipeline
from edge.replay import replay
from edge.samples import SAMPLE_RATE_HZ, Rhythm, RhythmChange, SampleBlock
from edge.wfdb.annotations import read_annotations

MITDB_SAMPLES = 650_000
LEAST = 30 * SAMPLE_RATE_HZ
CINC_RATE_HZ = 300
CINC_UNITS_A_MV = 1000
CINC_HOLD_S = 0.5

Spans = list[tuple[int, int]]
Mask = NDArray[np.bool_]


@dataclass
class Episodes:
    """Counts and seconds of one record, or added up over several."""

    reference: int = 0
    found: int = 0
    told: int = 0
    right: int = 0
    reference_s: float = 0.0
    found_s: float = 0.0
    other_s: float = 0.0
    false_s: float = 0.0

    def add(self, other: Episodes) -> None:
        """Count another record's in."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def cells(self) -> list[str]:
        """As a row of the table."""
        return [
            f"{self.reference_s / 60:.1f}",
            percent(_share(self.found_s, self.reference_s)),
            percent(1 - self.false_s / self.other_s),
            f"{self.false_s:.0f}",
            f"{self.found} of {self.reference}",
            f"{self.right} of {self.told}",
        ]


def main() -> int:
    """Measure what is there, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds mitdb, cinc2017 or both")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    figures: dict[str, object] = {}
    tables = []
    try:
        classifier = load_classifier()
        for name, measure in (("mitdb", measure_mitdb), ("cinc2017", measure_cinc)):
            if (arguments.folder / name).is_dir():
                figures[name], table = measure(arguments.folder / name, classifier)
                tables.append(table)
        if not tables:
            raise InputError(f"{arguments.folder} holds neither mitdb nor cinc2017")
    except EcgEdgeError as error:
        print(f"fibrillation: {error}", file=sys.stderr)
        return int(error.exit_code)
    for table in tables:
        if arguments.markdown:
            print(markdown(table))
        else:
            show(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure_mitdb(folder: Path, classifier: Classifier) -> tuple[dict[str, object], Table]:
    """Each record with fibrillation or false calls, and the parts and the whole of the database."""
    records = find_records(folder)
    groups = {name: Episodes() for name in ("DS1", "DS2", "all")}
    single = {}
    with tempfile.TemporaryDirectory() as scratch:
        for record in records:
            replay([folder / record], settings=Settings(), classifier=classifier, annotations=Path(scratch))
            truth = _rhythms(folder / f"{record}.atr")
            score = _compare(
                truth.get("(AFIB", []),
                truth.get("(AFL", []),
                _rhythms(Path(scratch, f"{record}.edge")).get("(AFIB", []),
            )
            groups["all"].add(score)
            for group, members in (("DS1", DS1), ("DS2", DS2)):
                if record in members:
                    groups[group].add(score)
            if score.reference_s or score.false_s:
                single[record] = score
    rows = [[name, *score.cells()] for name, score in {**single, **groups}.items()]
    columns = ["", "AF min", "Se %", "Sp %", "false s", "episodes found", "told and right"]
    title = f"Atrial fibrillation of 30 s and more, {folder.name}, {len(records)} records, first signal"
    notes = ["Records that are not named have no fibrillation, and none was told."]
    return {name: asdict(score) for name, score in {**single, **groups}.items()}, Table(title, columns, rows, notes)


def _rhythms(path: Path) -> dict[str, Spans]:
    changes = [note for note in read_annotations(path) if note.symbol == "+"]
    ends = [note.sample for note in changes[1:]] + [MITDB_SAMPLES]
    spans: dict[str, Spans] = {}
    for note, end in zip(changes, ends, strict=True):
        spans.setdefault(note.aux, []).append((note.sample, end))
    return spans


def _compare(reference: Spans, flutter: Spans, told: Spans) -> Episodes:
    real = _mask(reference)  # the short episodes, too: there the monitor is never wrong
    reference = [span for span in reference if span[1] - span[0] >= LEAST]
    told = [span for span in told if span[1] - span[0] >= LEAST]
    is_told, judged = _mask(told), ~_mask(flutter)
    return Episodes(
        reference=len(reference),
        found=sum(bool(is_told[start:end].any()) for start, end in reference),
        told=sum(bool(judged[start:end].any()) for start, end in told),
        right=sum(bool((real & judged)[start:end].any()) for start, end in told),
        reference_s=_mask(reference).sum() / SAMPLE_RATE_HZ,
        found_s=(_mask(reference) & is_told).sum() / SAMPLE_RATE_HZ,
        other_s=(judged & ~real).sum() / SAMPLE_RATE_HZ,
        false_s=(judged & ~real & is_told).sum() / SAMPLE_RATE_HZ,
    )


def _mask(spans: Spans) -> Mask:
    mask = np.zeros(MITDB_SAMPLES, dtype=np.bool_)
    for start, end in spans:
        mask[start:end] = True
    return mask


def measure_cinc(folder: Path, classifier: Classifier) -> tuple[dict[str, object], Table]:
    """Both halves and the whole."""
    with (folder / "REFERENCE-v3.csv").open(encoding="utf-8", newline="") as file:
        labels = {name: label for name, label in csv.reader(file) if (folder / f"{name}.mat").is_file()}
    called = {name: _ends_in_fibrillation(folder / f"{name}.mat", classifier) for name in labels}
    developed = {name for name in labels if zlib.crc32(name.encode()) % 2 == 0}
    parts = {"developed on": developed, "other half": set(labels) - developed, "all": set(labels)}
    figures: dict[str, object] = {}
    rows = []
    for part, names in parts.items():
        counts = {label: sum(labels[name] == label for name in names) for label in "ANO~"}
        told = {label: sum(labels[name] == label and called[name] for name in names) for label in "ANO~"}
        others, false = counts["N"] + counts["O"], told["N"] + told["O"]
        rates = {
            "sensitivity": _share(told["A"], counts["A"]),
            "specificity": 1 - false / others if others else None,
            "predictivity": _share(told["A"], told["A"] + false),
            "f1": _share(2 * told["A"], counts["A"] + told["A"] + false),
        }
        figures[part] = {"recordings": counts, "called": told, **rates}
        cells = [f"{told[label]} of {counts[label]}" for label in "ANO~"]
        rows.append([part, *cells, *(percent(rate) for rate in rates.values())])
    columns = ["", "A called A", "N", "O", "~", "Se %", "Sp %", "+P %", "F1(A) %"]
    return figures, Table(f"Atrial fibrillation, {folder.name}, {len(labels):,} recordings", columns, rows)


def _ends_in_fibrillation(path: Path, classifier: Classifier) -> bool:
    samples_mv = loadmat(path)["val"][0] / CINC_UNITS_A_MV
    rhythm = msgspec.structs.replace(RhythmSettings(), atrial_fibrillation_s=CINC_HOLD_S)
    settings = msgspec.structs.replace(Settings(), rhythm=rhythm)
    pipeline = Pipeline(rate_hz=CINC_RATE_HZ, settings=settings, classifier=classifier)
    events = pipeline.push(SampleBlock(first_index=0, samples_mv=samples_mv)) + pipeline.finish()
    changes = [event.rhythm for event in events if isinstance(event, RhythmChange)]
    return changes[-1:] == [Rhythm.ATRIAL_FIBRILLATION]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


if __name__ == "__main__":
    sys.exit(main())
