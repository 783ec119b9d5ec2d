"""Figures of a classifier over beats that it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from converter.datasets.annotations import IntArray
    from ecg.samples import FloatArray

__all__ = [
    "Reliability",
    "Roc",
    "accuracy",
    "confusion",
    "f1_scores",
    "macro_f1",
    "predictivity",
    "reliability",
    "roc",
    "sensitivity",
    "summary",
]

_RELIABILITY_BINS = 10


@dataclass(frozen=True, slots=True)
class Roc:
    """Receiver operating characteristic of one class against all others.

    Attributes:
        false_positive_rate, sensitivity: from the strictest threshold to the mildest; both begin at 0 and end at 1.
        area: under it; 0.5 is chance.
    """

    false_positive_rate: tuple[float, ...]
    sensitivity: tuple[float, ...]
    area: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Beats in bins of equal width by the probability of their label.

    Attributes:
        beats: in each bin.
        confidence: mean probability in it; 0 where it is empty.
        accuracy: share of right labels in it; 0 where it is empty.
        error: expected calibration error: mean over all beats of the distance of the two (Guo et al. 2017, On
            calibration of modern neural networks).
    """

    beats: tuple[int, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    error: float


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


def roc(is_class: IntArray, score: FloatArray) -> Roc | None:
    """How the beats of one class are told from the others as the threshold on their score falls.

    Args:
        is_class: shape (n,), 1 for a beat of the class, else 0.
        score: shape (n,), higher where the class is likelier; equal scores fall together.

    Returns:
        None where there is no beat of the class or no other.
    """
    order = np.argsort(-score, kind="stable")
    right, wrong = np.cumsum(is_class[order]), np.cumsum(1 - is_class[order])
    if not len(order) or not right[-1] or not wrong[-1]:
        return None
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)  # of each group of equal scores
    sensitivities = np.insert(right[last] / right[-1], 0, 0.0)
    rates = np.insert(wrong[last] / wrong[-1], 0, 0.0)
    area = float((np.diff(rates) * (sensitivities[1:] + sensitivities[:-1]) / 2).sum())
    return Roc(tuple(rates.tolist()), tuple(sensitivities.tolist()), area)


def reliability(truth: IntArray, probabilities: FloatArray) -> Reliability:
    """Whether beats of a certain probability are right as often as it says.

    Args:
        truth: shape (n,), number of each beat's class.
        probabilities: shape (n, classes).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * _RELIABILITY_BINS).astype(np.int64), _RELIABILITY_BINS - 1)
    beats = np.bincount(bins, minlength=_RELIABILITY_BINS)
    confidences = np.bincount(bins, weights=confidence, minlength=_RELIABILITY_BINS)
    rights = np.bincount(bins, weights=right, minlength=_RELIABILITY_BINS)
    filled = np.maximum(beats, 1)
    return Reliability(
        tuple(beats.tolist()),
        tuple((confidences / filled).tolist()),
        tuple((rights / filled).tolist()),
        float(np.abs(confidences - rights).sum() / max(int(beats.sum()), 1)),
    )


def _shares(matrix: IntArray, whole: IntArray) -> list[float | None]:
    return [float(matrix[number, number] / total) if total else None for number, total in enumerate(whole.tolist())]
