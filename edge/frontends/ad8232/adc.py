"""What passes to and from an MCP3208 or MCP3008: a conversion in five bytes (datasheets DS21298E, DS21295D, chapter 5).

After the start bit come single-ended, the channel, one clock in which the input is sampled, a null bit, and the sample:
most significant bit first and then, if the clock goes on, the other way round from bit 1, and zeros for ever. Three
bytes would hold the sample; five hold it twice, which tells a damaged one from a good one.

    MCP3208  sent      0000 01SC  CCxx xxxx  ---- ----  ---- ----  ---- ----      S = 1: single-ended, C = channel
             received  ???? ????  ???0 BA98  7654 3210  1234 5678  9AB0 0000
    MCP3008  sent      0000 0001  SCCC xxxx  ---- ----  ---- ----  ---- ----
             received  ???? ????  ???? ?098  7654 3210  1234 5678  9000 0000
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ADCS", "Adc"]

REPLY_BITS = 40
FIRST_BITS = 24  # up to bit 0 of the sample


@dataclass(frozen=True, slots=True)
class Adc:
    """One kind of converter.

    Attributes:
        name: as printed on it.
        bits: of a sample.
    """

    name: str
    bits: int

    @property
    def full_scale(self) -> int:
        """Counts that the reference voltage stands for; a sample is always below it."""
        return 1 << self.bits

    def request(self, channel: int) -> bytes:
        """The bytes that have channel 0 to 7 converted."""
        command = 0b11000 | channel  # start, single-ended, channel; two clocks follow: sampling, null bit
        return (command << REPLY_BITS - FIRST_BITS + self.bits + 2).to_bytes(REPLY_BITS // 8, "big")

    def decode(self, reply: bytes) -> int | None:
        """The sample of a reply; None if the null bit, the repetition or the zeros behind it are not as they should."""
        told = int.from_bytes(reply, "big") & (1 << REPLY_BITS - FIRST_BITS + self.bits + 1) - 1
        counts = told >> REPLY_BITS - FIRST_BITS
        return counts if len(reply) == REPLY_BITS // 8 and told == self._told(counts) else None

    def _told(self, counts: int) -> int:
        """What follows the sampling clock: null bit, sample, its bits from 1 on the other way round, zeros."""
        mirrored = int(f"{counts:0{self.bits}b}"[-2::-1], 2)
        return counts << REPLY_BITS - FIRST_BITS | mirrored << REPLY_BITS - FIRST_BITS + 1 - self.bits


ADCS = {"mcp3208": Adc("MCP3208", 12), "mcp3008": Adc("MCP3008", 10)}
"""By their names in the board files."""
