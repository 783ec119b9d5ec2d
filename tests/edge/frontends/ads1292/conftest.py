"""A bench with a simulated ADS1292R."""

from __future__ import annotations

import pytest
from simulated.ads1292_bench import Ads1292Bench


@pytest.fixture
def bench() -> type[Ads1292Bench]:
    """Give the class; a test makes the bench that it needs."""
    return Ads1292Bench
