"""The pipe from the acquisition process to the daemon.

The kernel bounds the pipe (64 KiB: 20 s of samples). The writer never waits: it drops and counts samples that find no
room. A message is shorter than PIPE_BUF, so it is written whole or not at all.
"""

from __future__ import annotations

import os
import select
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from edge.frontends.acquisition.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PipeReader", "PipeWriter"]

MAX_WAITING_MESSAGES = 16
LENGTH_BYTES = 2


class PipeWriter:
    """The acquisition process's end.

    Args:
        descriptor: of the pipe; set to non-blocking.

    Attributes:
        dropped: number of samples that found no room.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._encoder = msgspec.msgpack.Encoder()
        self._waiting: deque[bytes] = deque(maxlen=MAX_WAITING_MESSAGES)
        os.set_blocking(descriptor, False)

    def send(self, message: Message, *, samples: int = 0) -> None:
        """Write a message if there is room. Otherwise drop and count its samples; a message without samples waits.

        Raises:
            BrokenPipeError: the daemon has closed its end.
        """
        while self._waiting and self._write(self._waiting[0]):
            self._waiting.popleft()
        packet = self._encoder.encode(message)
        packet = len(packet).to_bytes(LENGTH_BYTES, "little") + packet
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


class PipeReader:
    """The daemon's end.

    Args:
        descriptor: of the pipe.

    Attributes:
        ended: whether the writer has closed its end.
    """

    def __init__(self, descriptor: int) -> None:
        self.ended = False
        self._descriptor = descriptor
        self._decoder = msgspec.msgpack.Decoder(Message)
        self._received = bytearray()
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN | select.POLLHUP)

    def read(self, timeout_s: float) -> Iterator[Message]:
        """Yield the messages in the pipe; wait for one until the timeout or until the pipe has `ended`."""
        if not self._poll.poll(timeout_s * 1000):
            return
        received = os.read(self._descriptor, 65536)
        self.ended = not received
        self._received += received
        while len(self._received) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "little")
            if len(self._received) < end:
                return
            packet = bytes(self._received[LENGTH_BYTES:end])
            del self._received[:end]
            yield self._decoder.decode(packet)
