"""The pipe: messages arrive whole and in order, samples without room are dropped and counted, and nothing blocks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from edge.frontends.acquisition.messages import (
    MAX_SAMPLES,
    MAX_TEXT_CHARS,
    Fault,
    LogWarning,
    Message,
    Samples,
    Started,
)
from edge.frontends.acquisition.pipe import PipeReader, PipeWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_TEXT = "x" * MAX_TEXT_CHARS


def samples(first: int, count: int = 50) -> Samples:
    return Samples(
        first=first,
        last_ns=2**62,
        rate_hz=500.1,
        electrode_off=None,
        warning=LONG_TEXT,
        dropped=2**40,
        counts=bytes(4 * count),
    )


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def everything(reader: PipeReader) -> list[Message]:
    messages = []
    while more := list(reader.read(0)):
        messages += more
    return messages


def test_messages_arrive_as_they_were_sent(pipe: tuple[int, int]) -> None:
    sent: list[Message] = [
        Started(name="ADS1292R", mv_per_count=4.8e-5),
        samples(0),
        Fault(cause="DRDY does not fall"),
        LogWarning(text="no real-time priority"),
        samples(2**40, MAX_SAMPLES),
    ]
    writer = PipeWriter(pipe[1])
    for message in sent:
        writer.send(message)
    assert everything(PipeReader(pipe[0])) == sent


def test_the_longest_message_fits_an_atomic_write(pipe: tuple[int, int]) -> None:
    PipeWriter(pipe[1]).send(samples(2**62, MAX_SAMPLES))
    assert len(os.read(pipe[0], 65536)) <= 4096


def test_samples_without_room_are_dropped_and_counted_and_other_messages_wait(pipe: tuple[int, int]) -> None:
    writer = PipeWriter(pipe[1])
    for number in range(200):
        writer.send(samples(50 * number), samples=50)
    assert writer.dropped > 0
    writer.send(Fault(cause=LONG_TEXT))
    received = everything(PipeReader(pipe[0]))
    assert 50 * len(received) + writer.dropped == 200 * 50
    writer.send(LogWarning(text="there is room again"))
    assert everything(PipeReader(pipe[0])) == [Fault(cause=LONG_TEXT), LogWarning(text="there is room again")]


def test_a_reader_waits_for_a_message_and_notices_the_end() -> None:
    read_end, write_end = os.pipe()
    reader = PipeReader(read_end)
    assert list(reader.read(0.01)) == []
    assert not reader.ended
    os.close(write_end)
    assert list(reader.read(1.0)) == []
    assert reader.ended
    os.close(read_end)


def test_a_writer_notices_that_the_reader_has_gone() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with pytest.raises(BrokenPipeError):
        PipeWriter(write_end).send(LogWarning(text="anyone?"))
    os.close(write_end)
