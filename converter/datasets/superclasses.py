"""What each recording of PTB-XL shows, in the five superclasses of its authors.

Wagner et al. 2020: every diagnostic statement belongs to one superclass; a recording shows those of all its
statements, whatever likelihood they bear (Strodthoff et al. 2021, Deep learning for ECG analysis, IEEE JBHI 25(5)).
"""

from __future__ import annotations

import ast
import csv
from typing import TYPE_CHECKING, Final, NamedTuple

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CLASSES", "STATEMENT_CLASSES", "TABLE", "Label", "read_labels"]

CLASSES: Final = ("NORM", "MI", "STTC", "CD", "HYP")
"""Normal; myocardial infarction; ST and T changes; conduction disturbance; hypertrophy."""
TABLE: Final = "superclasses.csv"
"""A table of superclasses, which goes before what statements give."""
STATEMENT_CLASSES: Final = "scp_statements.csv"
"""PTB-XL's table of statements with their superclasses."""


class Label(NamedTuple):
    """A recording's patient, fold of PTB-XL (1 to 10) and superclasses, in the order of `CLASSES`."""

    patient: int
    fold: int
    shows: tuple[bool, ...]


def read_labels(folder: Path, statements: str) -> dict[int, Label]:
    """The labels by `ecg_id`, of recordings that show at least one superclass.

    Args:
        folder: with `superclasses.csv`; or with PTB-XL's own two tables.
        statements: name of PTB-XL's table of recordings.

    Raises:
        InputError: neither is there, or one is not what it should be.
    """
    path = folder / TABLE
    try:
        if path.is_file():
            return {
                int(row["ecg_id"]): _label(row, {name for name in CLASSES if row[name] == "1"}) for row in _rows(path)
            }
        path = folder / STATEMENT_CLASSES
        classes = {row[""]: row["diagnostic_class"] for row in _rows(path) if row["diagnostic_class"]}
        path = folder / statements
        labels = {
            int(row["ecg_id"]): _label(
                row, {classes[code] for code in ast.literal_eval(row["scp_codes"]) if code in classes}
            )
            for row in _rows(path)
        }
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    except (KeyError, ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise InputError(f"{path} is not the table of PTB-XL that its name says ({error})") from error
    return {number: label for number, label in labels.items() if any(label.shows)}


def _label(row: Mapping[str, str], shows: set[str]) -> Label:
    return Label(int(float(row["patient_id"])), int(row["strat_fold"]), tuple(name in shows for name in CLASSES))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
