"""Recordings as a source: opens what a path names, and plays it in a loop where asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.samples import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from ecg.source import Source

__all__ = ["Loop"]


class Loop:
    """A recording played again and again, its sample index running on."""

    def __init__(self, recording: Source) -> None:
        """Play `recording` in a loop."""
        self._recording = recording
        self.name: str = f"{recording.name} (loop)"
        self.rate_hz: Fraction = recording.rate_hz
        self.start_utc: datetime | None = None
        self.length: int | None = None

    def blocks(self) -> Iterator[SampleBlock]:
        """The recording's blocks without end."""
        start = end = 0
        while True:
            for block in self._recording.blocks():
                end = start + block.first_index + len(block.samples_mv)
                yield SampleBlock(start + block.first_index, block.samples_mv, electrode_off=block.electrode_off)
            if end == start:
                return
            start = end
