"""The RR intervals of one patient: kept once, for the model's features and for the rule on atrial fibrillation."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.inference.intervals import INTERVALS
from edge.inference.rr_features import rr_features
from edge.inference.sinus_rhythm import SinusRhythm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.inference.intervals import IntervalNetwork, Opinion

__all__ = ["RrHistory"]

_REMEMBERED: Final = 8
"""Opinions: a beat is labelled up to three times, and the rule asks about it once more when the next one is."""


class _Interval(NamedTuple):
    rr_s: float
    is_whole: bool  # measured in whole signal: no gap, no bad stretch, no ventricular flutter


class RrHistory:
    """Follows the intervals from beat to beat, and asks the interval network about them.

    Doubtful intervals are kept and marked. A model is shown every interval between two R peaks of one gapless stretch;
    the rule on atrial fibrillation asks about those that were measured in whole signal alone. As long as no signal is
    bad they are the same, and then the network runs once for both.

    Args:
        network: reads the order of the intervals.
    """

    def __init__(self, network: IntervalNetwork) -> None:
        self._network = network
        self._intervals: deque[_Interval] = deque(maxlen=INTERVALS)
        self._sinus = SinusRhythm()
        self._opinions: deque[tuple[tuple[float | None, ...], Opinion]] = deque(maxlen=_REMEMBERED)

    def features(self, rr_before_s: float | None, rr_after_s: float | None) -> tuple[float, ...]:
        """The features of `edge.inference.rr_features` of the next beat; nothing is changed by it.

        Args:
            rr_before_s: interval from the R peak before the beat; None where unknown.
            rr_after_s: interval to the R peak after it; None where unknown.
        """
        known_s = [each.rr_s for each in self._intervals][-(INTERVALS - 2) :]
        opinion = self._opinion(known_s, rr_before_s, rr_after_s)
        return rr_features(known_s, rr_before_s, rr_after_s, self._sinus, opinion)

    def add(self, rr_s: float | None, *, is_whole: bool = True) -> float | None:
        """Count the next beat.

        Args:
            rr_s: the interval before it; None where unknown.
            is_whole: it was measured in whole signal.

        Returns:
            Probability that the beat before stands in atrial fibrillation; None where nothing is known of it.
        """
        if rr_s is None:
            return None
        self._intervals.append(_Interval(rr_s, is_whole))
        self._sinus.add(rr_s)
        whole_s = [each.rr_s for each in self._intervals if each.is_whole]
        if not is_whole or len(whole_s) < 2:
            return None
        *known_s, before_s, after_s = whole_s
        return self._opinion(known_s, before_s, after_s).atrial_fibrillation

    def _opinion(self, known_s: Sequence[float], before_s: float | None, after_s: float | None) -> Opinion:
        asked = (*known_s, before_s, after_s)
        for remembered, opinion in self._opinions:
            if remembered == asked:
                return opinion
        opinion = self._network.read(known_s, before_s, after_s)
        self._opinions.append((asked, opinion))
        return opinion
