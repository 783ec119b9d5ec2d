"""From mV to the 16-bit numbers that are stored and sent, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from ecg.formats.wfdb.storage import FORMATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["FINE", "GAIN_PER_MV", "MISSING", "Scale", "to_adc"]

GAIN_PER_MV: Final = 400
"""Steps a mV: 2.5 uV each. The AHA (Kligfield et al. 2007) asks for 5 uV or finer; the ADS1292's own noise is 8 uVpp.
Recordings of 200 steps a mV, the usual gain of WFDB, keep their values exactly."""

MISSING: Final = FORMATS[16].missing
_FARTHEST_MV: Final = 1000.0
"""No electrode offset is larger; a baseline beyond would not fit the header's integer."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What stored numbers are worth: by default 2.5 uV a step around a middle, in 16 bits, so +-81.9 mV.

    Attributes:
        middle_mv: voltage of the number 0. Electrodes offset the ECG by up to some 300 mV, which a fixed middle and
            16 bits of this fineness would not hold.
        gain_per_mv: steps a mV.
        format: of WFDB, 16 or 32: the bits of a number.
    """

    middle_mv: int
    gain_per_mv: int = GAIN_PER_MV
    format: int = 16

    @classmethod
    def around(cls, samples_mv: FloatArray) -> Self:
        """A scale whose middle is the whole mV next to the median of the samples that are numbers."""
        valid_mv = samples_mv[np.isfinite(samples_mv)]
        median_mv = float(np.median(valid_mv)) if len(valid_mv) else 0.0
        return cls(round(min(max(median_mv, -_FARTHEST_MV), _FARTHEST_MV)))

    @property
    def baseline(self) -> int:
        """The number that 0 mV would have; it need not fit the format."""
        return -self.middle_mv * self.gain_per_mv

    @property
    def missing(self) -> int:
        """The number of a sample that is missing."""
        return FORMATS[self.format].missing

    @property
    def bytes(self) -> int:
        """Of a number."""
        return self.format // 8

    def fits(self, samples_mv: FloatArray) -> bool:
        """Whether all samples (NaN aside) are within reach."""
        limit_mv = (-self.missing - 1) / self.gain_per_mv
        return not bool(np.any(np.abs(samples_mv - self.middle_mv) > limit_mv))

    def to_adc(self, samples_mv: FloatArray) -> NDArray[np.signedinteger]:
        """Round to the nearest step; what is out of reach stays at the end of the range, NaN is `missing`."""
        adc = to_adc(samples_mv - self.middle_mv, self.missing, self.gain_per_mv)
        return adc.astype(f"<i{self.bytes}")


FINE: Final = Scale(0, gain_per_mv=100_000, format=32)
"""For the bench: 10 nV a step, below the 48 nV of an ADS1292 at gain 6, and +-21 V, which no input leaves."""


def to_adc(samples_mv: FloatArray, missing: int, gain_per_mv: int = GAIN_PER_MV) -> NDArray[np.int64]:
    """Round to the nearest step.

    Args:
        samples_mv: shape (n,), mV.
        missing: lowest value of the format, which stands for NaN; what is out of reach stays at the end of the range.
        gain_per_mv: steps a mV.
    """
    steps = np.rint(samples_mv * gain_per_mv)
    return np.where(np.isnan(steps), missing, np.clip(steps, missing + 1, -missing - 1)).astype(np.int64)
