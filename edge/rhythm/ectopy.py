"""Bigeminy and trigeminy: ventricular beats in a pattern."""

from __future__ import annotations

from collections import deque

from edge.rhythm.rules.ventricular import VENTRICULAR
from edge.samples import UNCLASSIFIED, Rhythm

__all__ = ["EctopicPattern"]

_BIGEMINY = (0b010101, 0b101010)
_TRIGEMINY = (0b001001001, 0b010010010, 0b100100100)


class EctopicPattern:
    """Tells bigeminy after three couplets of one other and one ventricular beat, trigeminy after three triplets.

    Three repetitions are the usual clinical minimum for either name. An unclassified beat or an interruption ends it.

    Attributes:
        rhythm: bigeminy, trigeminy or None.
        onset: 360 Hz index of the first beat of the pattern, where there is one.
    """

    def __init__(self) -> None:
        self.rhythm: Rhythm | None = None
        self.onset = 0
        self._bits = 0  # the last nine beats, newest last; 1 = ventricular
        self._indices: deque[int] = deque(maxlen=9)

    def beat(self, index: int, label: str, *, follows: bool) -> None:
        """Take the next labelled beat; `follows`: no interruption since the one before."""
        if not follows or label == UNCLASSIFIED:
            self.interrupt()
        if label == UNCLASSIFIED:
            return
        is_ventricular = label == VENTRICULAR
        self._bits = (self._bits << 1 | is_ventricular) & 0b111111111
        self._indices.append(index)
        if not self._bits:
            self.rhythm = None
            return
        before, known = self.rhythm, len(self._indices)
        if known >= 6 and self._bits & 0b111111 in _BIGEMINY:
            self.rhythm, length = Rhythm.BIGEMINY, 6
        elif known == 9 and self._bits in _TRIGEMINY:
            self.rhythm, length = Rhythm.TRIGEMINY, 9
        else:
            self.rhythm = None
            return
        if self.rhythm is not before:
            self.onset = self._indices[known - length]

    def interrupt(self) -> None:
        """What follows is not consecutive to what came before."""
        self.rhythm = None
        self._bits = 0
        self._indices.clear()
