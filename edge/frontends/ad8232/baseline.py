"""Measures the resting level of the AD8232's output, which each board sets by its own voltage (REFIN)."""

from __future__ import annotations

import statistics
from collections import deque

__all__ = ["Baseline"]

SLEW_MV_PER_S = 0.01
"""How fast the baseline follows the output. It moves 2 uV up and down with each beat; an error of 0.1 mV takes 10 s."""

MAX_SETTLING_SAMPLES = 360
"""For the first estimate: one second."""


class Baseline:
    """A running median.

    It starts at the median of the settling samples. Each ECG sample then moves it one small step towards itself, so it
    stays where as many samples lie above as below, whatever the height of the beats.

    Args:
        step: counts per sample; see `SLEW_MV_PER_S`.

    Attributes:
        counts: the baseline; None until it has been measured.
    """

    def __init__(self, step: float) -> None:
        self.counts: float | None = None
        self._step = step
        self._settling: deque[float] = deque(maxlen=MAX_SETTLING_SAMPLES)

    def add_settling(self, counts: float) -> None:
        """Take a sample from while the output settles; their median is the first estimate."""
        if self.counts is None:
            self._settling.append(counts)

    def add_ecg(self, counts: float) -> None:
        """Take an ECG sample."""
        if self.counts is None:
            self.counts = statistics.median([*self._settling, counts])
            self._settling.clear()
        self.counts += self._step if counts > self.counts else -self._step
