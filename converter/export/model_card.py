"""The model card: what a model file is, for people, as Markdown beside it (after Mitchell et al. 2019, Model Cards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.evaluation import metrics
from ecg.model_file.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecg.model_file.card import AnswerResults, DataSource, Figures, ModelCard

__all__ = ["render"]

_MOST_RECORDS = 100
"""Records of a data set that are named one by one."""
_SUPERCLASSES = {
    "NORM": "normal ECG",
    "MI": "myocardial infarction",
    "STTC": "changes of ST and T",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
    "MI-or-STTC": "infarction or changes of ST and T, the earlier systems' positive class",
}
_LABEL_MEANINGS = {
    "aami5": {
        "N": "normal, and bundle branch block",
        "S": "supraventricular premature",
        "V": "ventricular premature",
        "F": "fusion of ventricular and normal",
        "Q": "paced, unclassifiable, or no beat at all",
    },
    "mitbih6": {
        "N": "normal",
        "L": "left bundle branch block",
        "R": "right bundle branch block",
        "A": "atrial premature",
        "V": "ventricular premature",
        "/": "paced",
    },
    "waves-or-none": {"P": "P wave", "QRS": "QRS complex", "T": "T wave", "none": "none of them"},
    "twelve-lead": _SUPERCLASSES,
    "lead": _SUPERCLASSES,
}


def render(card: ModelCard, size_bytes: int, *, architecture: str, results: str = "") -> str:
    """The card of a model file as Markdown.

    Args:
        card: of the file.
        size_bytes: of the file.
        architecture: what kind of network it is, in words.
        results: of a task whose results are no confusion matrix, as Markdown; empty: those of the card.
    """
    sections = [
        _summary(card, architecture),
        _shape(card, size_bytes),
        _labels(card),
        _data(card),
        f"## Results\n\n{results}" if results else _results(card),
        _limits(card),
    ]
    if card.training.rebuild:
        commands = "\n".join(f"    {command}" for command in card.training.rebuild)
        sections.append(f"## How to make it again\n\n{commands}")
    sections.append(f"## Licence\n\n{card.licence}; the data sets have their own, above.")
    return "\n\n".join(sections) + "\n"


def _summary(card: ModelCard, architecture: str) -> str:
    return (
        f"# {card.name} {card.version}\n\n"
        f"A {architecture} that {TASKS[card.task].purpose}, in int8. **Not a medical device**: it was tested on the "
        "recordings named here and on nothing else, and no one may rely on it for diagnosis or care."
    )


def _shape(card: ModelCard, size_bytes: int) -> str:
    rows = [
        ("file", f"`{card.name}.tflite`, {size_bytes / 1000:.0f} kB"),
        ("SHA-256 of the flatbuffer", f"`{card.flatbuffer_sha256}`"),
        ("parameters", f"{card.parameters:,}"),
        (f"multiply-accumulates {_one(TASKS[card.task].example)}", f"{card.multiply_accumulates:,}"),
    ]
    if card.sample_rate_hz is not None:
        rows.append(("sample rate", f"{card.sample_rate_hz:g} Hz"))
    if card.window is not None:
        before, after = card.window.before, card.window.after
        rows.append(("beat", f"{before} samples before the R peak, the peak, {after} after it"))
    if card.normalisation is not None:
        rows.append(("normalisation", f"`{card.normalisation}` (`edge/inference/inputs.py`)"))
    rows += [
        ("inputs", ", ".join(f"`{spec.name}` {_dimensions(spec.shape)}" for spec in card.inputs)),
        (
            "output",
            f"`{' '.join(card.labels)}`, {'log odds' if card.calibration else 'probabilities in steps of 1/256'}",
        ),
    ]
    if card.rhythm_features:
        rows.append(("rhythm features", ", ".join(f"`{name}`" for name in card.rhythm_features)))
        rows.append(("interval network", f"`{card.interval_network}` (`edge/inference/intervals.py`)"))
    rows += [("also", f"`{spec.name}` {_dimensions(spec.shape)}") for spec in card.further_outputs]
    rows += [("signature", f"`{signature}`, float32, of the same weights") for signature in card.signatures]
    for label, each in zip(card.labels, card.calibration, strict=bool(card.calibration)):
        rows.append((f"calibration of `{label}`", f"slope {each.slope:g}, offset {each.offset:g}"))
    rows += [(f"abstains by: {name}", f"{value:g}") for name, value in card.abstention.items()]
    return "## What it is\n\n" + _table(("", ""), rows)


def _labels(card: ModelCard) -> str:
    training = card.training
    what = "waves" if card.task == "delineation" else f"{TASKS[card.task].example}s"
    meanings = _LABEL_MEANINGS.get(card.label_set, {}) or _LABEL_MEANINGS.get(card.task, {})
    rows = [
        (
            f"`{label}`",
            meanings.get(label, label),
            f"{training.train_beats.get(label, 0):,}",
            f"{training.test_beats.get(label, 0):,}",
        )
        for label in card.labels
    ]
    return (
        "## Labels\n\n"
        + _table(("label", "meaning", f"training {what}", f"test {what}"), rows)
        + f"\n\nLabels come from: {training.label_source}"
    )


def _data(card: ModelCard) -> str:
    training = card.training
    rows = [
        (
            use,
            source.name,
            f"{len(source.records)}",
            source.licence,
            source.citation,
            f"`{source.sha256 or 'not computed'}`",
        )
        for use, sources in (("training", training.train_data), ("test", training.test_data))
        for source in sources
    ]
    text = f"## Data and protocol\n\nProtocol `{training.protocol}`, seed {training.seed}.\n\n"
    text += _table(("use", "data set", "records", "licence", "cite", "SHA-256"), rows)
    for use, sources in (("Training", training.train_data), ("Test", training.test_data)):
        text += "".join(f"\n\n{use} records of {source.name}: {_records(source)}." for source in sources)
    return text


def _results(card: ModelCard) -> str:
    results = card.results
    if card.answers is not None:
        return _answers(card.answers)
    if results is None:
        return "## Results\n\nNot tested."
    figures = (("float", results.float_model), ("int8", results.int8_model))
    rows = [(name, f"{100 * figure.accuracy:.2f} %", f"{figure.macro_f1:.4f}") for name, figure in figures]
    same = 100 * results.label_agreement
    difference = 100 * (results.int8_model.accuracy - results.float_model.accuracy)
    return "\n\n".join(
        (
            f"## Results\n\nOn {results.tested_on}.",
            _table(("model", "accuracy", "macro F1"), rows),
            f"int8 against float: {difference:+.2f} points, the same label on {same:.2f} % of beats.",
            "Each class, int8:",
            _classes(card.labels, results.int8_model),
            "Confusion matrix, int8 (rows: the true label, columns: the answer):",
            _table(
                ("", *(f"`{label}`" for label in card.labels)),
                (
                    (f"`{label}`", *(f"{beats:,}" for beats in row))
                    for label, row in zip(card.labels, results.int8_model.confusion, strict=True)
                ),
            ),
        )
    )


def _answers(results: AnswerResults) -> str:
    rows = [
        (
            f"`{label}`",
            f"{each.examples:,}",
            _three(each.auc) + ("" if each.auc_95 is None else " ({:.3f} to {:.3f})".format(*each.auc_95)),
            _three(each.float_auc),
            _three(each.ece),
            _three(each.brier),
        )
        for label, each in results.answers.items()
    ]
    head = ("label", "shown by", "AUC, int8 (95 % interval)", "AUC, float", "ECE, int8", "Brier, int8")
    notes = "\n".join(f"- {note}" for note in results.notes)
    return f"## Results\n\nOn {results.tested_on}.\n\n{_table(head, rows)}\n\n{notes}"


def _one(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"


def _three(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _classes(labels: tuple[str, ...], figures: Figures) -> str:
    matrix = np.array(figures.confusion, dtype=np.int64)
    columns = zip(
        labels, metrics.sensitivity(matrix), metrics.predictivity(matrix), metrics.f1_scores(matrix), strict=True
    )
    rows = [(f"`{label}`", *(_percent(share) for share in shares)) for label, *shares in columns]
    return _table(("label", "sensitivity", "positive predictivity", "F1"), rows)


def _limits(card: ModelCard) -> str:
    limits = card.training.limits
    if card.task == "beat":
        limits += (
            "A beat from a bad stretch of signal is not shown to the model; the figures are of beats that were shown.",
        )
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _percent(share: float | None) -> str:
    return "no beats" if share is None else f"{100 * share:.1f} %"


def _records(source: DataSource) -> str:
    if len(source.records) > _MOST_RECORDS:
        return f"{len(source.records)}, which `ecg-converter inspect --json` names"
    return " ".join(source.records)


def _dimensions(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
