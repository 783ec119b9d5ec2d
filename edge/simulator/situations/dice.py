"""The dice of a play: all that is drawn for one patient on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

import numpy as np

from edge.simulator.rhythms.draws import log_uniform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range

__all__ = ["Dice"]

T = TypeVar("T")


class Dice:
    """Draws numbers, always the same ones for the same arguments.

    Args:
        name: of the situation, so that one situation does not depend on the others.
        seed: of the whole gallery.
        play: number of the play.
    """

    def __init__(self, name: str, *, seed: int, play: int) -> None:
        self.rng = np.random.default_rng([seed, crc32(name.encode()), play])

    def between(self, span: Range) -> float:
        """A number of a range, each as likely as the other."""
        return float(self.rng.uniform(*span))

    def log_between(self, span: Range) -> float:
        """A number of a range of positive numbers, even in its logarithm."""
        return log_uniform(self.rng, *span)

    def normal(self, spread: float) -> float:
        """A number around 0 with a standard deviation."""
        return float(self.rng.normal(0, spread))

    def chance(self, share: float) -> bool:
        """True in this share of the draws."""
        return bool(self.rng.random() < share)

    def sign(self) -> float:
        """1 or -1."""
        return 1.0 if self.chance(0.5) else -1.0

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    def white(self, count: int) -> FloatArray:
        """White noise of RMS 1, shape (count,)."""
        return np.asarray(self.rng.standard_normal(count))

    def wander(self, times_s: FloatArray, *, spread: float, each_s: float) -> FloatArray:
        """A value around 0 that moves from one level to the next, shape (n,), without a jump.

        Args:
            times_s: shape (n,), rising.
            spread: standard deviation of the levels.
            each_s: time from one level to the next.
        """
        knots_s = np.arange(times_s[0] - each_s, times_s[-1] + 2 * each_s, each_s)
        return np.asarray(np.interp(times_s, knots_s, spread * self.white(len(knots_s))))
