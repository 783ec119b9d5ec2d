"""Whether the same wave precedes one beat after the other: the P wave of sinus rhythm.

In sinus rhythm the same P wave comes at the same distance before each QRS complex, upright or inverted: the stretches
before two of them are alike. The waves of atrial fibrillation are not bound to the QRS complex: on average their
cosines are 0. So are those of noise, which is why only the presence of a P wave is evidence. A stretch is freed of its
mean and slope (the end of a T wave) and divided by its r.m.s. value, or by a small share of the height of the QRS
complex where that is more, so that what is left of noise and of T waves in a flat stretch counts for little. The mean
of such cosines over all pairs of beats is the averaged P wave's energy as a share of the whole, without the noise's;
here each beat is compared with the running mean of those before, which costs one product a beat.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE
from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["PWaveMeter"]

_P_WAVE: Final = slice(BEAT_BEFORE - 90, BEAT_BEFORE - 22)  # 250 to 61 ms before the R peak: after a T, before a Q wave
_SHORTEST_RR_S: Final = 0.5  # after a shorter interval the T wave before lies where the P wave is looked for
_SMALLEST: Final = 0.025  # r.m.s. over the height of the QRS complex: what is smaller counts for less


class PWaveMeter:
    """Carries the running mean that the next beat is compared with."""

    def __init__(self) -> None:
        self._mean = RunningMean(_P_WAVE.stop - _P_WAVE.start)

    def measure(self, window_mv: FloatArray, height_mv: float) -> float | None:
        """Cosine of what precedes a beat with what preceded those before, -1 to 1; None for the first one.

        Args:
            window_mv: shape (259,), the beat signal, mV.
            height_mv: of its QRS complex, peak to peak.
        """
        return self._mean.product(_stretch(window_mv, height_mv))

    def add(self, window_mv: FloatArray, height_mv: float) -> None:
        """Let what precedes a beat take part in the mean."""
        self._mean.add(_stretch(window_mv, height_mv))

    @staticmethod
    def can_be_seen(rr_before_s: float | None) -> bool:
        """Whether a P wave would lie by itself, after such an interval in s."""
        return rr_before_s is not None and rr_before_s >= _SHORTEST_RR_S


def _stretch(window_mv: FloatArray, height_mv: float) -> FloatArray:
    part = window_mv[_P_WAVE]
    stretch: FloatArray = part - part.sum() / len(part)
    stretch -= float(stretch @ _LINE) * _LINE
    least = _SMALLEST * height_mv * math.sqrt(len(stretch))
    size = max(math.sqrt(float(stretch @ stretch)), least)
    if size > 0:
        stretch /= size
    return stretch


def _unit_line(length: int) -> FloatArray:
    line = np.linspace(-1.0, 1.0, length)
    return line / np.sqrt(line @ line)


_LINE: Final = _unit_line(_P_WAVE.stop - _P_WAVE.start)
