"""A recording in a temporary folder."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ecg.formats.wfdb.reader import WfdbReader
from edge.frontends.timebase import UtcLine
from edge.storage.ring import Ring, segment_paths
from edge.storage.segment import Origin
from edge.storage.segment_info import parse_info
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

NOON_S = 1_780_000_000.0
LINE = UtcLine(0, NOON_S, 1 / 360)


def open_ring(
    directory: Path, *, max_bytes: int = 10**9, max_age: timedelta = timedelta(days=9), leave_free_bytes: int = 0
) -> Ring:
    return Ring(directory, max_bytes=max_bytes, max_age=max_age, leave_free_bytes=leave_free_bytes)


def origin(rate_hz: Fraction = Fraction(500), session: str = "first") -> Origin:
    return Origin("bed-3", "simulator", session, rate_hz)


def read_back(directory: Path) -> dict[int, NDArray[np.float64]]:
    """Every segment by the index of its first sample, read to its end, checksum and all."""
    segments = {}
    for path in segment_paths(directory):
        record = WfdbReader(path)
        info = parse_info(record.header)
        assert info is not None
        segments[info.first_index] = record.read().samples_mv[0]
        assert len(segments[info.first_index]) == record.length
    return segments


@pytest.fixture(scope="session")
def line() -> UtcLine:
    """UTC that begins at a round moment and runs at the nominal rate."""
    return LINE


@pytest.fixture(scope="session")
def new_ring() -> Callable[..., Ring]:
    """Give `new_ring(directory, **limits)`."""
    return open_ring


@pytest.fixture(scope="session")
def new_writer() -> Callable[..., SegmentWriter]:
    """Give `new_writer(directory, rate_hz, session)`."""

    def make(directory: Path, rate_hz: Fraction = Fraction(500), session: str = "first") -> SegmentWriter:
        return SegmentWriter(open_ring(directory), origin(rate_hz, session))

    return make


@pytest.fixture(scope="session")
def new_origin() -> Callable[..., Origin]:
    """Give `new_origin(rate_hz, session)`."""
    return origin


@pytest.fixture(scope="session")
def read_segments() -> Callable[[Path], dict[int, NDArray[np.float64]]]:
    """Give `read_segments(directory)`."""
    return read_back
