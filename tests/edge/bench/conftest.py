"""The bench commands as real processes on simulated chips."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def start_command(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Begin a command of `ecg-edge`."""
    return subprocess.Popen(
        [sys.executable, "-m", "edge.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | (environment or {}),
    )


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Give `start_command`."""
    return start_command
