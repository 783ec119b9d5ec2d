"""Playback of recordings and of the simulator: at the speed of a live front end, and in a loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecg.samples import SampleBlock

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from fractions import Fraction

    from ecg.source import Source

__all__ = ["LoopedRecording", "play_at_speed", "split_block"]

BLOCK_S = 0.1
"""As from a live front end. Larger blocks would delay alarms; smaller ones would wake a Pi more often."""


class LoopedRecording:
    """A recording played again and again; its sample index keeps counting up."""

    def __init__(self, recording: Source) -> None:
        self._recording = recording
        self.name: str = f"{recording.name} (loop)"
        self.rate_hz: Fraction = recording.rate_hz
        self.start_utc: datetime | None = None
        self.length: int | None = None

    def blocks(self) -> Iterator[SampleBlock]:
        """The recording's blocks, endlessly."""
        start = end = 0
        while True:
            for block in self._recording.blocks():
                end = start + block.first_index + len(block.samples_mv)
                yield SampleBlock(start + block.first_index, block.samples_mv, electrode_off=block.electrode_off)
            if end == start:
                return
            start = end


def split_block(block: SampleBlock, samples: int) -> Iterator[SampleBlock]:
    """The same samples in blocks of at most `samples`; the parts share the block's memory."""
    for start in range(0, len(block.samples_mv), samples):
        yield SampleBlock(
            block.first_index + start,
            block.samples_mv[start : start + samples],
            electrode_off=block.electrode_off,
            fault=block.fault,
        )


def play_at_speed(
    blocks: Iterable[SampleBlock], *, rate_hz: float | Fraction, speed: float, stop: threading.Event
) -> Iterator[SampleBlock]:
    """Yield each block at the time when a front end would have taken its last sample.

    The deadlines are absolute, counted from the first block, so delays do not add up. A gap between blocks takes as
    long as the samples that it lacks.

    Args:
        blocks: in order.
        rate_hz: sampling rate of the blocks.
        speed: multiple of real time; 0 = no waiting, and blocks pass unsplit.
        stop: ends the stream at once, even during a wait.

    Yields:
        Blocks that each take at most 0.1 s.
    """
    samples = max(1, round(BLOCK_S * speed * float(rate_hz)))
    started_s = time.monotonic()
    start_index: int | None = None
    for block in blocks:
        if start_index is None:
            start_index = block.first_index
        for part in split_block(block, samples) if speed else (block,):
            if speed:
                end_index = part.first_index + len(part.samples_mv)
                due_s = started_s + (end_index - start_index) / (float(rate_hz) * speed)
                stop.wait(max(0.0, due_s - time.monotonic()))
            if stop.is_set():
                return
            yield part
