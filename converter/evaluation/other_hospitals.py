"""How the reader does on recordings of other hospitals, which bear SNOMED CT codes: the whole path from the file on.

The recordings are read as a user's are, by `reader.intake`, and classified by `reader.classify`; those that it abstains
from are told apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from converter.datasets.folders import find_records
from converter.datasets.snomed import superclasses
from converter.evaluation.answers import areas
from converter.evaluation.tables import Table
from converter.progress import track
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["Answer", "figures", "read_codes", "table"]

LABELS: Final = ("NORM", "MI", "STTC", "CD", "HYP", "MI-or-STTC")
_CODES: Final = re.compile(r"^#\s*Dx:[^\S\n]*([\d, ]*)$", re.MULTILINE)


class Answer(NamedTuple):
    """What the reader says of a recording.

    Attributes:
        probabilities: by label of `LABELS`.
        abstained: why its answer does not count; empty: it does.
    """

    probabilities: Mapping[str, float]
    abstained: str = ""


def read_codes(folder: Path) -> dict[str, tuple[str, ...]]:
    """The codes of each WFDB record below the folder, by its name; empty where its header names none.

    Raises:
        InputError: no folder, no record, or a header that cannot be read.
    """
    found = {}
    for name in find_records(folder):
        path = folder / f"{name}.hea"
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        codes = _CODES.search(text)
        found[name] = tuple(code for code in re.split(r"[,\s]+", codes[1]) if code) if codes else ()
    return found


def figures(folder: Path, read: Callable[[Path], Answer | str]) -> dict[str, Any]:
    """Read every recording below a folder that bears codes, and compare.

    Args:
        folder: of WFDB records.
        read: what the reader says of the recording with this header, or why it refuses it.

    Returns:
        Counts, and for each label the recordings that it is known for, those that show it, and the area under the ROC
        curve: of all, and of those that were not abstained from. An area is null where nothing shows the label, or
        everything does.

    Raises:
        InputError: as `read_codes`, or no recording bears a code.
    """
    codes = {name: each for name, each in read_codes(folder).items() if each}
    if not codes:
        raise InputError(f"{folder}: no header names a diagnosis (# Dx:)")
    refused: dict[str, str] = {}
    truths, answers = [], []
    for name in track(list(codes), "reading"):
        answer = read(folder / f"{name}.hea")
        if isinstance(answer, str):
            refused[name] = answer
            continue
        truths.append(_truth(codes[name]))
        answers.append(answer)
    truth = np.array(truths).reshape(-1, len(LABELS))
    scores = np.array([[each.probabilities[label] for label in LABELS] for each in answers]).reshape(truth.shape)
    kept = np.array([not each.abstained for each in answers], dtype=bool)
    return {
        "recordings": len(codes),
        "refused": refused,
        "abstained": int((~kept).sum()),
        "labels": {
            label: {"all": _figures(truth[:, at], scores[:, at]), "told": _figures(truth[kept, at], scores[kept, at])}
            for at, label in enumerate(LABELS)
        },
    }


def table(found: Mapping[str, Any], title: str) -> Table:
    """The figures for people."""
    rows = []
    for label, of in found["labels"].items():
        cells = [f"{of[part]['shown']} of {of[part]['known']}" for part in ("all", "told")]
        areas_ = ["-" if of[part]["auc"] is None else f"{of[part]['auc']:.3f}" for part in ("all", "told")]
        rows.append((label, cells[0], areas_[0], cells[1], areas_[1]))
    counts = f"{len(found['refused'])} refused, {found['abstained']} abstained from"
    columns = ("", "shown", "AUC", "not abstained: shown", "AUC")
    return Table(title, columns, rows, [f"{found['recordings']} recordings with codes, {counts}"])


def _truth(codes: Sequence[str]) -> list[float]:
    """1, 0, or NaN where it is not known, by `LABELS`."""
    found = superclasses(codes)
    found["MI-or-STTC"] = found["MI"] or found["STTC"]
    return [float(found[label]) if label in found else float("nan") for label in LABELS]


def _figures(truth: FloatArray, scores: FloatArray) -> dict[str, Any]:
    known = np.isfinite(truth)
    shown: NDArray[np.bool_] = truth[known] > 0
    area = float(areas(shown[:, np.newaxis], scores[known][:, np.newaxis])[0]) if known.any() else float("nan")
    return {"known": int(known.sum()), "shown": int(shown.sum()), "auc": area if np.isfinite(area) else None}
