"""What was seen before an interruption: the last seconds of signal of earlier stretches, joined to a new one.

Filters, R peaks and beats begin anew behind a gap. Whether the signal is good, and whether it is one wave after the
other, is judged over two and four seconds: with contact that breaks each second or two there would never be so many
without a gap, and nothing could be told at all. They are therefore judged on what was seen, pieces of it put together,
as long as no more than two seconds were hidden among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.signal_buffer import SignalBuffer

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.signal.filters import FilteredSignals

__all__ = ["JoinedSignals", "SeenSignal"]

_KEPT: Final = 5 * SAMPLE_RATE_HZ  # the four seconds that are judged, and the delay of the filters
_MOST_HIDDEN: Final = 2 * SAMPLE_RATE_HZ  # the shortest that is judged: no more may be hidden than was seen


@dataclass(frozen=True, slots=True)
class SeenSignal:
    """The newest signal that was seen, of one or more stretches.

    Attributes:
        pieces: 360 Hz indices of the begin and the end of each.
        raw, low, baseline: as in `FilterBank`, shape (n,): the pieces one after the other.
    """

    pieces: tuple[tuple[int, int], ...] = ()
    raw: FloatArray = field(default_factory=partial(np.empty, 0))
    low: FloatArray = field(default_factory=partial(np.empty, 0))
    baseline: FloatArray = field(default_factory=partial(np.empty, 0))

    def before(self, index: int) -> SeenSignal:
        """What of it may be joined to a stretch that begins at a 360 Hz index."""
        hidden, number, following = 0, 0, index
        for start, end in reversed(self.pieces):
            hidden += following - end
            if hidden > _MOST_HIDDEN:
                break
            number += 1
            following = start
        pieces = self.pieces[len(self.pieces) - number :]
        length = sum(end - start for start, end in pieces)
        first = len(self.raw) - length
        return SeenSignal(pieces, self.raw[first:], self.low[first:], self.baseline[first:])

    def and_then(self, signals: FilteredSignals, start: int, end: int) -> SeenSignal:
        """Join a piece of filtered signal, from one 360 Hz index to another; the oldest is forgotten."""
        start = max(start, end - _KEPT)
        span = slice(start, end)
        pieces = [*self.pieces, (start, end)]
        excess = sum(stop - begin for begin, stop in pieces) - _KEPT
        while excess > 0:
            begin, stop = pieces.pop(0)
            if stop - begin > excess:
                pieces.insert(0, (begin + excess, stop))
            excess -= stop - begin
        return SeenSignal(
            tuple(pieces),
            np.concatenate((self.raw, signals.raw[span]))[-_KEPT:],
            np.concatenate((self.low, signals.low[span]))[-_KEPT:],
            np.concatenate((self.baseline, signals.baseline[span]))[-_KEPT:],
        )


class JoinedSignals:
    """A stretch's signals with those that were seen before it in place of what its filters make up.

    Args:
        before: what was seen.
        signals: of the stretch.
        first_index: 360 Hz index of its first sample.

    Attributes:
        start: 360 Hz index that the first sample seen would have without a gap.
        raw, low, baseline: as in `FilterBank`.
    """

    def __init__(self, before: SeenSignal, signals: FilteredSignals, first_index: int) -> None:
        self.start = first_index - len(before.raw)
        self.raw: SignalBuffer = _Joined(before.raw, signals.raw, first_index)
        self.low: SignalBuffer = _Joined(before.low, signals.low, first_index)
        self.baseline: SignalBuffer = _Joined(before.baseline, signals.baseline, first_index)


class _Joined(SignalBuffer):
    """A signal that grows, behind one that does not."""

    def __init__(self, before: FloatArray, signal: SignalBuffer, first_index: int) -> None:
        super().__init__(first_index - len(before))
        self._before = before
        self._signal = signal
        self._first_index = first_index

    @property
    def end(self) -> int:
        """Index after the last sample."""
        return self._signal.end

    def __getitem__(self, span: slice) -> FloatArray:
        """Samples with indices in [span.start, span.stop), cut to what is there."""
        if span.start >= self._first_index or not len(self._before):
            return self._signal[span]
        before = self._before[max(span.start - self.start, 0) : max(span.stop - self.start, 0)]
        return np.concatenate((before, self._signal[max(span.start, self._first_index) : span.stop]))
