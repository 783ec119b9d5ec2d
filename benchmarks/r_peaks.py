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
import tempfile
from pathlib import Path

from converter.data import ANNOTATOR, find_records
from converter.product_path import detection_figures, detection_row, replay_records, score_records
from converter.reports import Table, markdown, percent, show
from edge.errors import EcgEdgeError, InputError

WORST = 10
SPANS = {"whole records": (0.0, None), "without the first 5 min": (300.0, None), "first 10 s": (0.0, 10.0)}


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
        with tempfile.TemporaryDirectory() as scratch:
            figures, tables = measure(arguments.folder, arguments.channel, arguments.annotations or Path(scratch))
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


def measure(folder: Path, channel: str, annotations: Path) -> tuple[dict[str, object], list[Table]]:
    """Figures of each span, and the tables that show them."""
    records = [name for name in find_records(folder) if (folder / f"{name}.{ANNOTATOR}").is_file()]
    if not records:
        raise InputError(f"{folder} has no reference annotations (*.{ANNOTATOR})")
    replay_records(folder, records, annotations, classifier=None, channel=channel)
    figures: dict[str, object] = {}
    rows = []
    for span, (skip_s, until_s) in SPANS.items():
        found = detection_figures(score_records(folder, records, annotations, skip_s=skip_s, until_s=until_s))
        figures[span] = found
        rows.append(detection_row(found, first=span))
    columns = ["", "beats", "missed", "false", "Se %", "+P %", "errors %", "mean Se %", "mean +P %", "mean errors %"]
    title = f"R peaks, {folder.name}, {len(records)} records, signal {channel}, 150 ms, labels from .{ANNOTATOR}"
    return figures, [Table(title, columns, rows), _worst(folder, records, annotations)]


def _worst(folder: Path, records: list[str], annotations: Path) -> Table:
    """The records with the most errors."""
    scores = score_records(folder, records, annotations)
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
