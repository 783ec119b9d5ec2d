"""Bigeminy and trigeminy: ventricular beats in a pattern."""

from __future__ import annotations

from collections import deque
from typing import Final

from ecg.events import Rhythm
from ecg.samples import UNCLASSIFIED, VENTRICULAR

__all__ = ["EctopicPattern"]

_PERIODS: Final = ((Rhythm.BIGEMINY, 2), (Rhythm.TRIGEMINY, 3))
"""Beats after which each pattern repeats itself; one of them is ventricular."""


class EctopicPattern:
    """Tells bigeminy after some couplets of one other and one ventricular beat, trigeminy after as many triplets.

    An unclassified beat or an interruption ends a pattern.

    Args:
        repeats: couplets or triplets before either is named; 3 is the usual clinical minimum.

    Attributes:
        rhythm: bigeminy, trigeminy or None.
        onset: 360 Hz index of the first beat of the pattern, where there is one.
        beats: in the pattern up to now.
    """

    def __init__(self, repeats: int) -> None:
        self.rhythm: Rhythm | None = None
        self.onset = 0
        self.beats = 0
        self._repeats = repeats
        longest = max(period for _, period in _PERIODS) * repeats
        self._recent: deque[tuple[int, bool]] = deque(maxlen=longest)  # index, is it ventricular
        self._repeated = dict.fromkeys((period for _, period in _PERIODS), 0)  # so many beats are like one period ago

    def beat(self, index: int, label: str, *, follows: bool) -> None:
        """Take the next labelled beat; `follows`: no interruption since the one before."""
        if not follows or label == UNCLASSIFIED:
            self.interrupt()
        if label == UNCLASSIFIED:
            return
        is_ventricular = label == VENTRICULAR
        self._recent.append((index, is_ventricular))
        for _, period in _PERIODS:
            is_repeat = len(self._recent) > period and self._recent[-1 - period][1] == is_ventricular
            self._repeated[period] = self._repeated[period] + 1 if is_repeat else 0
        before = self.rhythm
        self.rhythm = self._judge()
        if self.rhythm is None:
            self.beats = 0
        elif self.rhythm is before:
            self.beats += 1
        else:
            self.beats = self._repeats * dict(_PERIODS)[self.rhythm]
            self.onset = self._recent[-self.beats][0]

    def interrupt(self) -> None:
        """What follows is not consecutive to what came before."""
        self.rhythm = None
        self.beats = 0
        self._recent.clear()
        self._repeated = dict.fromkeys(self._repeated, 0)

    def _judge(self) -> Rhythm | None:
        for rhythm, period in _PERIODS:
            if self._repeated[period] >= period * (self._repeats - 1) and len(self._recent) >= period * self._repeats:
                ventricular = sum(self._recent[-1 - place][1] for place in range(period))
                if ventricular == 1:
                    return rhythm
        return None
