"""How irregular RR intervals are: at how many of the lags from 1 to 6 they fail to repeat themselves.

Of the last 32 RR intervals each is compared with the ones 1 to 6 before it. At each of these lags the share of pairs
that differ by more than 6 % is counted. Atrial fibrillation differs at every lag. Regular rhythm with some ectopic
beats differs at no lag; bigeminy, trigeminy and their kin differ at lag 1, but repeat themselves at lag 2, 3 or 4, and
sinus arrhythmia repeats itself with the breath, each 4 to 6 beats. So the smallest share is the irregularity.

Kin: the relative RR differences of Tateno and Glass 2001 (Med Biol Eng Comput 39:664-671). The lags are our own answer
to patterned ectopy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["LAGS", "WINDOW", "differ", "differing_shares"]

LAGS: Final = 6
"""Each interval is compared with so many before it."""
WINDOW: Final = 32
"""RR intervals judged together."""
_FEWEST: Final = 6
"""Fewer intervals say nothing."""
_DIFFERENCE: Final = 0.06
"""Intervals that differ by more than this share of their mean differ."""
_BEFORE: Final = np.arange(LAGS, LAGS + WINDOW) - np.arange(1, LAGS + 1)[:, np.newaxis]
"""Where those stand that the last 32 of 38 are compared with, lag by lag; shape (6, 32)."""


def differing_shares(rr: FloatArray) -> list[float]:
    """Share of the last 32 pairs of intervals that differ, at lag 1, 2 and so on; empty where there are too few.

    Args:
        rr: shape (n,), RR intervals in their order, in any unit; of more than 38 the last ones count.
    """
    if len(rr) < _FEWEST:
        return []
    newest = np.full(WINDOW + LAGS, np.nan)  # what is not known differs from nothing
    newest[-len(rr) :] = rr[-WINDOW - LAGS :]
    differing = np.count_nonzero(_differ(newest[LAGS:], newest[_BEFORE]), axis=1).tolist()
    lags = range(1, min(LAGS, len(rr) // 2) + 1)
    return [differing[lag - 1] / min(WINDOW, len(rr) - lag) for lag in lags]


def differ(rr: FloatArray, lag: int) -> NDArray[np.bool_]:
    """Whether each interval differs from the one `lag` before it; from the interval number `lag` on."""
    return _differ(rr[lag:], rr[:-lag])


def _differ(after: FloatArray, before: FloatArray) -> NDArray[np.bool_]:
    return np.abs(after - before) > _DIFFERENCE / 2 * (after + before)
