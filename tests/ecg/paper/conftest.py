"""A recording whose picture can be measured: steps of known height at known moments."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from ecg.recording import Lead, Recording

RATE_HZ = 250
STEP_S = 1.0
STEP_MV = 3.0


@pytest.fixture
def steps() -> Recording:
    """10 s that change between -1.5 mV and 1.5 mV at each full second, on an electrode's offset of 40 mV."""
    second = np.arange(10 * RATE_HZ) // RATE_HZ
    return Recording(
        samples_mv=40 + np.where(second % 2 == 0, -STEP_MV / 2, STEP_MV / 2)[np.newaxis],
        leads=(Lead("II"),),
        rate_hz=Fraction(RATE_HZ),
        start_utc=datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC),
        name="simulator",
        device="bed-3",
    )
