"""Where an RR interval stands among the patient's last intervals, far enough back to outlast a run.

A premature beat is early against the patient's own rhythm, and that is not the average of the last few beats: in a run
of atrial tachycardia, in bigeminy, or where premature beats outnumber the normal ones, the last few *are* premature.
The quantiles of the last minutes keep both populations in sight, the early and the late, whichever is larger.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HISTORY_FEATURES", "INTERVALS", "TYPICAL_RR_S", "history_features", "log_ratio"]

INTERVALS: Final = 512
"""As many RR intervals back are remembered: 5 to 10 minutes."""

TYPICAL_RR_S: Final = 0.8
"""Stands for the averages before the first interval is known."""

_RECENT: Final = 64
_PERCENTILES: Final = (20, 50, 80)
_STEADY: Final = 0.05  # intervals that differ by less are alike
_EARLY: Final = 0.9  # an interval below this share of another is shorter
_LOG_LIMIT: Final = 1.5  # ln of a ratio of 4.5: further out is no more informative

HISTORY_FEATURES: Final = (
    *(
        f"ln_rr_{side}_to_p{percentile}_of_{number}"
        for side, number in itertools.product(("before", "after"), (INTERVALS, _RECENT))
        for percentile in _PERCENTILES
    ),
    "share_alike_of_64",
    "share_shorter_of_64",
    "share_longer_of_64",
    "spread_of_64",
    "ln_rr_before_to_third_before",
    "ln_rr_before_to_fourth_before",
    "ln_rr_before_to_fifth_before",
    "median_change_of_64",
    "share_steady_of_64",
)
"""In the order of `history_features`. `p20_of_512`: 20th percentile of the last 512 intervals; `alike`: within 5 % of
the interval before; `shorter`, `longer`: by more than 10 %; `spread`: standard deviation over the mean; `change`:
absolute logarithm of the ratio of successive intervals; `steady`: a change of less than 5 %."""


def log_ratio(a: float, b: float) -> float:
    """ln(a / b), limited to a ratio of 4.5."""
    return max(-_LOG_LIMIT, min(_LOG_LIMIT, math.log(a / b)))


def history_features(intervals_s: Sequence[float], before_s: float, after_s: float) -> list[float]:
    """`HISTORY_FEATURES` of one beat.

    Args:
        intervals_s: the last intervals, oldest first, without the beat's own; at most `INTERVALS` of them.
        before_s: the interval before the beat.
        after_s: the interval after it.
    """
    history = np.array(intervals_s or [before_s])
    recent = history[-_RECENT:]
    features = []
    for own_s in (before_s, after_s):
        for among in (history, recent):
            features += [log_ratio(own_s, quantile) for quantile in np.percentile(among, _PERCENTILES).tolist()]
    ratios = recent / before_s
    features += [
        float((np.abs(ratios - 1) < _STEADY).mean()),
        float((ratios < _EARLY).mean()),
        float((ratios > 1 / _EARLY).mean()),
        min(float(recent.std() / recent.mean()), 1.0),
    ]
    for back in (2, 3, 4):
        features.append(log_ratio(before_s, float(recent[-back])) if len(recent) >= back else 0.0)
    changes = np.abs(np.diff(np.log(recent)))
    if len(changes):
        features += [min(float(np.median(changes)), 1.0), float((changes < _STEADY).mean())]
    else:
        features += [0.0, 1.0]
    return features
