"""How much better a model gets with more recordings to learn from, and what many more would give.

Hestness et al. 2017, Deep learning scaling is predictable, empirically: what is missing to a perfect figure falls as a
power of the number of recordings learned from. The line says nothing of the floor that the labels' own errors set, and
so more of what can be won than will be. Its spread is over the patients whose recordings are judged and not over the
draw of those that are learned from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from converter.evaluation.answers import Spread, areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from ecg.samples import FloatArray

__all__ = ["Extrapolation", "extrapolate", "power_law"]

_DRAWS: Final = 500
"""Bootstrap samples: the 2.5 % quantile then rests on a dozen, enough for an interval told to the third digit."""


class Extrapolation(NamedTuple):
    """What a curve says of another number of recordings.

    Attributes:
        figures: area under the ROC curve of each label, and last the mean over the first five, with 95 % intervals.
        exponents: how fast what is missing falls, likewise: 0.5 halves it with four times the recordings.
    """

    figures: tuple[Spread, ...]
    exponents: tuple[float, ...]


def power_law(learned: FloatArray, missing: FloatArray) -> tuple[float, float]:
    """Factor and exponent of `missing = factor * learned ** -exponent`, by least squares over the logarithms."""
    slope, height = np.polyfit(np.log(learned), np.log(np.maximum(missing, 1e-6)), 1)
    return float(np.exp(height)), float(-slope)


def extrapolate(
    learned: Sequence[int],
    log_odds: Sequence[FloatArray],
    truth: NDArray[np.bool_],
    patient: IntArray,
    *,
    wanted: int,
    means_of: int,
) -> Extrapolation:
    """Draw the line through the figures at each number of recordings, and read it at another.

    Args:
        learned: numbers of recordings.
        log_odds: for each of `learned`, shape (n, labels), of the recordings that are judged.
        truth: shape (n, labels), of the same.
        patient: shape (n,).
        wanted: number of recordings to read the line at.
        means_of: how many labels, the first ones, the mean is over.
    """
    counts = np.asarray(learned, dtype=np.float64)

    def at(chosen: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        found = np.array([_with_mean(areas(truth[chosen], each[chosen]), means_of) for each in log_odds])
        laws = [power_law(counts, 1 - found[:, label]) for label in range(found.shape[1])]
        read = [1 - factor * wanted**-exponent for factor, exponent in laws]
        return np.array(read), np.array([exponent for _, exponent in laws])

    rng = np.random.default_rng(0)
    patients, of_patient = np.unique(patient, return_inverse=True)
    recordings = [np.flatnonzero(of_patient == number) for number in range(len(patients))]
    drawn = [
        at(np.concatenate([recordings[number] for number in rng.integers(0, len(patients), len(patients))]))[0]
        for _ in range(_DRAWS)
    ]
    low, high = np.nanpercentile(drawn, (2.5, 97.5), axis=0)
    values, exponents = at(np.arange(len(truth)))
    return Extrapolation(
        tuple(Spread(*map(float, each)) for each in zip(values, low, high, strict=True)), tuple(exponents.tolist())
    )


def _with_mean(values: FloatArray, means_of: int) -> FloatArray:
    return np.append(values, values[:means_of].mean())
