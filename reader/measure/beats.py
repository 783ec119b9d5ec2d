"""The heartbeats of all leads together, and which of them are of the usual kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.waves import QRS, find_complexes, top_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = [
    "IRREGULAR",
    "STEADY_P",
    "Heartbeats",
    "find_heartbeats",
    "has_atrial_fibrillation_waves",
    "irregularity",
    "size_of",
]

SHAPE_MS: Final = (-100.0, 150.0)
"""What a QRS complex is compared by, from its R peak, as in `edge.signal.beat_morphology.QRS`."""
SAME: Final = 0.8
"""Correlation from which on two complexes are of one kind, as in `edge.signal.usual_qrs`."""
EARLY: Final = 0.9
"""Of the median interval: a beat that comes earlier is premature, as in `edge.inference.sinus_rhythm`."""
LAG_MS: Final = 24.0
"""Largest shift by which a beat is brought onto the usual one: half of a narrow QRS complex."""
IRREGULAR: Final = 0.1
"""Of `irregularity`: atrial fibrillation has more (27 of 28 recordings of PTB-XL, folds 1 to 8; the other one beats at
173 bpm), sinus rhythm with left bundle branch block mostly less (14 of 19)."""
STEADY_P: Final = 0.38
"""Median probability of a P wave over the beats, at one place before them, from which on there is one: higher than
before paced beats and in third-degree AV block in LUDB, and than in most atrial fibrillation of PTB-XL, folds 1 to 8;
lower than in most left bundle branch blocks there."""
P_BEFORE_MS: Final = (-450.0, -40.0)
"""From the R peak, where the middle of a P wave lies that is conducted."""
MOST_COMPARED: Final = 400
"""Beats among which the usual one is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Heartbeats:
    """Heartbeats, in samples of the prepared leads, not whole.

    Attributes:
        r: shape (beats,), places of the R peaks; those of usual beats brought onto each other.
        qrs_begin: shape (beats,), where the QRS complexes begin in all leads together.
        is_usual: shape (beats,), whether the beat is of the most frequent shape and came at its time.
        rr_ms: shape (beats,), since the beat before; NaN for the first, and where samples between were lost.
    """

    r: FloatArray
    qrs_begin: FloatArray
    is_usual: NDArray[np.bool_]
    rr_ms: FloatArray

    @property
    def is_regular(self) -> bool:
        """Whether the intervals hardly change from one to the next."""
        return irregularity(self.rr_ms[np.isfinite(self.rr_ms)]) <= IRREGULAR


def find_heartbeats(
    probabilities: Sequence[FloatArray],
    samples_mv: Sequence[FloatArray],
    is_lost: NDArray[np.bool_],
    period_ms: float,
) -> Heartbeats:
    """Find the beats of an ECG.

    Args:
        probabilities: of each lead, shape (n, 4).
        samples_mv: the prepared leads, each of shape (n,).
        is_lost: shape (n,), where no lead has a sample.
        period_ms: from a sample to the next.
    """
    fused = _fused([each[:, QRS] for each in probabilities])
    found = find_complexes(fused, size_of(samples_mv), period_ms)
    r = np.array([each.peak for each in found])
    begin = np.array([each.begin for each in found])
    rr_ms = np.full(len(r), np.nan)
    for number in range(1, len(r)):
        if not is_lost[int(r[number - 1]) : int(r[number])].any():
            rr_ms[number] = (r[number] - r[number - 1]) * period_ms
    if not len(r):
        return Heartbeats(r, begin, np.zeros(0, bool), rr_ms)
    is_usual, lag = _usual(np.asarray(samples_mv), r, period_ms)
    early = rr_ms < EARLY * np.nanmedian(rr_ms) if np.isfinite(rr_ms).any() else np.zeros(len(r), bool)
    if (is_usual & ~early).any():
        is_usual = is_usual & ~early
    return Heartbeats(r + lag, begin, is_usual, rr_ms)


def has_atrial_fibrillation_waves(likely: FloatArray, beats: Heartbeats, period_ms: float) -> bool:
    """Whether what looks like P waves are none: the beats come irregularly, and nothing keeps its place before them.

    Args:
        likely: shape (n,), probability of a P wave, the mean over the leads.
        beats: all beats.
        period_ms: from a sample to the next.
    """
    if beats.is_regular or not beats.is_usual.any():
        return False
    steps = np.arange(*(edge / period_ms for edge in P_BEFORE_MS))
    places = np.rint(beats.r[beats.is_usual, np.newaxis] + steps).astype(np.int64)
    found = np.where(places >= 0, likely[np.clip(places, 0, len(likely) - 1)], 0.0)
    return bool(np.median(found, axis=0).max() < STEADY_P)


def size_of(samples_mv: Sequence[FloatArray]) -> FloatArray:
    """How far all leads together are from their baselines, shape (n,): root mean square, each by its own height."""
    by_height = [each / (np.ptp(each) or 1.0) for each in samples_mv]
    return np.asarray(np.sqrt(np.mean(np.square(by_height), axis=0)))


def _fused(likely: Sequence[FloatArray]) -> FloatArray:
    """Mean over the leads, each weighted by how sure it is where it sees a QRS complex."""
    weights = [float((each**2).sum() / each.sum()) if each.sum() > 0 else 0.0 for each in likely]
    if not any(weights):
        return np.zeros_like(likely[0])
    return np.asarray(np.average(likely, axis=0, weights=weights))


def _usual(samples_mv: FloatArray, r: FloatArray, period_ms: float) -> tuple[NDArray[np.bool_], FloatArray]:
    """Which complexes are like the one that most are like, and how far each lies from it."""
    reach = round(LAG_MS / period_ms)
    first, last = (round(edge / period_ms) for edge in SHAPE_MS)
    padded = np.pad(samples_mv, ((0, 0), (reach - first, last + reach + 1)), mode="edge")
    steps = np.arange(last - first + 2 * reach + 1)
    whole = np.rint(r).astype(np.int64)
    cut = padded[:, whole[:, np.newaxis] + steps].transpose(1, 0, 2)  # beats, leads, samples with `reach` on both sides
    middle = _normal(cut[:, :, reach : len(steps) - reach])
    compared = np.unique(np.linspace(0, len(r) - 1, min(len(r), MOST_COMPARED)).astype(np.int64))
    alike = middle[compared] @ middle[compared].T
    usual = middle[compared[int((alike > SAME).sum(axis=1).argmax())]]
    width = len(steps) - 2 * reach
    by_lag = np.stack([_normal(cut[:, :, lag : lag + width]) @ usual for lag in range(2 * reach + 1)], axis=1)
    fine = np.array([top_between(row) for row in by_lag])
    is_usual = by_lag.max(axis=1) > SAME
    return is_usual, np.where(is_usual, fine - reach + whole - r, 0.0)


def _normal(cut: FloatArray) -> FloatArray:
    """Each beat as one row of length 1, its leads without their means."""
    centred = (cut - cut.mean(axis=2, keepdims=True)).reshape(len(cut), -1)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 0))


def irregularity(rr_ms: FloatArray) -> float:
    """Root mean square of the differences between neighbouring intervals, over their mean; 0 for fewer than two."""
    if len(rr_ms) < 2:
        return 0.0
    return float(np.sqrt(np.mean(np.diff(rr_ms) ** 2)) / np.mean(rr_ms))
