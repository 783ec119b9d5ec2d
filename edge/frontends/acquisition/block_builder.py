"""Turns the acquisition process's messages into sample blocks with one continuous index.

During a fault the index advances by the clock and the measured rate. Lost samples thus become a gap of the right
length, within half a sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.frontends.acquisition.messages import Samples, Started

__all__ = ["BlockBuilder"]

PIPE_DELAY_NS = 250_000_000
"""Samples younger than this may still be in the pipe, so they do not count as lost yet."""

MAX_BLOCK_S = 10


class BlockBuilder:
    """Index and clock of one source.

    Args:
        rate_hz: nominal rate.
        now_ns: time of index 0 on the monotonic clock.

    Attributes:
        fault: why no samples come, as a sentence; None while they come or are expected. The owner sets it; samples
            clear it.
        lost: number of samples lost so far.
    """

    def __init__(self, rate_hz: int, now_ns: int) -> None:
        self.fault: str | None = None
        self.lost = 0
        self._rate_hz = rate_hz
        self._period_ns = 1e9 / rate_hz
        self._mv_per_count = 0.0
        self._offset: int | None = None  # index of the front end's sample 0
        self._end = 0  # index after the last sample, lost or not
        self._end_ns: float = now_ns  # time of that index
        self._has_begun = False

    def restart(self, message: Started) -> None:
        """Note that the front end counts from 0 again."""
        self._mv_per_count = message.mv_per_count
        self._offset = None

    def add(self, message: Samples) -> SampleBlock | None:
        """The samples as a block; None if all of them were already reported as lost."""
        self.fault = None
        if message.rate_hz is not None:
            self._period_ns = 1e9 / message.rate_hz
        samples_mv = np.frombuffer(message.counts, dtype="<f4").astype(np.float64) * self._mv_per_count
        if self._offset is None:
            first_ns = message.last_ns - (len(samples_mv) - 1) * self._period_ns
            self._offset = self._end + round((first_ns - self._end_ns) / self._period_ns) - message.first
        first = self._offset + message.first
        reported = max(self._end - first, 0)
        if reported >= len(samples_mv):
            return None
        if self._has_begun:
            self.lost += first + reported - self._end
        self._has_begun = True
        self._end = first + len(samples_mv)
        self._end_ns = message.last_ns + self._period_ns
        return SampleBlock(
            first + reported,
            samples_mv[reported:],
            electrode_off=message.electrode_off,
            fault=message.warning,
            end_s=self._end_ns / 1e9,
        )

    def lost_blocks(self, now_ns: int) -> Iterator[SampleBlock]:
        """During a fault: the samples lost since the last block, as blocks of NaN."""
        if self.fault is None:
            return
        count = int((now_ns - PIPE_DELAY_NS - self._end_ns) / self._period_ns)
        while count > 0:
            length = min(count, MAX_BLOCK_S * self._rate_hz)
            first, self._end = self._end, self._end + length
            self._end_ns += length * self._period_ns
            self.lost += length
            self._has_begun = True
            count -= length
            yield SampleBlock(first, np.full(length, np.nan), fault=self.fault, end_s=self._end_ns / 1e9)
