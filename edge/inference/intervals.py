"""What a small network reads in the RR intervals: whether a beat comes too early, and what rhythm it stands in.

The features of `edge.inference.inputs` sum the intervals up, and a sum forgets their order, by which a person tells an
atrial run from beats that are not conducted, or a sinus node in a hurry. This network sees the last 64 intervals in
their order, with the one before the beat and the one after it. It learned from simulated patients alone
(`converter.simulation.patients`, `python -m converter.training.fit_interval_network`), so no recording has a part in
it, and it may be shown the heart rate itself: there is no patient that it could know by it. What its opinion is worth
on real patients the model learns, to which it is shown as features among the others.

Convolutions over ever longer distances after van den Oord et al., "WaveNet", arXiv:1609.03499, 2016.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import Float32Array

__all__ = ["DILATIONS", "INTERVALS", "KERNEL", "NEAREST", "WEIGHTS_PATH", "IntervalNetwork", "Opinion", "seen"]

INTERVALS: Final = 66
"""The last 64 known intervals, the one before the beat, and the one after it."""
KERNEL: Final = 3
"""Intervals that a convolution takes together, none of them later than the one that it is written to."""
DILATIONS: Final = (1, 2, 4, 8, 16)
"""How far apart they are in each residual block; the first convolution has them next to each other."""
NEAREST: Final = 4
"""Intervals that the dense layer is shown as they are, the last ones."""
WEIGHTS_PATH: Final = Path(__file__).with_suffix(".npz")

_TYPICAL_RR_S: Final = 0.8
_SPREAD: Final = 0.3  # in ln
_LIMIT: Final = 4.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the network says of a beat.

    Attributes:
        ln_odds_early: natural logarithm of the odds that the beat is a premature one, whichever its origin.
        sinus, ectopic, blocked, atrial_fibrillation, atrial_flutter: probabilities, of sum 1, of what the rhythm is
            made of: the sinus node alone; premature beats; beats that are not conducted, or pauses; atrial
            fibrillation; atrial flutter.
    """

    ln_odds_early: float
    sinus: float
    ectopic: float
    blocked: float
    atrial_fibrillation: float
    atrial_flutter: float


def seen(known_s: Sequence[float], before_s: float | None, after_s: float | None) -> Float32Array:
    """What the network is shown, shape (66, 2): each interval as ln to the median of all, and ln of that median.

    Args:
        known_s: RR intervals, above 0, in their order; of more than 64 the last ones are shown.
        before_s: the interval before the beat.
        after_s: the one after it; of these one that is not known is shown as no deviation.
    """
    past = [*known_s[-(INTERVALS - 2) :], *([] if before_s is None else [before_s])]
    middle_s = median(past) if past else _TYPICAL_RR_S
    values = [*known_s[-(INTERVALS - 2) :], before_s or middle_s, after_s or middle_s]
    shown = np.zeros((INTERVALS, 2), np.float32)
    shown[INTERVALS - len(values) :, 0] = np.log(values)
    shown[INTERVALS - len(values) :, 0] -= math.log(middle_s)
    shown[:, 1] = math.log(middle_s / _TYPICAL_RR_S)
    shown /= _SPREAD
    return np.clip(shown, -_LIMIT, _LIMIT)


class IntervalNetwork:
    """The network at work.

    Args:
        weights: by name: `kernel0` (3, 2, width) and `bias0` of the first convolution, `kernel1` (3, width, width) and
            so on of the residual blocks, `dense_kernel`, `dense_bias`, `out_kernel` (units, 6), `out_bias`.
    """

    def __init__(self, weights: dict[str, Float32Array]) -> None:
        self._convolutions = [
            (weights[f"kernel{number}"], weights[f"bias{number}"], distance)
            for number, distance in enumerate((1, *DILATIONS))
        ]
        self._dense = weights["dense_kernel"], weights["dense_bias"]
        self._out = weights["out_kernel"], weights["out_bias"]

    @staticmethod
    @cache
    def shipped() -> IntervalNetwork:
        """The network of this version."""
        with np.load(WEIGHTS_PATH, allow_pickle=False) as arrays:
            return IntervalNetwork({name: arrays[name] for name in arrays.files})

    def read(self, known_s: Sequence[float], before_s: float | None, after_s: float | None) -> Opinion:
        """The opinion on a beat; see `seen` for the arguments."""
        ln_odds, *rhythms = self.outputs(seen(known_s, before_s, after_s)).tolist()
        largest = max(rhythms)
        shares = [math.exp(rhythm - largest) for rhythm in rhythms]
        return Opinion(ln_odds, *(share / sum(shares) for share in shares))

    def outputs(self, shown: Float32Array) -> Float32Array:
        """Shape (6,): ln odds of a premature beat, and the five rhythms before the softmax; `shown` is (66, 2)."""
        x = shown
        for number, (kernel, bias, distance) in enumerate(self._convolutions):
            y = x @ kernel[-1] + bias
            for back in range(1, KERNEL):
                y[back * distance :] += x[: -back * distance] @ kernel[-1 - back]
            y = np.maximum(y, 0)
            x = x + y if number else y
        head = np.concatenate((x[-1], x.mean(axis=0), shown[-NEAREST:].ravel()))
        kernel, bias = self._dense
        hidden = np.maximum(head @ kernel + bias, 0)
        kernel, bias = self._out
        return np.asarray(hidden @ kernel + bias)
