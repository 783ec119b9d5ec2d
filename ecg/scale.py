"""Scales: the whole numbers as which samples in mV are stored and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["FINE", "GAIN_PER_MV", "MISSING", "Scale"]

GAIN_PER_MV: Final = 400
"""Steps a mV, so 2.5 uV a step. The AHA (Kligfield et al. 2007) asks for 5 uV or finer, and the noise of an ADS1292 is
8 uVpp. Values of recordings with 200 steps a mV, the usual gain of WFDB, stay exactly the same."""

MISSING: Final = -(2**15)
"""The lowest number of 16 bits, which stands for a missing sample."""

_FARTHEST_MV: Final = 1000.0
"""No electrode offset is larger. A larger baseline would not fit the integer of a header."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers stand for voltages. The default is 2.5 uV a step in 16 bits, which reach +-81.9 mV.

    Attributes:
        baseline: the number of 0 mV. It may lie outside the range of the bits. WFDB stores it as an integer.
        gain_per_mv: steps a mV; negative for an inverted signal.
        bits: of a number, with its sign. The lowest number stands for a missing sample.
    """

    baseline: float = 0
    gain_per_mv: float = GAIN_PER_MV
    bits: int = 16

    @classmethod
    def centred(cls, middle_mv: int, bits: int = 16) -> Self:
        """A scale whose number 0 is a whole number of mV.

        Electrodes add an offset of up to 300 mV to the ECG. 16 bits cannot hold that at 2.5 uV a step and 0 mV in the
        middle.
        """
        return cls(baseline=-middle_mv * GAIN_PER_MV, bits=bits)

    @classmethod
    def around(cls, samples_mv: FloatArray) -> Self:
        """A scale around the median of the samples, rounded to a whole mV. NaN does not count."""
        valid_mv = samples_mv[np.isfinite(samples_mv)]
        median_mv = float(np.median(valid_mv)) if len(valid_mv) else 0.0
        return cls.centred(round(min(max(median_mv, -_FARTHEST_MV), _FARTHEST_MV)))

    @property
    def middle_mv(self) -> float:
        """The voltage of the number 0."""
        return -self.baseline / self.gain_per_mv

    @property
    def missing(self) -> int:
        """The number of a missing sample."""
        return -(1 << (self.bits - 1))

    def fits(self, samples_mv: FloatArray) -> bool:
        """Whether all samples are within the range. NaN does not count."""
        limit_mv = (-self.missing - 1) / abs(self.gain_per_mv)
        return not bool(np.any(np.abs(samples_mv - self.middle_mv) > limit_mv))

    def to_numbers(self, samples_mv: FloatArray) -> NDArray[np.int64]:
        """Convert samples to numbers: the nearest step, or the end of the range. NaN becomes `missing`.

        Args:
            samples_mv: in mV, of any shape.
        """
        steps = np.rint((samples_mv - self.middle_mv) * self.gain_per_mv)
        return np.where(np.isnan(steps), self.missing, np.clip(steps, self.missing + 1, -self.missing - 1)).astype(
            np.int64
        )


FINE: Final = Scale(gain_per_mv=100_000, bits=32)
"""For the bench: 10 nV a step, finer than the 48 nV of an ADS1292 at gain 6, and a range of +-21 V."""
