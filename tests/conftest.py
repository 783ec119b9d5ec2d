"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from edge.inference.classifier import shipped_path

SLOWNESS = float(os.environ.get("ECG_EDGE_TEST_SLOWNESS") or 1)
"""Of this machine, a small or an emulated one: a test waits so much longer, hypothesis tries so much less."""

settings.register_profile("ecg-edge", deadline=None, max_examples=max(5, round(100 / SLOWNESS)))  # busy is no failure
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


@pytest.fixture
def shipped_model() -> Path:
    """Give the model that ships."""
    return shipped_path()
