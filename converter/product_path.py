"""The whole product path over recordings: what `ecg-edge replay --annotations` does, scored against the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from converter.annotations import read_beats
from converter.data import read_rate_hz
from converter.progress import bars
from converter.reports import Table, percent
from converter.scoring import CLASSES, average, class_scores, detection_score, score_record
from edge.config import Settings
from edge.errors import InputError
from edge.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.annotations import IntArray
    from converter.scoring import ClassScore, DetectionScore, RecordScore
    from edge.inference import Classifier

__all__ = [
    "class_figures",
    "class_table",
    "detection_figures",
    "detection_row",
    "matrix_table",
    "replay_records",
    "score_records",
    "total",
]


def replay_records(
    folder: Path, records: Sequence[str], annotations: Path, *, classifier: Classifier | None, channel: str = "0"
) -> None:
    """Run the daemon's pipeline over records; each leaves `annotations/RECORD.edge`.

    Args:
        folder: of the data set.
        records: names below it.
        annotations: where the annotation files go.
        classifier: None leaves every beat unclassified (Q).
        channel: signal by name or number.

    Raises:
        InputError: a record cannot be read to its end.
    """
    with bars() as display:
        task = display.add_task("replaying", total=len(records), note="")
        for record in records:
            display.update(task, note=record)
            results = replay(
                [folder / record], settings=Settings(), classifier=classifier, channel=channel, annotations=annotations
            )
            if results[0].error is not None:
                raise InputError(f"record {record}: {results[0].error}")
            display.advance(task)


def score_records(
    folder: Path, records: Sequence[str], annotations: Path, *, skip_s: float = 0.0, until_s: float | None = None
) -> list[RecordScore]:
    """Compare the annotation files that a replay left with the reference's (`atr`).

    Args:
        folder: of the data set.
        records: names below it.
        annotations: where the replay left its files.
        skip_s: this much from the start is left out.
        until_s: what lies later is left out.

    Raises:
        InputError: an annotation file is missing.
    """
    scores = []
    for record in records:
        rate_hz = read_rate_hz(folder, record)
        reference = read_beats(folder / record, rate_hz=rate_hz)
        test = read_beats(annotations / record.rpartition("/")[2], "edge", rate_hz=rate_hz)
        scores.append(score_record(record, reference, test, skip_s=skip_s, until_s=until_s))
    return scores


def total(scores: Sequence[RecordScore]) -> IntArray:
    """The matrices of all records added up."""
    return np.asarray(np.sum([score.matrix for score in scores], axis=0), dtype=np.int64)


def detection_figures(scores: Sequence[RecordScore]) -> dict[str, Any]:
    """How well R peaks were found, JSON-able: gross over all beats, and averaged over the records."""
    whole = detection_score(total(scores))
    parts = [score.detection for score in scores]
    return {
        "records": len(scores),
        "beats": whole.true + whole.missed,
        "missed": whole.missed,
        "false": whole.false,
        "gross": _detection_rates([whole]),
        "average": _detection_rates(parts),
    }


def class_figures(scores: Sequence[RecordScore]) -> dict[str, Any]:
    """How well the classes N S V F Q were told apart, JSON-able: gross, and averaged over records."""
    whole = class_scores(total(scores))
    parts = [class_scores(score.matrix) for score in scores]
    return {
        score.label: {
            "beats": score.reference,
            "true": score.true,
            "called": score.called,
            "records": sum(part[number].reference > 0 for part in parts),
            "gross": _class_rates([score]),
            "average": _class_rates([part[number] for part in parts]),
        }
        for number, score in enumerate(whole)
    }


def detection_row(figures: dict[str, Any], *, first: str) -> list[str]:
    """Cells of a table row: `first`, beats, missed, false, then Se, +P and errors gross and averaged, in percent."""
    counts = (f"{figures[key]:,}" for key in ("beats", "missed", "false"))
    rates = (
        percent(figures[kind][rate], 3)
        for kind in ("gross", "average")
        for rate in ("sensitivity", "predictivity", "error_rate")
    )
    return [first, *counts, *rates]


def matrix_table(scores: Sequence[RecordScore], title: str) -> Table:
    """The added matrices: reference classes in rows, the monitor's in columns."""
    rows = [
        [name, *(f"{count:,}" for count in counts)]
        for name, counts in zip((*CLASSES, "no beat"), total(scores).tolist(), strict=True)
    ]
    rows[-1][-1] = ""
    return Table(title, ["reference \\ monitor", *CLASSES, "missed"], rows)


def class_table(scores: Sequence[RecordScore], title: str) -> Table:
    """Each class's sensitivity and predictivity, gross and averaged over records."""
    rows = [
        [
            label,
            f"{figures['beats']:,}",
            str(figures["records"]),
            *(
                percent(figures[kind][rate])
                for kind in ("gross", "average")
                for rate in ("sensitivity", "predictivity", "predictivity_ec57")
            ),
        ]
        for label, figures in class_figures(scores).items()
    ]
    columns = ["class", "beats", "records", "Se %", "+P %", "+P EC57 %", "mean Se %", "mean +P %", "mean +P EC57 %"]
    notes = [
        "Missed beats and false detections count. Mean: average over the records where the figure is defined.",
        "EC57: fusion and unclassifiable beats called V, and unclassifiable beats called S, do not count against +P.",
    ]
    return Table(title, columns, rows, notes)


def _detection_rates(scores: Sequence[DetectionScore]) -> dict[str, float | None]:
    return {
        "sensitivity": average(score.sensitivity for score in scores),
        "predictivity": average(score.predictivity for score in scores),
        "error_rate": average(score.error_rate for score in scores),
    }


def _class_rates(scores: Sequence[ClassScore]) -> dict[str, float | None]:
    return {
        "sensitivity": average(score.sensitivity for score in scores),
        "predictivity": average(score.predictivity for score in scores),
        "predictivity_ec57": average(score.predictivity_ec57 for score in scores),
    }
