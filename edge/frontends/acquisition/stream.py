"""From the messages of the acquisition process to sample blocks with one running index.

The index runs on through faults by the clock and the measured rate, so that what was lost is a gap of the right length,
to half a sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.frontends.acquisition.handover import Samples, Started

__all__ = ["Stream"]

BEHIND_NS = 250_000_000
"""Lost samples are told up to so long ago: those of the last moments may still be on their way."""

LONGEST_BLOCK_S = 10


class Stream:
    """Index and clock of one source.

    Args:
        rate_hz: nominal rate.
        now_ns: the moment of index 0 on the monotonic clock.

    Attributes:
        fault: why no samples come, as a sentence; None while they come or are expected. Set by the owner, cleared
            by samples.
        lost: samples lost so far.
    """

    def __init__(self, rate_hz: int, now_ns: int) -> None:
        self.fault: str | None = None
        self.lost = 0
        self._rate_hz = rate_hz
        self._period_ns = 1e9 / rate_hz
        self._mv_per_count = 0.0
        self._offset: int | None = None  # index of the front end's sample 0
        self._end = 0  # index after the last sample, lost or not ...
        self._end_ns: float = now_ns  # ... and its moment
        self._has_begun = False

    def started(self, message: Started) -> None:
        """The front end counts from 0 again."""
        self._mv_per_count = message.mv_per_count
        self._offset = None

    def take(self, message: Samples) -> SampleBlock | None:
        """The samples as a block; None if all of them were told as lost already."""
        self.fault = None
        if message.rate_hz is not None:
            self._period_ns = 1e9 / message.rate_hz
        samples_mv = np.frombuffer(message.counts, dtype="<f4").astype(np.float64) * self._mv_per_count
        if self._offset is None:
            first_ns = message.last_ns - (len(samples_mv) - 1) * self._period_ns
            self._offset = self._end + round((first_ns - self._end_ns) / self._period_ns) - message.first
        first = self._offset + message.first
        told = max(self._end - first, 0)
        if told >= len(samples_mv):
            return None
        if self._has_begun:
            self.lost += first + told - self._end
        self._has_begun = True
        self._end = first + len(samples_mv)
        self._end_ns = message.last_ns + self._period_ns
        return SampleBlock(
            first + told,
            samples_mv[told:],
            electrode_off=message.electrode_off,
            fault=message.complaint,
            end_s=self._end_ns / 1e9,
        )

    def lose(self, now_ns: int) -> Iterator[SampleBlock]:
        """While there is a fault: the samples that have been lost meanwhile, as blocks of NaN."""
        if self.fault is None:
            return
        count = int((now_ns - BEHIND_NS - self._end_ns) / self._period_ns)
        while count > 0:
            length = min(count, LONGEST_BLOCK_S * self._rate_hz)
            first, self._end = self._end, self._end + length
            self._end_ns += length * self._period_ns
            self.lost += length
            self._has_begun = True
            count -= length
            yield SampleBlock(first, np.full(length, np.nan), fault=self.fault, end_s=self._end_ns / 1e9)
