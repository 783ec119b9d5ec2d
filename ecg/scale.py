"""From mV to the whole numbers that are stored and sent, and what such a number is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["FINE", "GAIN_PER_MV", "MISSING", "Scale"]

GAIN_PER_MV: Final = 400
"""Steps a mV: 2.5 uV each. The AHA (Kligfield et al. 2007) asks for 5 uV or finer; the ADS1292's own noise is 8 uVpp.
Recordings of 200 steps a mV, the usual gain of WFDB, keep their values exactly."""

MISSING: Final = -(2**15)
"""The lowest number of 16 bits stands for a sample that is missing."""

_FARTHEST_MV: Final = 1000.0
"""No electrode offset is larger; a baseline beyond would not fit a header's integer."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What stored numbers are worth: by default 2.5 uV a step in 16 bits, so +-81.9 mV.

    Attributes:
        baseline: the number that 0 mV has; it need not fit the bits, and is whole in files that store it so (WFDB).
        gain_per_mv: steps a mV; negative where the file is upside down.
        bits: of a number, its sign among them. The lowest number stands for a sample that is missing.
    """

    baseline: float = 0
    gain_per_mv: float = GAIN_PER_MV
    bits: int = 16

    @classmethod
    def centred(cls, middle_mv: int, bits: int = 16) -> Self:
        """A scale whose number 0 is a whole number of mV.

        Electrodes offset the ECG by up to some 300 mV, which a fixed middle and 16 bits of this fineness do not hold.
        """
        return cls(baseline=-middle_mv * GAIN_PER_MV, bits=bits)

    @classmethod
    def around(cls, samples_mv: FloatArray) -> Self:
        """A scale whose middle is the whole mV next to the median of the samples that are numbers."""
        valid_mv = samples_mv[np.isfinite(samples_mv)]
        median_mv = float(np.median(valid_mv)) if len(valid_mv) else 0.0
        return cls.centred(round(min(max(median_mv, -_FARTHEST_MV), _FARTHEST_MV)))

    @property
    def middle_mv(self) -> float:
        """Voltage of the number 0."""
        return -self.baseline / self.gain_per_mv

    @property
    def missing(self) -> int:
        """The number of a sample that is missing."""
        return -(1 << (self.bits - 1))

    def fits(self, samples_mv: FloatArray) -> bool:
        """Whether all samples (NaN aside) are within reach."""
        limit_mv = (-self.missing - 1) / abs(self.gain_per_mv)
        return not bool(np.any(np.abs(samples_mv - self.middle_mv) > limit_mv))

    def to_numbers(self, samples_mv: FloatArray) -> NDArray[np.int64]:
        """Round to the nearest step; what is out of reach stays at the end of the range, NaN is `missing`.

        Args:
            samples_mv: in mV, of any shape.
        """
        steps = np.rint((samples_mv - self.middle_mv) * self.gain_per_mv)
        return np.where(np.isnan(steps), self.missing, np.clip(steps, self.missing + 1, -self.missing - 1)).astype(
            np.int64
        )


FINE: Final = Scale(gain_per_mv=100_000, bits=32)
"""For the bench: 10 nV a step, below the 48 nV of an ADS1292 at gain 6, and +-21 V, which no input leaves."""
