"""The same kind of model under both published protocols: what a split at random promises, and what patients get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from converter.evaluation.tables import Section, Table, percent
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["leakage_section", "read_results"]


def read_results(path: Path) -> dict[str, Any] | None:
    """Figures on the test part out of the `metrics.json` of a training run, and its epochs; None where there is none.

    Raises:
        InputError: the file is something else.
    """
    try:
        results = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        test = {key: results["test"][key] for key in ("beats", "accuracy", "macro_f1", "labels", "classes")}
        return {**test, "epochs": results["epochs"]}
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, KeyError) as error:
        raise InputError(f"{path} is not the metrics.json of a finished training run ({error})") from error


def leakage_section(random: Mapping[str, Any], between: Mapping[str, Any] | None, model: str) -> Section:
    """Both protocols side by side, and their difference.

    Args:
        random: figures (`converter.evaluation.metrics.summary`) of the split at random.
        between: of the split between patients; None where they were not measured.
        model: name for the title.
    """
    sides = {"random split": random} if between is None else {"random split": random, "DS1 / DS2": between}
    rows = [
        ["beats", *(f"{side['beats']:,}" for side in sides.values()), ""],
        ["accuracy %", *_row([side["accuracy"] for side in sides.values()])],
        ["macro F1 %", *_row([side["macro_f1"] for side in sides.values()])],
    ]
    for label in random["labels"]:
        for head, rate in (("Se", "sensitivity"), ("+P", "predictivity")):
            values = [side["classes"].get(label, {}).get(rate) for side in sides.values()]
            rows.append([f"{label} {head} %", *_row(values)])
    note = (
        "The leakage, in points: what the split at random shows more, since the same patients are on both sides of "
        "it; its beats are cut around annotated R peaks, the others around the monitor's own"
    )
    if between is None:
        note = (
            "DS1 / DS2 was not measured with a model of this size, so the size of the leakage is not known here: "
            "`ecg-converter train resecanet-mitbih6 --protocol inter-patient` leaves the figures in its metrics.json"
        )
    title = f"{model}, first channel of mitdb, labels from .atr"
    figures = {"random": dict(random), "between_patients": None if between is None else dict(between)}
    return Section("protocols", figures, (Table(title, ["", *sides, "leakage"], rows, [note]),))


def _row(values: list[float | None]) -> list[str]:
    """Each side's share, and how much the first shows more, in points."""
    known = [value for value in values if value is not None]
    more = f"{100 * (known[0] - known[1]):+.2f}" if len(known) == 2 else "-"
    return [*map(percent, values), more]
