"""The SPI format of an MCP3208 or MCP3008: a conversion in five bytes (datasheets DS21298E, DS21295D, chapter 5).

The start bit is followed by single-ended, the channel, one clock in which the input is sampled, a null bit and the
sample, most significant bit first. If the clock continues, the sample follows in reverse from bit 1, then zeros. Three
bytes would hold the sample; five hold it twice, so that a damaged reply shows.

    MCP3208  sent      0000 01SC  CCxx xxxx  ---- ----  ---- ----  ---- ----      S = 1: single-ended, C = channel
             received  ???? ????  ???0 BA98  7654 3210  1234 5678  9AB0 0000
    MCP3008  sent      0000 0001  SCCC xxxx  ---- ----  ---- ----  ---- ----
             received  ???? ????  ???? ?098  7654 3210  1234 5678  9000 0000
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ADCS", "Adc"]

REPLY_BITS = 40
SAMPLE_END_BIT = 24  # number of bits up to and including bit 0 of the sample


@dataclass(frozen=True, slots=True)
class Adc:
    """A type of converter.

    Attributes:
        name: as printed on the chip.
        bits: resolution of a sample.
    """

    name: str
    bits: int

    @property
    def full_scale(self) -> int:
        """Counts at the reference voltage; a sample is always below it."""
        return 1 << self.bits

    def request(self, channel: int) -> bytes:
        """The bytes that request a conversion of channel 0 to 7."""
        command = 0b11000 | channel  # start, single-ended, channel; two clocks follow: sampling, null bit
        return (command << REPLY_BITS - SAMPLE_END_BIT + self.bits + 2).to_bytes(REPLY_BITS // 8, "big")

    def decode(self, reply: bytes) -> int | None:
        """The sample in a reply; None if the null bit, the repetition or the zeros after it are wrong."""
        received = int.from_bytes(reply, "big") & (1 << REPLY_BITS - SAMPLE_END_BIT + self.bits + 1) - 1
        counts = received >> REPLY_BITS - SAMPLE_END_BIT
        return counts if len(reply) == REPLY_BITS // 8 and received == self._expected_bits(counts) else None

    def _expected_bits(self, counts: int) -> int:
        """The bits after the sampling clock: null bit, sample, its bits from 1 on in reverse, zeros."""
        mirrored = int(f"{counts:0{self.bits}b}"[-2::-1], 2)
        return counts << REPLY_BITS - SAMPLE_END_BIT | mirrored << REPLY_BITS - SAMPLE_END_BIT + 1 - self.bits


ADCS = {"mcp3208": Adc("MCP3208", 12), "mcp3008": Adc("MCP3008", 10)}
"""The converters by their names in the board files."""
