"""The bounds of the waves over all leads: the earliest begin and the latest end, each confirmed by a second lead.

As in the CSE study (Willems et al., Eur Heart J 6:815-825, 1985): a wave begins when the first lead shows it. One lead
alone may be noise, and so a bound counts that another lead has within the experts' own tolerance.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.median_beat import BeatBounds
from reader.measure.waves import FoundWave

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["TOLERANCE_MS", "combine"]

TOLERANCE_MS: Final = {
    "p begin": 10.2,
    "p end": 12.7,
    "qrs begin": 6.5,
    "qrs end": 11.6,
    "t begin": 30.6,
    "t end": 30.6,
}
"""Two standard deviations of cardiologists' marks (CSE Working Party 1985, for loose definitions of the waves); for
the begin of T, which nobody measured, that of its end."""


def combine(beats: Iterable[BeatBounds]) -> BeatBounds:
    """One beat of all leads; a wave that half of the leads do not show is none.

    Args:
        beats: the median beat of each lead.
    """
    seen = [beat for beat in beats if beat.qrs is not None]
    found = {}
    for name in ("p", "qrs", "t"):
        waves = [wave for beat in seen if (wave := getattr(beat, name)) is not None]
        found[name] = _combined(waves, name) if 2 * len(waves) >= max(len(seen), 1) else None
    return BeatBounds(**found)


def _combined(waves: Sequence[FoundWave], name: str) -> FoundWave:
    begin = _confirmed(sorted(wave.begin for wave in waves), TOLERANCE_MS[f"{name} begin"])
    end = -_confirmed(sorted(-wave.end for wave in waves), TOLERANCE_MS[f"{name} end"])
    peak = float(np.clip(np.median([wave.peak for wave in waves]), begin, end))
    return FoundWave(begin, peak, end, float(np.mean([wave.size for wave in waves])))


def _confirmed(places: Sequence[float], tolerance: float) -> float:
    """The first of some places that the next one follows within the tolerance; their median where none does."""
    for place, after in pairwise(places):
        if after - place <= tolerance:
            return place
    return float(np.median(places))
