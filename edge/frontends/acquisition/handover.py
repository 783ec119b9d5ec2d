"""What passes from the acquisition process to the daemon, and the pipe through which it passes.

The pipe is bounded by the kernel (64 KiB: 20 s of samples) and the writer never waits: what finds no room is dropped
and counted. A message is written whole or not at all, as it is shorter than PIPE_BUF.
"""

from __future__ import annotations

import os
import select
from collections import deque
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_SAMPLES", "Fault", "Message", "Notice", "Reader", "Samples", "Started", "Writer"]

MOST_SAMPLES = 800
"""In one message: with the rest it stays below the 4096 bytes that a pipe takes whole."""

LONGEST_TEXT = 500
KEPT = 16
HEAD_BYTES = 2


class Started(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The front end was brought up; the numbers of the samples begin at 0 again."""

    name: str
    mv_per_count: float


class Samples(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Consecutive samples with one state of the electrodes.

    Attributes:
        first: number of the first one since `Started`.
        last_ns: moment of the last one on the monotonic clock.
        rate_hz: true rate as measured so far; None until it is known.
        electrode_off: None where the front end cannot tell.
        complaint: what is wrong although samples come; None while all is well.
        dropped: samples that found no room in the pipe, since the process began.
        counts: little-endian 32-bit floats; NaN is clipped.
    """

    first: int
    last_ns: int
    rate_hz: float | None
    electrode_off: bool | None
    complaint: str | None
    dropped: int
    counts: bytes


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The front end does not work; told again each second until it does."""

    cause: str


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """For the log."""

    text: str


Message = Started | Samples | Fault | Notice


class Writer:
    """The end of the acquisition process.

    Args:
        descriptor: of the pipe; is made non-blocking.

    Attributes:
        dropped: samples that found no room.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._encoder = msgspec.msgpack.Encoder()
        self._waiting: deque[bytes] = deque(maxlen=KEPT)
        os.set_blocking(descriptor, False)

    def send(self, message: Message, *, samples: int = 0) -> None:
        """Write a message if there is room; samples are else dropped and counted, the rest waits.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        while self._waiting and self._write(self._waiting[0]):
            self._waiting.popleft()
        packet = self._encoder.encode(message)
        packet = len(packet).to_bytes(HEAD_BYTES, "little") + packet
        if self._waiting or not self._write(packet):
            if samples:
                self.dropped += samples
            else:
                self._waiting.append(packet)

    def _write(self, packet: bytes) -> bool:
        try:
            os.write(self._descriptor, packet)
        except BlockingIOError:
            return False
        return True


class Reader:
    """The end of the daemon.

    Args:
        descriptor: of the pipe.

    Attributes:
        ended: the writer has closed its end.
    """

    def __init__(self, descriptor: int) -> None:
        self.ended = False
        self._descriptor = descriptor
        self._decoder = msgspec.msgpack.Decoder(Message)
        self._received = bytearray()
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN | select.POLLHUP)

    def read(self, timeout_s: float) -> Iterator[Message]:
        """The messages that are there; waits for one until the time is out or the pipe has `ended`."""
        if not self._poll.poll(timeout_s * 1000):
            return
        received = os.read(self._descriptor, 65536)
        self.ended = not received
        self._received += received
        while len(self._received) >= HEAD_BYTES:
            end = HEAD_BYTES + int.from_bytes(self._received[:HEAD_BYTES], "little")
            if len(self._received) < end:
                return
            packet = bytes(self._received[HEAD_BYTES:end])
            del self._received[:end]
            yield self._decoder.decode(packet)
