"""Streaming filters with whole-number taps and carried state; exact with the steps of `edge.signal.quantisation`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = ["Fir", "MovingSum", "held"]


def held(value: float, length: int) -> FloatArray:
    """A stretch of one value: what a filter takes for the past before the first sample."""
    return np.full(length, value)


class Fir:
    """A finite impulse response; before the first sample its input is taken to have been `before`.

    Args:
        taps: whole numbers, shape (n,).
        before: held value of the past; None = the first sample pushed.
    """

    def __init__(self, taps: Sequence[int], *, before: float | None = None) -> None:
        self._taps = np.array(taps, float)
        self._past = None if before is None else held(before, len(taps) - 1)

    def push(self, samples: FloatArray) -> FloatArray:
        """One output for each input; shape (n,)."""
        if not len(samples):
            return samples
        if self._past is None:
            self._past = held(samples[0], len(self._taps) - 1)
        line = np.concatenate((self._past, samples))
        self._past = line[len(samples) :]
        return np.convolve(line, self._taps, "valid")


class MovingSum:
    """Sum over the last `length` samples; costs the same for each length."""

    def __init__(self, length: int, *, before: float | None = None) -> None:
        self._length = length
        self._past = None if before is None else held(before, length)

    def push(self, samples: FloatArray) -> FloatArray:
        """One output for each input; shape (n,)."""
        if not len(samples):
            return samples
        if self._past is None:
            self._past = held(samples[0], self._length)
        line = np.concatenate((self._past, samples))
        self._past = line[len(samples) :]
        total = np.cumsum(line)
        return total[self._length :] - total[: len(samples)]
