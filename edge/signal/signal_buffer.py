"""A stretch of signal addressed by absolute 360 Hz index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["SignalBuffer"]


class SignalBuffer:
    """Samples from `start` up to `end`; grows at the end, forgets at the start."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._samples: FloatArray = np.empty(0)

    @property
    def end(self) -> int:
        """Index after the last sample."""
        return self.start + len(self._samples)

    def append(self, samples: FloatArray) -> None:
        """Add samples at the end."""
        self._samples = np.concatenate((self._samples, samples)) if len(samples) else self._samples

    def __getitem__(self, span: slice) -> FloatArray:
        """Samples with indices in [span.start, span.stop), cut to what is there."""
        return self._samples[max(span.start - self.start, 0) : max(span.stop - self.start, 0)]

    def forget(self, before: int) -> None:
        """Drop the samples with indices below `before`, never more than there are."""
        before = min(before, self.end)
        if before > self.start:
            self._samples = self._samples[before - self.start :]
            self.start = before
