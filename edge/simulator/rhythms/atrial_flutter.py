"""Atrial flutter: each interval is a multiple of the atria's own, which hardly changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range

__all__ = ["AtrialFlutterParameters", "atrial_flutter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialFlutterParameters:
    """The numbers of `atrial_flutter`.

    Attributes:
        atrial_s: interval of the atria: 207 to 316 a minute.
        ratios: atrial beats of which one is conducted, with the chance of each.
        most_ratios: a patient has one of them, or so many.
        stays: chance that the ratio of a beat is that of the one before.
        spread: standard deviation of an interval in ln.
    """

    atrial_s: Range = (0.19, 0.29)
    ratios: tuple[tuple[int, float], ...] = ((2, 0.3), (3, 0.15), (4, 0.35), (5, 0.1), (6, 0.1))
    most_ratios: int = 4
    stays: Range = (0, 0.98)
    spread: Range = (0.005, 0.03)


_FLUTTER: Final = AtrialFlutterParameters()


def atrial_flutter(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of a patient in atrial flutter, shape (count,), in s."""
    own = _FLUTTER
    atrial_s = rng.uniform(*own.atrial_s)
    choices, chances = zip(*own.ratios, strict=True)
    ratios = rng.choice(choices, size=int(rng.integers(1, own.most_ratios + 1)), replace=False, p=chances)
    stays = rng.uniform(*own.stays)
    spread = rng.uniform(*own.spread)
    conducted = np.empty(count)
    now = rng.choice(ratios)
    for number in range(count):
        if rng.random() > stays:
            now = rng.choice(ratios)
        conducted[number] = now
    return conducted * atrial_s * np.exp(spread * rng.standard_normal(count))
