"""A simulated MCP3208 or MCP3008 (datasheets DS21298, DS21295, chapter 5), bit by bit."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND_BITS = 5  # start, single-ended, three of the channel


class SimulatedMcp320x:
    """One converter.

    Args:
        bits: 12 or 10.
        input_v: voltage at its channels, by channel and time in ns.
        reference_v: at VREF.

    Attributes:
        stuck_miso: MISO stays so: 0x00 or 0xFF.
        flip_every: in each so many-th reply one bit is flipped; 0 = never.
    """

    def __init__(self, bits: int, input_v: Callable[[int, float], float], reference_v: float, *, seed: int = 1) -> None:
        self.stuck_miso: int | None = None
        self.flip_every = 0
        self._bits = bits
        self._input_v = input_v
        self._reference_v = reference_v
        self._random = random.Random(seed)
        self._replies = 0

    def transfer(self, now_ns: int, data: bytes, *, hz: int, mode: int, hold_ns: float) -> bytes:
        """Exchange bytes during one chip select."""
        del hold_ns
        if self.stuck_miso is not None:
            return bytes([self.stuck_miso]) * len(data)
        length = 8 * len(data)
        sent = f"{int.from_bytes(data, 'big'):0{length}b}"
        start = sent.find("1")
        floating = self._random.getrandbits(length)
        if start < 0 or mode not in {0, 3}:
            return floating.to_bytes(len(data), "big")
        command = sent[start : start + COMMAND_BITS].ljust(COMMAND_BITS, "0")
        assert command[1] == "1", "differential inputs are not simulated"
        sampled_ns = now_ns + (start + COMMAND_BITS + 0.5) * 1e9 / hz
        channel = int(f"0b{command[2:]}", 0)
        spoken = self._spoken(channel, sampled_ns)
        silent = start + COMMAND_BITS + 1  # clocks for which DOUT floats
        received = f"{floating:0{length}b}"[:silent] + "".join(next(spoken) for _ in range(length - silent))
        return self._damage(int(received[:length], 2).to_bytes(len(data), "big"))

    def _spoken(self, channel: int, ns: float) -> Iterator[str]:
        full_scale = 1 << self._bits
        counts = int(self._input_v(channel, ns) / self._reference_v * full_scale)
        sample = f"{max(0, min(full_scale - 1, counts)):0{self._bits}b}"
        yield "0"
        yield from sample
        yield from reversed(sample[:-1])
        while True:
            yield "0"

    def _damage(self, reply: bytes) -> bytes:
        self._replies += 1
        if not self.flip_every or self._replies % self.flip_every:
            return reply
        bit = self._random.randrange(17, len(reply) * 8)  # among those that mean something on either chip
        return (int.from_bytes(reply, "big") ^ 1 << len(reply) * 8 - 1 - bit).to_bytes(len(reply), "big")
