"""Whether the last beats were alike: artefacts are not, and waves without separate beats are no beats of one shape."""

from __future__ import annotations

from collections import deque
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
APART_OWN: Final = 6
APART_NEWEST: Final = samples_of(3.0)
"""Of the last eight beats six of the patient's own shape, the last one labelled just now: such beats are no waves,
however fast. A bundle branch block makes waves of a fast rhythm; ventricular fibrillation is never of one shape."""


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
        strange = sum(each.likeness_to_any is not None and each.likeness_to_any < LIKE for each in self._last)
        return moved and strange >= STRANGE_SHARE * BEATS

    def come_apart(self, now: int) -> bool:
        """Whether the patient's own beats come one by one, whatever the waves look like."""
        last = list(self._last)[-APART_BEATS:]
        if len(last) < APART_BEATS or now - last[-1].index > APART_NEWEST:
            return False
        return sum(each.is_own for each in last) >= APART_OWN
