"""The shapes of a patient's QRS complexes, as the detector learns them: what comes next is compared with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge.samples import FloatArray

__all__ = ["QrsShapes"]

_MOST_SHAPES: Final = 3  # beyond it the one that was not seen for longest is forgotten
_SAME: Final = 0.7  # cosine from which on a beat is of a shape
_BORNE_OUT: Final = 4  # beats: a shape of fewer may be an artefact's
_WEIGHT: Final = 1 / 16  # of a new beat in its shape


@dataclass(slots=True, eq=False)
class _Shape:
    mean: FloatArray
    beats: int = 1

    def cosine(self, unit: FloatArray) -> float:
        power = float(self.mean @ self.mean)
        return float(unit @ self.mean) / math.sqrt(power) if power > 0 else 0.0


class QrsShapes:
    """Follows the three shapes that were seen last; one is enough of most patients, ectopic beats have their own."""

    def __init__(self) -> None:
        self._shapes: list[_Shape] = []  # the one that was seen last at the end

    def likeness(self, unit: FloatArray | None) -> float | None:
        """Cosine with the shape that is most like, -1 to 1; None where nothing is known to compare.

        Args:
            unit: `Candidate.shape`.
        """
        if unit is None:
            return None
        return max((shape.cosine(unit) for shape in self._shapes if shape.beats >= _BORNE_OUT), default=None)

    def add(self, unit: FloatArray | None, *, may_be_new: bool) -> None:
        """A beat was found.

        Args:
            unit: its `Candidate.shape`.
            may_be_new: a beat like none of the shapes begins one.
        """
        if unit is None:
            return
        nearest = max(self._shapes, key=lambda shape: shape.cosine(unit), default=None)
        if nearest is not None and nearest.cosine(unit) >= _SAME:
            nearest.beats += 1
            nearest.mean = nearest.mean + max(1 / nearest.beats, _WEIGHT) * (unit - nearest.mean)
            self._shapes.remove(nearest)
        elif may_be_new:
            nearest = _Shape(unit)
        else:
            return
        self._shapes = [*self._shapes, nearest][-_MOST_SHAPES:]
