"""The quantisation of amplitudes with which the signal path computes.

Samples are whole multiples of 2**-14 mV (61 nV, near the 48 nV step of a 24-bit front end), held in float64, and every
filter has whole-number taps. All sums then stay below 2**53 and are exact, so that their order does not matter: the
result is the same however a stream is cut into blocks, and the same on each processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["STEPS_PER_MV", "from_steps", "to_steps"]

STEPS_PER_MV: Final = 2.0**14
LIMIT_MV: Final = 500.0  # beyond any electrode offset (+-300 mV, IEC 60601-2-47); keeps the sums exact


def to_steps(samples_mv: FloatArray) -> FloatArray:
    """Nearest quantisation steps of samples in mV; any shape; values beyond +-500 mV are limited to that."""
    return np.rint(np.clip(samples_mv, -LIMIT_MV, LIMIT_MV) * STEPS_PER_MV)


def from_steps(steps: FloatArray) -> FloatArray:
    """Samples in mV."""
    return steps / STEPS_PER_MV
