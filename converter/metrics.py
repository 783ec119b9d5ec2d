"""Figures of a classifier over beats that it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from converter.annotations import IntArray

__all__ = ["accuracy", "confusion", "f1_scores", "macro_f1", "predictivity", "sensitivity", "summary"]


def confusion(truth: IntArray, predicted: IntArray, count: int) -> IntArray:
    """Shape (count, count): reference classes in rows, predicted ones in columns."""
    matrix = np.zeros((count, count), dtype=np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def accuracy(matrix: IntArray) -> float:
    """Share of beats whose class is right."""
    return float(np.trace(matrix) / max(int(matrix.sum()), 1))


def sensitivity(matrix: IntArray) -> list[float | None]:
    """Each class's share found; None for a class without reference beats."""
    return _shares(matrix, matrix.sum(axis=1))


def predictivity(matrix: IntArray) -> list[float | None]:
    """Each class's share of right calls; None for a class that was never called."""
    return _shares(matrix, matrix.sum(axis=0))


def f1_scores(matrix: IntArray) -> list[float | None]:
    """Harmonic mean of the two, 2 TP / (2 TP + FP + FN); None for a class without reference beats."""
    rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
    return [
        float(2 * matrix[number, number] / (rows[number] + columns[number])) if rows[number] else None
        for number in range(len(matrix))
    ]


def macro_f1(matrix: IntArray, *, least_beats: int = 1) -> float:
    """Mean F1 over the classes with at least `least_beats` reference beats; 0 where there is none."""
    scores = [
        score
        for score, beats in zip(f1_scores(matrix), matrix.sum(axis=1), strict=True)
        if score is not None and beats >= least_beats
    ]
    return float(np.mean(scores)) if scores else 0.0


def summary(matrix: IntArray, labels: tuple[str, ...]) -> dict[str, Any]:
    """Everything above as one JSON-able object."""
    columns = zip(labels, matrix.sum(axis=1), sensitivity(matrix), predictivity(matrix), f1_scores(matrix), strict=True)
    return {
        "beats": int(matrix.sum()),
        "accuracy": accuracy(matrix),
        "macro_f1": macro_f1(matrix),
        "classes": {
            label: {"beats": int(beats), "sensitivity": found, "predictivity": right, "f1": f1}
            for label, beats, found, right, f1 in columns
        },
        "labels": list(labels),
        "confusion": matrix.tolist(),
    }


def _shares(matrix: IntArray, whole: IntArray) -> list[float | None]:
    return [float(matrix[number, number] / total) if total else None for number, total in enumerate(whole.tolist())]
