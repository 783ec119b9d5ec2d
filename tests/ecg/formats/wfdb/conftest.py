"""A record in a folder of the test's own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.wfdb_files import write_record as write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def write_record(tmp_path: Path) -> Callable[..., Path]:
    """Give `write_record(adc, **more)`, see `tests.support.wfdb_files`."""
    return partial(write, tmp_path)
