"""The bench for the tests of the AD8232."""

from __future__ import annotations

import pytest
from simulated.ad8232_bench import Ad8232Bench


@pytest.fixture
def bench() -> type[Ad8232Bench]:
    """Give the class; a test makes the bench that it needs."""
    return Ad8232Bench
