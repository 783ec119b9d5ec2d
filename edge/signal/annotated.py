"""R peaks that are known already stand in for the detector, to cut each annotated beat of a training record."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from edge.signal.candidates import CANDIDATE_DELAY, Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AnnotatedPeaks"]


class AnnotatedPeaks:
    """Tells given R peaks in place of `PanTompkins`, with the same delay.

    Args:
        indices: 360 Hz indices, ascending.
    """

    def __init__(self, indices: Iterable[int]) -> None:
        self._indices = deque(indices)

    def restart(self, index: int) -> None:
        """A new stretch begins at `index`: peaks before it were lost."""
        while self._indices and self._indices[0] < index:
            self._indices.popleft()

    def advance(self, candidates: Iterable[Candidate], index: int) -> list[Candidate]:  # noqa: ARG002 - a detector's signature
        """The peaks known by now; the candidates are not looked at."""
        found = []
        while self._indices and self._indices[0] + CANDIDATE_DELAY <= index:
            peak = self._indices.popleft()
            found.append(Candidate(peak, peak + CANDIDATE_DELAY, energy=0.0, height=0.0, steepness=0.0, extent=0.0))
        return found

    def finish(self) -> list[Candidate]:
        """Nothing is held back."""
        return []
