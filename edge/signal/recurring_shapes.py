"""Shapes that recur, each with its own size: what the common levels turn down may be beats all the same.

The levels of a detector follow all beats at once. Beside large premature beats, or after an artefact, the patient's own
may lie below them, beat after beat; so may beats whose electrodes were changed over, and an escape rhythm after an
arrest. Noise does not come again and again in one shape and one size.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from edge.signal.candidates import Candidate

__all__ = ["RecurringShape", "RecurringShapes", "are_alike"]

_SAME: Final = 0.93  # cosine from which on two maxima are of one shape ...
_SIZE: Final = 0.6  # ... where the smaller has this share of the other's energy and steepness, or more
_OFTEN: Final = 3  # times a shape has to have come, to be one of beats, ...
_AMONG: Final = 6  # ... among the last so many maxima
_MEMORY: Final = 8 * SAMPLE_RATE_HZ  # between two of them
_WEIGHT: Final = 1 / 4  # of the newest in the mean size


@dataclass(slots=True, eq=False)
class RecurringShape:
    """A shape: its mean and mean size, how often it came among the last maxima, and the index of the newest."""

    mean: RunningMean
    energy: float
    steepness: float
    times: int = 0
    newest: int = 0

    @property
    def is_often(self) -> bool:
        """Whether it came so often that it is one of beats."""
        return self.times >= _OFTEN

    def holds(self, candidate: Candidate) -> bool:
        """Whether a maximum is of this shape and size."""
        return (
            candidate.shape is not None
            and abs(candidate.index - self.newest) <= _MEMORY
            and _are_near(self.energy, candidate.energy)
            and _are_near(self.steepness, candidate.steepness)
            and (self.mean.cosine(candidate.shape) or 0.0) >= _SAME
        )


class RecurringShapes:
    """Follows the shapes of what may be QRS complexes and was turned down."""

    def __init__(self) -> None:
        self._last: deque[RecurringShape] = deque(maxlen=_AMONG)

    def add(self, candidate: Candidate) -> RecurringShape | None:
        """Take a maximum; gives its shape, which may be new; None where that is not known."""
        if candidate.shape is None:
            return None
        shape = self.find(candidate)
        if shape is None:
            shape = RecurringShape(RunningMean(len(candidate.shape)), candidate.energy, candidate.steepness)
        shape.mean.add(candidate.shape)
        shape.energy += _WEIGHT * (candidate.energy - shape.energy)
        shape.steepness += _WEIGHT * (candidate.steepness - shape.steepness)
        shape.newest = candidate.index
        self._last.append(shape)
        shape.times = self._last.count(shape)
        return shape

    def find(self, candidate: Candidate) -> RecurringShape | None:
        """The shape of a maximum, if it has come before."""
        return next((each for each in reversed(self._last) if each.holds(candidate)), None)

    def withdraw(self, candidate: Candidate) -> None:
        """A maximum that was taken belongs to the beat after it: its shape has not recurred."""
        self._last = deque((each for each in self._last if not each.holds(candidate)), maxlen=_AMONG)


def are_alike(one: Candidate, other: Candidate) -> bool:
    """Whether two maxima are of one shape and size."""
    return (
        one.shape is not None
        and other.shape is not None
        and _are_near(one.energy, other.energy)
        and _are_near(one.steepness, other.steepness)
        and float(one.shape @ other.shape) >= _SAME
    )


def _are_near(one: float, other: float) -> bool:
    return min(one, other) >= _SIZE * max(one, other)
