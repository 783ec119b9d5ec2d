"""The source thread: nothing downstream delays a live source, and a source that can wait loses nothing."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import numpy as np

from ecg.errors import InputError
from ecg.samples import SampleBlock
from edge.frontends.source_thread import QUEUE_BLOCKS, Arrival, SourceThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def blocks(count: int) -> Iterator[SampleBlock]:
    for number in range(count):
        yield SampleBlock(number, np.zeros(1))


def drain(source_thread: SourceThread) -> list[int]:
    indices = []
    while not source_thread.ended:
        arrival = source_thread.next(5.0)
        if arrival is not None:
            indices.append(arrival.block.first_index)
    return indices


def test_a_source_that_can_wait_loses_nothing() -> None:
    source_thread = SourceThread(blocks(3 * QUEUE_BLOCKS), live=False, stop=threading.Event())
    source_thread.start()
    assert drain(source_thread) == list(range(3 * QUEUE_BLOCKS))
    assert source_thread.error is None


def test_a_live_source_is_not_delayed_and_dropping_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    read_all = threading.Event()

    def live() -> Iterator[SampleBlock]:
        yield from blocks(2 * QUEUE_BLOCKS)
        read_all.set()

    source_thread = SourceThread(live(), live=True, stop=threading.Event())
    with caplog.at_level(logging.ERROR):
        source_thread.start()
        assert read_all.wait(10.0)  # although nobody takes anything
        assert drain(source_thread) == list(range(QUEUE_BLOCKS))
    assert [record.getMessage() for record in caplog.records] == [
        "The pipeline does not keep up: samples are being lost."
    ]


def test_a_block_with_an_end_time_arrives_at_that_time() -> None:
    plain, stamped = Arrival.of(SampleBlock(0, np.zeros(1))), Arrival.of(SampleBlock(0, np.zeros(1), end_s=1.0))
    assert stamped.monotonic_s == 1.0
    assert abs((stamped.wall_s - stamped.monotonic_s) - (plain.wall_s - plain.monotonic_s)) < 1.0


def test_a_source_that_fails_passes_on_the_blocks_before_and_its_error() -> None:
    def failing() -> Iterator[SampleBlock]:
        yield from blocks(3)
        raise InputError("the file ends in the middle")

    source_thread = SourceThread(failing(), live=True, stop=threading.Event())
    source_thread.start()
    assert drain(source_thread) == [0, 1, 2]
    assert isinstance(source_thread.error, InputError)


def test_a_source_that_delivers_nothing_gives_nothing_and_has_not_ended() -> None:
    released = threading.Event()

    def silent() -> Iterator[SampleBlock]:
        released.wait(10.0)
        yield from blocks(1)

    source_thread = SourceThread(silent(), live=True, stop=threading.Event())
    source_thread.start()
    assert source_thread.next(0.05) is None
    assert not source_thread.ended
    released.set()
    assert drain(source_thread) == [0]


def test_stopping_frees_a_source_that_waits_for_room() -> None:
    stop = threading.Event()
    source_thread = SourceThread(blocks(10 * QUEUE_BLOCKS), live=False, stop=stop)
    source_thread.start()
    assert source_thread.next(5.0) is not None
    stop.set()
    (source,) = [thread for thread in threading.enumerate() if thread.name == "source"]
    source.join(5.0)
    assert not source.is_alive()
