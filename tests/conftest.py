"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ecg-edge", deadline=None)  # a busy machine is no failure
settings.load_profile("ecg-edge")

RECORDINGS = Path(os.environ.get("ECG_EDGE_RECORDINGS") or Path(__file__).parents[1] / "recordings")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder that holds mitdb/, svdb/ and the others; tests that need it skip without it."""
    if not (RECORDINGS / "mitdb" / "100.hea").exists():
        pytest.skip(f"no recordings in {RECORDINGS}: name their folder in ECG_EDGE_RECORDINGS")
    return RECORDINGS
