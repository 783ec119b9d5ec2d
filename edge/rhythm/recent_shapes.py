"""Whether the last beats were alike: artefacts are not, and waves without separate beats are no beats of one shape."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from ecg.timing import samples_of
from edge.signal.beat_morphology import LIKE

if TYPE_CHECKING:
    from ecg.samples import Beat

__all__ = ["RecentShapes"]

MOVED: Final = samples_of(7.0)
"""A moving baseline is remembered for so long: 17 beats at 140 bpm, an extreme tachycardia."""
BEATS: Final = 16
STRANGE_SHARE: Final = 0.65
"""Of the last 16 beats so many unlike the patient's others: where the baseline moves too, they are artefacts. In `vfdb`
and `mitdb` this is never so in a tachycardia, whose beats are alike."""
APART_BEATS: Final = 8
APART_ALIKE: Final = 6
APART_RR: Final = samples_of(0.55)
APART_NEWEST: Final = samples_of(3.0)
APART_LIKE: Final = 0.9
APART_EVEN: Final = (5, 1 / 8)
"""Of the last eight beats six alike, the median interval 0.55 s (109 bpm) or more, five of the seven intervals within
an eighth of it, the last beat labelled just now: such beats are no waves. What is found as beats in smooth fibrillation
may be alike, and comes at odd moments. So it is in 10 of 7,400 judgements for waves within ventricular rhythms of
`vfdb`, and in 3,532 of 3,553 of the wide paced beats of `mitdb` 107. Nor are they waves where six are of the patient's
own shape, however fast: a bundle branch block makes waves of a fast rhythm."""


class RecentShapes:
    """Follows the likeness of the last labelled beats to those before them."""

    def __init__(self) -> None:
        self._last: deque[Beat] = deque(maxlen=BEATS)

    def beat(self, beat: Beat) -> None:
        """Take the next labelled beat."""
        self._last.append(beat)

    def are_artefacts(self, now: int, steady_since: int) -> bool:
        """Whether what was found of late is mostly artefact: the baseline moves, and the beats are not alike.

        Args:
            now: 360 Hz index of the decision.
            steady_since: 360 Hz index up to which the baseline moved; 0 where it never did.
        """
        moved = steady_since > 0 and now - steady_since < MOVED
        strange = sum(each.likeness is not None and each.likeness < LIKE for each in self._last)
        return moved and strange >= STRANGE_SHARE * BEATS

    def come_apart(self, now: int) -> bool:
        """Whether heartbeats of one shape come one by one, whatever the waves look like: a paced beat may be one."""
        last = list(self._last)[-APART_BEATS:]
        if len(last) < APART_BEATS or now - last[-1].index > APART_NEWEST:
            return False
        if sum(each.is_own for each in last) >= APART_ALIKE:
            return True
        alike = sum(each.likeness is not None and each.likeness >= APART_LIKE for each in last)
        rr = [after.index - before.index for before, after in pairwise(last)]
        usual = median(rr)
        fewest, far = APART_EVEN
        even = sum(abs(each - usual) <= far * usual for each in rr)
        return alike >= APART_ALIKE and usual >= APART_RR and even >= fewest
