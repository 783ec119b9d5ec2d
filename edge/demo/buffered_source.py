"""A source of limited length that keeps its last seconds for drawing."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from ecg.samples import FloatArray, SampleBlock
    from ecg.source import Source

__all__ = ["BufferedSource"]

KEPT_S = 30


class BufferedSource:
    """Passes on the blocks of another source and keeps the last `KEPT_S` seconds.

    Args:
        source: the other source.
        duration_s: stream time after which this source ends.
    """

    def __init__(self, source: Source, *, duration_s: float) -> None:
        self.name: str = source.name
        self.rate_hz: Fraction = source.rate_hz
        self.start_utc: datetime | None = source.start_utc
        self.length: int | None = round(duration_s * source.rate_hz)
        self._source = source
        self._blocks: deque[SampleBlock] = deque()
        self._lock = threading.Lock()

    def blocks(self) -> Iterator[SampleBlock]:
        """Pass the blocks on and keep them."""
        assert self.length is not None
        for block in self._source.blocks():
            if block.first_index >= self.length:
                return
            with self._lock:
                self._blocks.append(block)
                while self._blocks[0].first_index < block.first_index - KEPT_S * self.rate_hz:
                    self._blocks.popleft()
            yield block

    def samples_mv(self, start_s: float, end_s: float) -> FloatArray:
        """Samples from `start_s` to `end_s` of stream time, in mV; NaN where there is none."""
        first, last = round(start_s * self.rate_hz), round(end_s * self.rate_hz)
        samples_mv = np.full(last - first, np.nan)
        with self._lock:
            blocks = list(self._blocks)
        for block in blocks:
            begin, end = max(block.first_index, first), min(block.first_index + len(block.samples_mv), last)
            if begin < end:
                samples_mv[begin - first : end - first] = block.samples_mv[
                    begin - block.first_index : end - block.first_index
                ]
        return samples_mv
