"""A situation as a source without end: it is played again and again, each time with another patient."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from edge.simulator.situations.situation import Situation, compose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from ecg.samples import SampleBlock

__all__ = ["EndlessSituation"]


class EndlessSituation:
    """A situation of which plays follow one another, always the same for the same arguments.

    Args:
        situation: to play.
        seed: of the dice.
    """

    start_utc = None
    length = None

    def __init__(self, situation: Situation, *, seed: int) -> None:
        self.name = f"simulator {situation.name}"
        self._situation = situation
        self._seed = seed
        self.rate_hz: Fraction = compose(situation, seed=seed).rate_hz

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples of all plays, at the rate of the first."""
        start = 0
        for play in count():
            source = compose(self._situation, seed=self._seed, play=play, rate_hz=int(self.rate_hz))
            for block in source.blocks():
                yield replace(block, first_index=start + block.first_index)
            start += source.length
