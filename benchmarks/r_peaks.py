"""How well R peaks are found: the daemon's pipeline over every record of a database, scored after EC57 (150 ms).

    python benchmarks/r_peaks.py ~/recordings/mitdb
    python benchmarks/r_peaks.py ~/recordings/svdb --channel 1 --json svdb.json

The annotation files are those of `ecg-edge replay RECORD... --annotations DIR`, read back from disk. Beats are not
classified: what is measured is where they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from converter.datasets.folders import ANNOTATOR, find_records
from converter.evaluation.product_path import Trial, run_trial
from converter.evaluation.r_peaks import r_peaks_section
from converter.evaluation.tables import Table, markdown, percent, show
from ecg.errors import EcgEdgeError, InputError

WORST = 10


def main() -> int:
    """Replay, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of WFDB records with reference annotations (.atr)")
    parser.add_argument("--channel", default="0", help="signal by name or number")
    parser.add_argument("--annotations", type=Path, help="keep the annotation files here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    try:
        figures, tables = measure(arguments.folder, arguments.channel, arguments.annotations)
    except EcgEdgeError as error:
        print(f"r_peaks: {error}", file=sys.stderr)
        return int(error.exit_code)
    for table in tables:
        if arguments.markdown:
            print(markdown(table))
        else:
            show(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(folder: Path, channel: str, annotations: Path | None) -> tuple[dict[str, object], list[Table]]:
    """Figures of each span, and the tables that show them."""
    records = [name for name in find_records(folder) if (folder / f"{name}.{ANNOTATOR}").is_file()]
    if not records:
        raise InputError(f"{folder} has no reference annotations (*.{ANNOTATOR})")
    trial = run_trial(folder, records, classifier=None, dataset=folder.name, channel=channel, annotations=annotations)
    section = r_peaks_section(trial)
    return section.figures, [*section.tables, _worst(trial)]


def _worst(trial: Trial) -> Table:
    """The records with the most errors."""
    scores = trial.scores()
    scores.sort(key=lambda score: -(score.detection.missed + score.detection.false))
    rows = [
        [
            score.record,
            f"{score.detection.true + score.detection.missed:,}",
            f"{score.detection.missed:,}",
            f"{score.detection.false:,}",
            percent(score.detection.sensitivity, 3),
            percent(score.detection.predictivity, 3),
        ]
        for score in scores[:WORST]
    ]
    return Table(
        f"The {len(rows)} records with most errors", ["record", "beats", "missed", "false", "Se %", "+P %"], rows
    )


if __name__ == "__main__":
    sys.exit(main())
