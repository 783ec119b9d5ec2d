"""What a model is shown of the RR intervals around a beat, each feature a number."""

from __future__ import annotations

import itertools
import math
from statistics import fmean, median
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.inference.rr_bimodality import rr_bimodality
from edge.signal.irregularity import LAGS, WINDOW, differing_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.inference.intervals import Opinion
    from edge.inference.sinus_rhythm import SinusRhythm

__all__ = ["RR_SCALES", "rr_features"]

RR_SCALES: Final[dict[str, tuple[float, float]]] = {
    "ln_rr_before_to_local": (0.0, 0.2),
    "ln_rr_after_to_local": (0.0, 0.2),
    "ln_rr_before_to_long": (0.0, 0.2),
    "ln_rr_after_to_long": (0.0, 0.2),
    "ln_rr_before_to_after": (0.0, 0.2),
    "ln_rr_before_to_second_before": (0.0, 0.2),
    "ln_rr_before_to_third_before": (0.0, 0.2),
    "ln_rr_before_to_sinus": (0.0, 0.2),
    "ln_rr_after_to_sinus": (0.0, 0.2),
    "ln_rr_second_before_to_sinus": (0.0, 0.2),
    "ln_local_to_sinus": (0.0, 0.2),
    "ln_fast_run_to_sinus": (0.0, 0.2),
    "ln_run_start_to_sinus": (0.0, 0.2),
    "run_beats": (0.0, 30.0),
    "premature_share": (0.0, 0.25),
    "ln_rr_before_to_slow": (0.0, 0.2),
    "ln_slow_to_fast": (0.0, 0.2),
    "slow_share": (0.5, 0.3),
    "two_lengths": (0.7, 0.15),
    "speeding_up": (0.5, 0.4),
    "slowing_down": (0.5, 0.4),
    "ln_entry": (0.0, 0.2),
    "fast_runs": (0.0, 16.0),
    "ln_odds_early": (0.0, 2.0),
    "rhythm_sinus": (0.2, 0.3),
    "rhythm_ectopic": (0.2, 0.3),
    "rhythm_blocked": (0.2, 0.3),
    "rhythm_fibrillation": (0.2, 0.3),
    "rhythm_flutter": (0.2, 0.3),
    "rr_variability": (0.0, 0.2),
    "irregularity": (0.0, 0.25),
    "irregularity_of_neighbours": (0.0, 0.33),
}
"""About the middle and the spread of each feature over the training beats, in the order in which a model takes them.

`local`: median of the last 8 RR intervals; `long`: mean of the last 64; `sinus`, `run` and `premature_share`: see
`edge.inference.sinus_rhythm`; `ln_fast_run_to_sinus`: the local average of a run of more than 3 like intervals, where
it is faster; those from `ln_rr_before_to_slow` to `fast_runs`: see `edge.inference.rr_bimodality`, of the last 64
intervals, `two_lengths` being its `certainty`; `ln_odds_early` and what begins with `rhythm`: the opinion of
`edge.inference.intervals` on the same, `fibrillation` and `flutter` those of the atria; `rr_variability`: mean
absolute difference of the last 8 successive intervals over their mean; `irregularity`: see `edge.signal.irregularity`,
`of_neighbours` at lag 1.

An interval that is not known (first beat, gap) counts as the local average, that is as no deviation. No feature tells
the heart rate itself: with so few patients to learn from, a model would know them by it. The network of
`edge.inference.intervals` is shown it, for it learned from no patient."""

_LOCAL_INTERVALS: Final = 8
_TYPICAL_RR_S: Final = 0.8  # stands for the averages before the first interval is known
_RUN: Final = 3  # like intervals; more are a run
_MOST_RUN_BEATS: Final = 60  # a longer run is no more of one


def rr_features(
    known_s: Sequence[float], rr_before_s: float | None, rr_after_s: float | None, sinus: SinusRhythm, opinion: Opinion
) -> tuple[float, ...]:
    """The features of `RR_SCALES`, as they are.

    Args:
        known_s: the last RR intervals before those of the beat, 64 at most, in their order.
        rr_before_s: interval from the R peak before the beat; None where unknown.
        rr_after_s: interval to the R peak after it; None where unknown.
        sinus: has followed the known intervals.
        opinion: of the interval network on the beat.
    """
    recent = known_s[-_LOCAL_INTERVALS:]
    local_s = median(recent) if recent else rr_before_s or _TYPICAL_RR_S
    long_s = fmean(known_s) if known_s else local_s
    before_s = rr_before_s or local_s
    after_s = rr_after_s or local_s
    second_before_s, third_before_s = ([local_s, *recent][-1], [local_s, local_s, *recent][-2])
    variability = 0.0
    if len(recent) > 1:
        variability = fmean(abs(b - a) for a, b in itertools.pairwise(recent)) / fmean(recent)
    lengths = rr_bimodality(known_s, before_s, local_s)
    shares = differing_shares(np.array([*known_s, before_s][-WINDOW - LAGS :]))
    local_to_sinus = sinus.ln_to_sinus(local_s)
    return (
        math.log(before_s / local_s),
        math.log(after_s / local_s),
        math.log(before_s / long_s),
        math.log(after_s / long_s),
        math.log(before_s / after_s),
        math.log(before_s / second_before_s),
        math.log(before_s / third_before_s),
        sinus.ln_to_sinus(before_s),
        sinus.ln_to_sinus(after_s),
        sinus.ln_to_sinus(second_before_s),
        local_to_sinus,
        min(local_to_sinus, 0.0) if sinus.run_beats > _RUN else 0.0,
        sinus.run_to_sinus,
        min(sinus.run_beats, _MOST_RUN_BEATS),
        sinus.premature_share,
        math.log(before_s) - lengths.ln_slow,
        lengths.ln_slow_to_fast,
        lengths.slow_share,
        lengths.certainty,
        lengths.speeding_up,
        lengths.slowing_down,
        lengths.ln_entry,
        lengths.fast_runs,
        opinion.ln_odds_early,
        opinion.sinus,
        opinion.ectopic,
        opinion.blocked,
        opinion.atrial_fibrillation,
        opinion.atrial_flutter,
        variability,
        min(shares, default=0.0),
        shares[0] if shares else 0.0,
    )
