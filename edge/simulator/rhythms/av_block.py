"""Sinus beats that are not conducted to the ventricles, or do not come: block of the second degree, and pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.simulator.rhythms.draws import Range, log_uniform

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["BlockParameters", "blocked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockParameters:
    """The numbers of `blocked`; what is marked (log) is drawn even in its logarithm.

    Attributes:
        with_pauses: share of the patients who have pauses of any length instead of a block.
        pause_every: (log) beats from one pause to the next, on average.
        pause: how many times as long a pause is as the interval would be.
        ratios: of how many sinus beats one is not conducted, with the chance of each.
        most_ratios: a patient has one of them, or so many.
        wenckebach: share of the patients whose intervals shorten between blocked beats, by `shortening` a beat for at
            most `shortened_beats` beats.
        doubled: how many times as long the interval is that holds the blocked beat, without shortening; `spread` is its
            standard deviation.
        stretch_beats: (log) beats for which one ratio, or none, stays on average.
    """

    with_pauses: float = 0.25
    pause_every: Range = (3, 40)
    pause: Range = (1.3, 3.0)
    ratios: tuple[tuple[int, float], ...] = ((2, 0.4), (3, 0.2), (4, 0.12), (5, 0.1), (6, 0.08), (12, 0.1))
    most_ratios: int = 3
    wenckebach: float = 0.4
    shortening: Range = (0, 0.08)
    shortened_beats: int = 3
    doubled: float = 1.98
    spread: Range = (0.005, 0.04)
    stretch_beats: Range = (3, 60)


_BLOCK: Final = BlockParameters()


def blocked(rng: np.random.Generator, sinus_s: FloatArray) -> FloatArray:
    """A sinus rhythm of which beats are missing, shape (n,), in s.

    Three of four patients have a block of the second degree: stretches of 2:1, 3:2 and so on between stretches without
    it, two of five with Wenckebach's shortening intervals. The others have pauses of any length.
    """
    own = _BLOCK
    count = len(sinus_s)
    if rng.random() < own.with_pauses:
        chance = 1 / log_uniform(rng, *own.pause_every)
        is_pause = rng.random(count) < chance
        return np.where(is_pause, sinus_s * rng.uniform(*own.pause, count), sinus_s)
    choices, chances = zip(*own.ratios, strict=True)
    ratios = rng.choice(choices, size=int(rng.integers(1, own.most_ratios + 1)), replace=False, p=chances)
    patterns = [1, *ratios.tolist()]  # sinus beats of which one is not conducted; 1: no block
    shortening = rng.uniform(*own.shortening) if rng.random() < own.wenckebach else 0.0
    typical_beats = [log_uniform(rng, *own.stretch_beats) for _ in patterns]
    spread = rng.uniform(*own.spread)
    factors: list[float] = []
    now = int(rng.integers(len(patterns)))
    while len(factors) < count:
        end = len(factors) + 1 + int(rng.geometric(1 / typical_beats[now]))
        while len(factors) < end:
            if patterns[now] == 1:
                factors.append(1.0)
                continue
            factors.append(rng.normal(own.doubled - 2 * shortening, spread))
            conducted = range(1, patterns[now] - 1)
            factors += [1 - shortening * min(beat, own.shortened_beats) for beat in conducted]
        now = (now + int(rng.integers(1, len(patterns)))) % len(patterns)
    return np.asarray(sinus_s * np.array(factors[:count]))
