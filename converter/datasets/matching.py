"""Which beat of one annotation is which of another, after ANSI/AAMI EC57 (4.3) and PhysioNet's `bxb`.

Two beats are the same beat where they lie within 150 ms; each is used once, nearest pairs first. Stretches of
ventricular flutter or fibrillation carry no single beats: what is detected there is neither right nor wrong.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from converter.datasets.annotations import BeatAnnotations, IntArray

__all__ = ["MATCH_WINDOW", "WHOLE", "Span", "counted_within", "match_beats"]

MATCH_WINDOW = 54
"""150 ms at 360 Hz: EC57 4.3.2."""

Span = tuple[float, float]
"""A stretch of a record from the first second to just before the second, in s."""

WHOLE: tuple[Span, ...] = ((0.0, math.inf),)


def match_beats(reference: IntArray, test: IntArray, window: int = MATCH_WINDOW) -> IntArray:
    """Pair beats one to one, nearest pairs first.

    Args:
        reference: shape (n,), indices in order of time.
        test: shape (m,), likewise.
        window: largest distance of a pair, in samples, inclusive.

    Returns:
        shape (n,): for each reference beat the number of its test beat, or -1.
    """
    first = np.searchsorted(test, reference - window, side="left")
    last = np.searchsorted(test, reference + window, side="right")
    width = last - first
    owner = np.repeat(np.arange(len(reference)), width)
    candidate = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width) + np.repeat(first, width)
    distance = np.abs(reference[owner] - test[candidate])
    # Equal distances: the earlier pair first, so that swapping the two sides pairs the same beats.
    order = np.lexsort((reference[owner] + test[candidate], distance))
    partner = np.full(len(reference), -1, dtype=np.int64)
    taken = np.zeros(len(test), dtype=bool)
    for pair in order.tolist():
        beat, detection = owner[pair], candidate[pair]
        if partner[beat] < 0 and not taken[detection]:
            partner[beat] = detection
            taken[detection] = True
    return partner


def counted_within(index: IntArray, reference: BeatAnnotations, spans_s: Sequence[Span]) -> NDArray[np.bool_]:
    """Which of these 360 Hz indices are compared: within the spans, outside of the reference's ventricular flutter."""
    counted = np.zeros(len(index), dtype=bool)
    for start_s, end_s in spans_s:
        counted |= (index >= start_s * SAMPLE_RATE_HZ) & (index < end_s * SAMPLE_RATE_HZ)
    for first, last in reference.ventricular_flutter:
        counted &= (index < first) | (index > last)
    return counted
