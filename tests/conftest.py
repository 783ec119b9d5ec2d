"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ecg-edge", deadline=None)  # a busy machine is no failure
settings.load_profile("ecg-edge")

RECORDINGS = Path(os.environ.get("ECG_EDGE_RECORDINGS") or Path(__file__).parents[1] / "recordings")


DATABASES = ("mitdb", "svdb", "vfdb")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder that holds mitdb/, svdb/ and vfdb/; tests that need it skip without it."""
    missing = [name for name in DATABASES if not any((RECORDINGS / name).glob("*.hea"))]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {RECORDINGS}: name the folder that holds them in ECG_EDGE_RECORDINGS")
    return RECORDINGS
