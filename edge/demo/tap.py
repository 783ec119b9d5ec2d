"""Listens in on a source: keeps the last seconds of its samples, so that they can be drawn, and ends it in time."""

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

__all__ = ["Tap"]

KEPT_S = 30


class Tap:
    """A source that passes another one's blocks on.

    Args:
        source: the other one.
        duration_s: the stream ends after so much of it.
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
        """Pass the blocks on and remember them."""
        assert self.length is not None
        for block in self._source.blocks():
            if block.first_index >= self.length:
                return
            with self._lock:
                self._blocks.append(block)
                while self._blocks[0].first_index < block.first_index - KEPT_S * self.rate_hz:
                    self._blocks.popleft()
            yield block

    def stretch_mv(self, start_s: float, end_s: float) -> FloatArray:
        """Give the samples of a stretch of stream time, in mV; NaN where there is none."""
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
