"""What a beat's shape says about its rhythm: is it like the beats before, and does the same wave precede it?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.samples import BEAT_BEFORE
from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["LIKE", "UNKNOWN", "Shape", "ShapeMeter"]

LIKE: Final = 0.75
"""From this likeness on, a QRS complex is of the patient's usual shape."""

_QRS: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 45)  # 100 ms before to 125 ms after the R peak
_P_WAVE: Final = slice(BEAT_BEFORE - 90, BEAT_BEFORE - 22)  # 250 to 61 ms before the R peak: after a T, before a Q wave
_SHORTEST_RR_S: Final = 0.5  # after a shorter interval the T wave before lies where the P wave is looked for
_SMALLEST_P_WAVE: Final = 0.025  # r.m.s. over the height of the QRS complex: what is smaller counts for less


class Shape(NamedTuple):
    """Both are cosines, and None where unknown.

    Attributes:
        likeness: of the QRS complex with those before, -1 to 1.
        p_wave: of the signal before the QRS complex with that of the beats before, -1 to 1.
    """

    likeness: float | None
    p_wave: float | None


UNKNOWN: Final = Shape(None, None)


class ShapeMeter:
    """Measures beats in their order; carries the running means that they are compared with.

    In sinus rhythm the same P wave comes at the same distance before each QRS complex, upright or inverted: the
    stretches before two of them are alike. The waves of atrial fibrillation are not bound to the QRS complex: on
    average their cosines are 0. So are those of noise, which is why only the presence of a P wave is evidence. A
    stretch is freed of its mean and slope (the end of a T wave) and divided by its r.m.s. value, or by a small share of
    the height of the QRS complex where that is more, so that what is left of noise and of T waves in a flat stretch
    counts for little. The mean of such cosines over all pairs of beats is the averaged P wave's energy as a share of
    the whole, without the noise's; here each beat is compared with the running mean of those before, which costs one
    product a beat.
    """

    def __init__(self) -> None:
        self._qrs = RunningMean(_QRS.stop - _QRS.start)
        self._p_wave = RunningMean(_P_WAVE.stop - _P_WAVE.start)

    def measure(self, window_mv: FloatArray | None, rr_before_s: float | None) -> Shape:
        """Compare the next beat with those before, then let it take part in the means.

        Args:
            window_mv: shape (259,), the beat signal; None where a part of it is lost.
            rr_before_s: interval from the R peak before; None where unknown.
        """
        if window_mv is None:
            return UNKNOWN
        qrs = window_mv[_QRS] - window_mv[_QRS].mean()
        norm = math.sqrt(float(qrs @ qrs))
        if norm == 0:
            return UNKNOWN
        qrs /= norm
        likeness = self._qrs.cosine(qrs)
        self._qrs.add(qrs)
        is_strange = likeness is not None and likeness < LIKE
        if is_strange or rr_before_s is None or rr_before_s < _SHORTEST_RR_S:
            return Shape(likeness, None)
        stretch = window_mv[_P_WAVE] - window_mv[_P_WAVE].mean()
        stretch -= float(stretch @ _LINE) * _LINE
        least = _SMALLEST_P_WAVE * float(np.ptp(qrs)) * norm * math.sqrt(len(stretch))
        stretch /= max(math.sqrt(float(stretch @ stretch)), least)
        p_wave = self._p_wave.product(stretch)
        self._p_wave.add(stretch)
        return Shape(likeness, p_wave)


def _unit_line(length: int) -> FloatArray:
    line = np.linspace(-1.0, 1.0, length)
    return line / np.sqrt(line @ line)


_LINE: Final = _unit_line(_P_WAVE.stop - _P_WAVE.start)
