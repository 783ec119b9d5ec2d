"""The shapes of a patient's QRS complexes, as the detector learns them: what comes next is compared with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["QrsShapes"]

_MOST_SHAPES: Final = 3  # beyond it the one that was not seen for longest is forgotten
_SAME: Final = 0.7  # cosine from which on a beat is of a shape
_BORNE_OUT: Final = 4  # beats: a shape of fewer may be an artefact's


class QrsShapes:
    """Follows the three shapes that were seen last; one is enough of most patients, ectopic beats have their own."""

    def __init__(self) -> None:
        self._shapes: list[RunningMean] = []  # the one that was seen last at the end

    def likeness(self, unit: FloatArray | None) -> float | None:
        """Cosine with the shape that is most like, -1 to 1; None where nothing is known to compare.

        Args:
            unit: `Candidate.shape`.
        """
        if unit is None:
            return None
        return max((_cosine(shape, unit) for shape in self._shapes if shape.number >= _BORNE_OUT), default=None)

    def add(self, unit: FloatArray | None, *, may_be_new: bool) -> None:
        """A beat was found.

        Args:
            unit: its `Candidate.shape`.
            may_be_new: a beat like none of the shapes begins one.
        """
        if unit is None:
            return
        nearest = max(self._shapes, key=lambda shape: _cosine(shape, unit), default=None)
        if nearest is not None and _cosine(nearest, unit) >= _SAME:
            self._shapes.remove(nearest)
        elif may_be_new:
            nearest = RunningMean(len(unit))
        else:
            return
        nearest.add(unit)
        self._shapes = [*self._shapes, nearest][-_MOST_SHAPES:]


def _cosine(shape: RunningMean, unit: FloatArray) -> float:
    return shape.cosine(unit) or 0.0  # a mean that is 0 is like nothing
