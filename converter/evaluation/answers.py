"""Figures of a model each of whose labels holds or does not: ROC areas with their spread over patients, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from ecg.samples import FloatArray

__all__ = ["Spread", "areas", "bootstrap", "brier_scores", "calibration_errors"]

_BINS: Final = 10
_DRAWS: Final = 2000
"""Bootstrap samples; the 2.5 % quantile then rests on fifty."""


class Spread(NamedTuple):
    """A figure with its 95 % interval over patients."""

    value: float
    low: float
    high: float


def areas(truth: NDArray[np.bool_], scores: FloatArray) -> FloatArray:
    """Area under the ROC curve of each label, shape (labels,); NaN where a label holds for all or for none.

    The share of pairs in the right order, equal ones counted half (Hanley and McNeil 1982).

    Args:
        truth: shape (n, labels).
        scores: shape (n, labels), higher where the label is likelier.
    """
    return np.array([_area(truth[:, label], scores[:, label]) for label in range(truth.shape[1])])


def bootstrap(truth: NDArray[np.bool_], scores: FloatArray, patient: IntArray, means_of: int) -> list[Spread]:
    """Areas with their spread, patients drawn with replacement; last the mean over the first `means_of` labels."""
    rng = np.random.default_rng(0)
    patients, of_patient = np.unique(patient, return_inverse=True)
    recordings = [np.flatnonzero(of_patient == number) for number in range(len(patients))]
    found = []
    for _ in range(_DRAWS):
        drawn = np.concatenate([recordings[number] for number in rng.integers(0, len(patients), len(patients))])
        found.append(_with_mean(areas(truth[drawn], scores[drawn]), means_of))
    values = _with_mean(areas(truth, scores), means_of)
    intervals = [
        np.nanpercentile(each, (2.5, 97.5)) if np.isfinite(each).any() else (np.nan, np.nan)
        for each in zip(*found, strict=True)
    ]
    return [Spread(*map(float, (value, *interval))) for value, interval in zip(values, intervals, strict=True)]


def calibration_errors(truth: NDArray[np.bool_], probabilities: FloatArray) -> FloatArray:
    """Expected calibration error of each label in ten bins of equal width (Guo et al. 2017), shape (labels,)."""
    bins = np.minimum((probabilities * _BINS).astype(np.int64), _BINS - 1)
    errors = np.zeros(truth.shape[1])
    for label in range(truth.shape[1]):
        excess = np.bincount(bins[:, label], weights=probabilities[:, label] - truth[:, label], minlength=_BINS)
        errors[label] = np.abs(excess).sum() / max(len(truth), 1)
    return errors


def brier_scores(truth: NDArray[np.bool_], probabilities: FloatArray) -> FloatArray:
    """Mean squared error of the probability of each label, shape (labels,)."""
    return np.asarray(((probabilities - truth) ** 2).mean(axis=0), dtype=np.float64)


def _with_mean(values: FloatArray, means_of: int) -> FloatArray:
    return np.append(values, values[:means_of].mean())


def _area(truth: NDArray[np.bool_], scores: FloatArray) -> float:
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]
    return float((rank[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))
