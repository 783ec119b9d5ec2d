"""Lets the blocks of a recording or of the simulator pass at the speed of a live front end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecg.samples import SampleBlock

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Iterator
    from fractions import Fraction

__all__ = ["cut", "paced"]

PIECE_S = 0.1
"""A live front end hands over about ten blocks a second: alarms do not wait for more, and a Pi wakes no oftener."""


def cut(block: SampleBlock, samples: int) -> Iterator[SampleBlock]:
    """The same samples in blocks of at most `samples`; the pieces share the block's memory."""
    for start in range(0, len(block.samples_mv), samples):
        yield SampleBlock(
            block.first_index + start,
            block.samples_mv[start : start + samples],
            electrode_off=block.electrode_off,
            fault=block.fault,
        )


def paced(
    blocks: Iterable[SampleBlock], *, rate_hz: float | Fraction, speed: float, stop: threading.Event
) -> Iterator[SampleBlock]:
    """Hand each block on when its last sample would have been taken.

    The deadlines are absolute, counted from the first block, so lateness does not add up: who was held up catches up.
    A gap between blocks takes its time like samples do.

    Args:
        blocks: in order.
        rate_hz: sampling rate of the blocks.
        speed: times real time; 0 = as fast as asked (the blocks then pass uncut).
        stop: ends the stream at once, also out of a wait.

    Yields:
        Blocks of at most 0.1 s of waiting each.
    """
    samples = max(1, round(PIECE_S * speed * float(rate_hz)))
    started_s = time.monotonic()
    start_index: int | None = None
    for block in blocks:
        if start_index is None:
            start_index = block.first_index
        for piece in cut(block, samples) if speed else (block,):
            if speed:
                end_index = piece.first_index + len(piece.samples_mv)
                due_s = started_s + (end_index - start_index) / (float(rate_hz) * speed)
                stop.wait(max(0.0, due_s - time.monotonic()))
            if stop.is_set():
                return
            yield piece
