"""A simulated front end in real time for processes of their own: stand-ins for `spidev` and `gpiod` on their path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from simulated.front_end_file import FrontEndFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FrontEndFile:
    """Give the front end that the processes of this test will find."""
    file = FrontEndFile(tmp_path)
    for name, value in file.environment.items():
        monkeypatch.setenv(name, value)
    return file
