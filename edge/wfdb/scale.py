"""From mV to the 16-bit numbers that are stored and sent, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from edge.wfdb.formats import FORMATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.samples import FloatArray

__all__ = ["GAIN_PER_MV", "MISSING", "Scale", "to_adc"]

GAIN_PER_MV: Final = 400
"""Steps a mV: 2.5 uV each. The AHA (Kligfield et al. 2007) asks for 5 uV or finer; the ADS1292's own noise is 8 uVpp.
Recordings of 200 steps a mV, the usual gain of WFDB, keep their values exactly."""

MISSING: Final = FORMATS[16].missing
_FARTHEST_MV: Final = 1000.0
"""No electrode offset is larger; a baseline beyond would not fit the header's integer."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What 16-bit numbers are worth: 2.5 uV a step around a middle, so +-81.9 mV.

    Attributes:
        middle_mv: voltage of the number 0. Electrodes offset the ECG by up to some 300 mV, which a fixed middle and
            16 bits of this fineness would not hold.
    """

    middle_mv: int

    @classmethod
    def around(cls, samples_mv: FloatArray) -> Self:
        """A scale whose middle is the whole mV next to the median of the samples that are numbers."""
        valid_mv = samples_mv[np.isfinite(samples_mv)]
        median_mv = float(np.median(valid_mv)) if len(valid_mv) else 0.0
        return cls(round(min(max(median_mv, -_FARTHEST_MV), _FARTHEST_MV)))

    @property
    def baseline(self) -> int:
        """The number that 0 mV would have; it need not fit 16 bits."""
        return -self.middle_mv * GAIN_PER_MV

    def fits(self, samples_mv: FloatArray) -> bool:
        """Whether all samples (NaN aside) are within reach."""
        limit_mv = (-MISSING - 1) / GAIN_PER_MV
        return not bool(np.any(np.abs(samples_mv - self.middle_mv) > limit_mv))

    def to_adc(self, samples_mv: FloatArray) -> NDArray[np.int16]:
        """Round to the nearest step; what is out of reach stays at the end of the range, NaN is `MISSING`."""
        return to_adc(samples_mv - self.middle_mv, MISSING).astype(np.int16)


def to_adc(samples_mv: FloatArray, missing: int) -> NDArray[np.int64]:
    """Round to the nearest step.

    Args:
        samples_mv: shape (n,), mV.
        missing: lowest value of the format, which stands for NaN; what is out of reach stays at the end of the range.
    """
    steps = np.rint(samples_mv * GAIN_PER_MV)
    return np.where(np.isnan(steps), missing, np.clip(steps, missing + 1, -missing - 1)).astype(np.int64)
