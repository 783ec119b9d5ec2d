"""Figures, tables and pictures of beat classes on the whole product path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.datasets.matching import WHOLE
from converter.evaluation import plots
from converter.evaluation.scoring import AFTER_LEARNING, CLASSES, average, class_scores, total_matrix
from converter.evaluation.tables import Picture, Section, Table, percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.evaluation.product_path import Trial
    from converter.evaluation.scoring import ClassScore, RecordScore

__all__ = ["beats_section"]

_RATES = ("sensitivity", "predictivity", "predictivity_ec57", "false_positive_rate")
_SPANS = {"whole": ("whole records", WHOLE), "after_5_min": ("without the first 5 min", AFTER_LEARNING)}
_NOTES = (
    "e and j count as N (de Chazal et al. 2004); missed beats and false detections count",
    "FPR: share of what is not of the class that was called so. Mean: average over the records that have the figure",
    "EC57: fusion and unclassifiable beats called V, and unclassifiable beats called S, spoil neither +P nor FPR",
)


def beats_section(trial: Trial, model: str, notes: Sequence[str] = ()) -> Section:
    """How well the classes N S V F Q were told apart, whole records and without the first five minutes.

    Args:
        trial: with a model.
        model: its name for titles.
        notes: what a reader must know of the records.
    """
    whole = trial.scores()
    title = f"{model}, whole product path, {trial.scope}"
    tables = [_matrix_table(whole, f"{title}, whole records", _unclassified_note(trial))]
    figures: dict[str, Any] = {
        "labels": list(CLASSES),
        "confusion": total_matrix(whole).tolist(),
        "unclassified": {"beats": sum(trial.unclassified), "share": _unclassified_share(trial)},
    }
    for key, (span, spans_s) in _SPANS.items():
        scores = trial.scores(spans_s)
        figures[key] = _class_figures(scores)
        tables.append(_class_table(figures[key], f"{title}, {span}", [*_NOTES, *notes]))
    figures["by_record"] = {
        score.record: {"confusion": score.matrix.tolist(), **_record_rates(score)} for score in whole
    }
    tables.append(_record_table(whole, f"{title}, each record"))
    pictures = (
        Picture("beats_confusion.png", f"Confusion matrix: {title}", lambda path: _draw_matrix(whole, title, path)),
        Picture("beats_by_record.png", f"Each record: {title}", lambda path: _draw_records(whole, title, path)),
    )
    return Section("beats", figures, tuple(tables), pictures)


def _class_figures(scores: Sequence[RecordScore]) -> dict[str, Any]:
    whole = class_scores(total_matrix(scores))
    parts = [class_scores(score.matrix) for score in scores]
    return {
        score.label: {
            "beats": score.reference,
            "true": score.true,
            "called": score.called,
            "records": sum(part[number].reference > 0 for part in parts),
            "gross": _rates([score]),
            "average": _rates([part[number] for part in parts]),
        }
        for number, score in enumerate(whole)
    }


def _rates(scores: Sequence[ClassScore]) -> dict[str, float | None]:
    return {rate: average(getattr(score, rate) for score in scores) for rate in _RATES}


def _record_rates(score: RecordScore) -> dict[str, Any]:
    return {part.label: _rates([part]) for part in class_scores(score.matrix) if part.label in {"S", "V"}}


def _unclassified_share(trial: Trial) -> float | None:
    detections = sum(len(finding.beats.index) for finding in trial.findings)
    return sum(trial.unclassified) / detections if detections else None


def _unclassified_note(trial: Trial) -> str:
    return (
        f"{sum(trial.unclassified):,} beats ({percent(_unclassified_share(trial))} % of all detections) come from a "
        "bad stretch: the monitor left them unclassified, and they stand in column Q"
    )


def _matrix_table(scores: Sequence[RecordScore], title: str, note: str) -> Table:
    rows = [
        [name, *(f"{count:,}" for count in counts)]
        for name, counts in zip((*CLASSES, "no beat"), total_matrix(scores).tolist(), strict=True)
    ]
    rows[-1][-1] = ""
    return Table(title, ["reference \\ monitor", *CLASSES, "missed"], rows, [note])


def _class_table(figures: dict[str, Any], title: str, notes: Sequence[str]) -> Table:
    rows = [
        [
            label,
            f"{own['beats']:,}",
            str(own["records"]),
            *(percent(own[kind][rate]) for kind in ("gross", "average") for rate in _RATES),
        ]
        for label, own in figures.items()
    ]
    heads = ("Se %", "+P %", "+P EC57 %", "FPR %")
    return Table(title, ["class", "beats", "records", *heads, *(f"mean {head}" for head in heads)], rows, notes)


def _record_table(scores: Sequence[RecordScore], title: str) -> Table:
    rows = []
    for score in scores:
        classes = {part.label: part for part in class_scores(score.matrix)}
        found = score.detection
        cells = [score.record, f"{found.true + found.missed:,}", percent(found.error_rate)]
        for label in ("S", "V"):
            part = classes[label]
            cells += [f"{part.reference:,}", percent(part.sensitivity), percent(part.predictivity_ec57)]
        rows.append(cells)
    columns = ["record", "beats", "errors %", "S", "S Se %", "S +P EC57 %", "V", "V Se %", "V +P EC57 %"]
    return Table(title, columns, rows, ["Errors: (missed + false) / beats, whatever the class."])


def _draw_matrix(scores: Sequence[RecordScore], title: str, path: Path) -> None:
    plots.confusion_matrix(total_matrix(scores), CLASSES, title, path, beyond=("no beat", "missed"))


def _draw_records(scores: Sequence[RecordScore], title: str, path: Path) -> None:
    rows = {score.record: {part.label: part for part in class_scores(score.matrix)} for score in scores}
    bars = {
        f"{label} {head}": [getattr(rows[record][label], rate) for record in rows]
        for label in ("S", "V")
        for head, rate in (("Se", "sensitivity"), ("+P", "predictivity_ec57"))
    }
    plots.record_bars(list(rows), bars, title, path)
