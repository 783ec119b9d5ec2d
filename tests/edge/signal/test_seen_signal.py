"""What was seen on either side of a gap is judged together."""

from __future__ import annotations

import numpy as np

from edge.signal.filters import FilterBank
from edge.signal.seen_signal import JoinedSignals, SeenSignal

RATE = 360


def filtered(first: int, length: int, level: float) -> FilterBank:
    """A stretch of ripple around a level, and half a minute of it more for the filters' delay."""
    filters = FilterBank(first_index=first)
    filters.push(np.array([level + k % 7 for k in range(length + 2 * RATE)], dtype=np.float64))
    return filters


def test_two_stretches_are_one_signal_without_the_gap() -> None:
    before = SeenSignal().and_then(filtered(0, 1000, 100), 0, 1000)
    stretch = filtered(1500, 400, 200)
    joined = JoinedSignals(before.before(1500), stretch, 1500)
    assert joined.start == 500
    for name in ("raw", "low", "baseline"):
        signal = getattr(joined, name)
        window = signal[1300:1700]
        assert len(window) == 400
        assert np.array_equal(window[200:], getattr(stretch, name)[1500:1700])
        assert np.array_equal(window[:200], getattr(before, name)[800:])
        assert np.array_equal(signal[1500:1600], getattr(stretch, name)[1500:1600])
        assert np.array_equal(signal[600:700], getattr(before, name)[100:200])
    assert joined.raw.end == stretch.raw.end


def test_what_lies_before_more_than_two_hidden_seconds_is_not_joined() -> None:
    seen = SeenSignal().and_then(filtered(0, RATE, 0), 0, RATE)
    seen = seen.before(2 * RATE).and_then(filtered(2 * RATE, RATE, 0), 2 * RATE, 3 * RATE)
    assert seen.pieces == ((0, RATE), (2 * RATE, 3 * RATE))
    assert len(seen.before(4 * RATE).raw) == 2 * RATE
    assert seen.before(4 * RATE + 1).pieces == ((2 * RATE, 3 * RATE),)
    assert seen.before(6 * RATE).pieces == ()
    assert len(seen.before(6 * RATE).raw) == 0


def test_the_oldest_is_forgotten() -> None:
    seen = SeenSignal()
    for number in range(20):
        first = number * RATE
        seen = seen.and_then(filtered(first, RATE // 2, number), first, first + RATE // 2)
    assert len(seen.raw) == len(seen.low) == len(seen.baseline) == 5 * RATE
    assert sum(end - start for start, end in seen.pieces) == 5 * RATE
    assert seen.pieces[-1] == (19 * RATE, 19 * RATE + RATE // 2)
