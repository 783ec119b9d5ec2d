"""Where the AD8232's output rests: boards centre it on a voltage of their own (REFIN), so it is measured."""

from __future__ import annotations

import statistics
from collections import deque

__all__ = ["Baseline"]

PULL_MV_S = 0.01
"""So fast the baseline follows the output: 2 uV up and down with each beat, and an error of 0.1 mV is gone in 10 s."""

MOST = 360
"""Samples for the first estimate: a second of them."""


class Baseline:
    """A running median.

    At first the median of what it was given; then each sample pulls it one small step its way, so that it comes to rest
    where as many lie above as below, however high the beats are.

    Args:
        step: in counts for each sample; see `PULL_MV_S`.

    Attributes:
        counts: the baseline; None before it was measured.
    """

    def __init__(self, step: float) -> None:
        self.counts: float | None = None
        self._step = step
        self._first: deque[float] = deque(maxlen=MOST)

    def gather(self, counts: float) -> None:
        """Take a sample that is not told: the output is still settling, its median is a first estimate."""
        if self.counts is None:
            self._first.append(counts)

    def follow(self, counts: float) -> None:
        """Take a sample of ECG."""
        if self.counts is None:
            self.counts = statistics.median([*self._first, counts])
            self._first.clear()
        self.counts += self._step if counts > self.counts else -self._step
