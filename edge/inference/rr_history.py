"""The RR intervals of one patient: kept once, for the model's features and for the rule on atrial fibrillation."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.inference.intervals import INTERVALS
from edge.inference.rr_features import rr_features
from edge.inference.sinus_rhythm import SinusRhythm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.inference.intervals import IntervalNetwork, Opinion

__all__ = ["RrHistory"]

_REMEMBERED: Final = 8
"""Opinions: a beat is labelled up to three times, and the rule asks about it once more when the next one is."""


class RrHistory:
    """Follows the intervals from beat to beat, and asks the interval network about them.

    Two lines of intervals are kept. A model is shown every interval between two R peaks of one gapless stretch; the
    rule on atrial fibrillation asks about those that were measured in whole signal alone. As long as no signal is bad
    they are the same, and then the network runs once for both.

    Args:
        network: reads the order of the intervals.
    """

    def __init__(self, network: IntervalNetwork) -> None:
        self._network = network
        self._intervals_s: deque[float] = deque(maxlen=INTERVALS - 2)
        self._sinus = SinusRhythm()
        self._whole_s: deque[float] = deque(maxlen=INTERVALS)
        self._opinions: deque[tuple[tuple[float | None, ...], Opinion]] = deque(maxlen=_REMEMBERED)

    def features(self, rr_before_s: float | None, rr_after_s: float | None) -> tuple[float, ...]:
        """The features of `edge.inference.rr_features` of the next beat; nothing is changed by it.

        Args:
            rr_before_s: interval from the R peak before the beat; None where unknown.
            rr_after_s: interval to the R peak after it; None where unknown.
        """
        known_s = list(self._intervals_s)
        opinion = self._opinion(known_s, rr_before_s, rr_after_s)
        return rr_features(known_s, rr_before_s, rr_after_s, self._sinus, opinion)

    def add(self, rr_before_s: float | None) -> None:
        """Count the next beat; None where the interval before it is unknown."""
        if rr_before_s is not None:
            self._intervals_s.append(rr_before_s)
            self._sinus.add(rr_before_s)

    def add_whole(self, rr: int | None) -> float | None:
        """Count the next beat among those measured in whole signal.

        Args:
            rr: the interval before it, in samples; None where it was not.

        Returns:
            Probability that the beat before stands in atrial fibrillation; None where nothing is known of it.
        """
        if rr is None:
            return None
        self._whole_s.append(rr / SAMPLE_RATE_HZ)
        if len(self._whole_s) < 2:
            return None
        *known_s, before_s, after_s = self._whole_s
        return self._opinion(known_s, before_s, after_s).atrial_fibrillation

    def _opinion(self, known_s: Sequence[float], before_s: float | None, after_s: float | None) -> Opinion:
        asked = (*known_s, before_s, after_s)
        for remembered, opinion in self._opinions:
            if remembered == asked:
                return opinion
        opinion = self._network.read(known_s, before_s, after_s)
        self._opinions.append((asked, opinion))
        return opinion
