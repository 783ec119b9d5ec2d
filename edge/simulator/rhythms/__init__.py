"""Rhythms of simulated patients: the intervals between their heartbeats, and which beats are premature.

Nothing here is measured on a patient. What is put in is what textbooks say of rates and intervals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecg.samples import FloatArray

__all__ = ["Rhythm"]

Rhythm = tuple[FloatArray, NDArray[np.bool_]]
"""RR interval before each beat in s, and whether it is premature; both (n,)."""
