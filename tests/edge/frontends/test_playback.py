"""Playback at a speed: the samples pass unchanged, at absolute deadlines, and a stop ends them at once."""

from __future__ import annotations

import threading
from itertools import count

import numpy as np

from ecg.samples import SampleBlock
from edge.frontends.playback import play_at_speed

BLOCKS = [SampleBlock(0, np.arange(1000.0)), SampleBlock(1500, np.arange(500.0), electrode_off=True)]


class Waits(threading.Event):
    """An event that does not wait, and keeps how long it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked_s.append(timeout or 0.0)
        return self.is_set()


def test_the_parts_hold_the_same_samples() -> None:
    parts = list(play_at_speed(BLOCKS, rate_hz=500, speed=1, stop=Waits()))

    assert [part.first_index for part in parts] == [*range(0, 1000, 50), *range(1500, 2000, 50)]
    assert np.concatenate([part.samples_mv for part in parts]).tolist() == [*range(1000), *range(500)]
    assert [part.electrode_off for part in parts] == [None] * 20 + [True] * 10


def test_deadlines_are_absolute_and_gaps_take_their_time() -> None:
    stop = Waits()
    speed, rate_hz = 1e-3, 10.0  # so slow that what the test itself takes does not count
    for part in play_at_speed(
        [SampleBlock(100, np.zeros(2)), SampleBlock(107, np.zeros(1))], rate_hz=rate_hz, speed=speed, stop=stop
    ):
        assert len(part.samples_mv) == 1

    # No wait was real, so each deadline still lies as far ahead as it did at the start.
    assert np.round(np.array(stop.asked_s) * speed * rate_hz, 1).tolist() == [1, 2, 8]


def test_at_speed_0_blocks_pass_unsplit_and_without_waiting() -> None:
    stop = Waits()

    assert list(play_at_speed(BLOCKS, rate_hz=500, speed=0, stop=stop)) == BLOCKS
    assert stop.asked_s == []


def test_a_stop_ends_an_endless_stream_during_a_wait() -> None:
    stop = threading.Event()
    endless = (SampleBlock(10 * n, np.zeros(10)) for n in count())
    timer = threading.Timer(0.05, stop.set)
    timer.start()

    parts = list(play_at_speed(endless, rate_hz=10, speed=1e-6, stop=stop))  # the first would be due in days

    timer.join()
    assert parts == []
