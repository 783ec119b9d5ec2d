"""The data frame: 72 bits, sent after each falling edge of DRDY while the chip is in RDATAC mode (datasheet SBAS502).

    1 1 0 0 | RLD 2N 2P 1N 1P | GPIO2 GPIO1 | thirteen zeros | channel 1, 24 bits | channel 2, 24 bits

The samples are two's complement, most significant bit first.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FRAME_BYTES", "HIGHEST", "LOWEST", "Frame"]

FRAME_BYTES = 9

HIGHEST, LOWEST = 0x7FFFFF, -0x800000
"""Values of a clipped sample, whose input is beyond the range."""

_MARKER, _MARKER_MASK = 0xC00000, 0xF01FFF
"""`1100` and the thirteen zeros: 17 bits that show a damaged frame. The samples themselves have no checksum."""


class Frame(NamedTuple):
    """One conversion of both channels.

    Attributes:
        lead_off: RLD 2N 2P 1N 1P, 1 = off; valid only where a comparator is powered and selected.
        gpio: levels of the chip's two pins.
        channels: counts of channels 1 and 2.
    """

    lead_off: int
    gpio: int
    channels: tuple[int, int]

    @classmethod
    def from_bytes(cls, raw: bytes) -> Frame | None:
        """Decode nine bytes; None if the frame is damaged."""
        status = int.from_bytes(raw[:3], "big")
        if len(raw) != FRAME_BYTES or status & _MARKER_MASK != _MARKER:
            return None
        channel_1 = int.from_bytes(raw[3:6], "big", signed=True)
        channel_2 = int.from_bytes(raw[6:], "big", signed=True)
        return cls(status >> 15 & 31, status >> 13 & 3, (channel_1, channel_2))

    def to_bytes(self) -> bytes:
        """Encode it as the chip does."""
        status = _MARKER | self.lead_off << 15 | self.gpio << 13
        samples = (count.to_bytes(3, "big", signed=True) for count in self.channels)
        return status.to_bytes(3, "big") + b"".join(samples)
