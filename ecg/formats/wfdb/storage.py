"""Storage formats of WFDB signal files.

Formats: WFDB Applications Guide, signal(5), https://physionet.org/physiotools/wag/signal-5.htm.
The lowest value of each format marks a missing sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMATS", "Format"]

Bytes = NDArray[np.uint8]
Adc = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Format:
    """How samples are packed.

    Attributes:
        bytes_per_pair: bytes of two samples.
        missing: value of a missing sample.
        decode: bytes of whole samples, shape (m,) -> ADC values, shape (n,).
    """

    bytes_per_pair: int
    missing: int
    decode: Callable[[Bytes], Adc]

    @property
    def bits(self) -> int:
        """Of a sample."""
        return (-self.missing).bit_length()

    def size(self, samples: int) -> int:
        """Bytes of so many samples (an odd last one of format 212 takes two bytes)."""
        return (samples * self.bytes_per_pair + 1) // 2

    def samples(self, size: int) -> int:
        """Whole samples in so many bytes."""
        return size * 2 // self.bytes_per_pair


def _decode_212(raw: Bytes) -> Adc:
    """Two 12-bit samples in three bytes.

    ```
    byte 0            byte 1                       byte 2
    first[7:0]        second[11:8] | first[11:8]   second[7:0]
    ```
    """
    pairs = len(raw) // 3
    triple = raw[: 3 * pairs].reshape(pairs, 3)
    samples = np.empty(2 * pairs + (len(raw) % 3 == 2), dtype=np.int32)
    middle = triple[:, 1].astype(np.int8)
    samples[0 : 2 * pairs : 2] = triple[:, 0]
    # A shift to the top of a signed byte and back down carries the sign of the nibble along.
    samples[0 : 2 * pairs : 2] += ((middle << 4) >> 4).astype(np.int32) << 8
    samples[1 : 2 * pairs : 2] = triple[:, 2]
    samples[1 : 2 * pairs : 2] += (middle >> 4).astype(np.int32) << 8
    if len(raw) % 3 == 2:
        samples[-1] = int(raw[-2]) + (((int(raw[-1]) & 0x0F) ^ 0x08) - 0x08) * 256
    return samples


def _decode_24(raw: Bytes) -> Adc:
    triple = raw[: len(raw) // 3 * 3].reshape(-1, 3).astype(np.int32)
    # The top byte goes to the top of the word and back down, which carries the sign along.
    samples: Adc = triple[:, 0] | triple[:, 1] << 8 | (triple[:, 2] << 24) >> 8
    return samples


def _plain(kind: str, size: int) -> Callable[[Bytes], Adc]:
    def decode(raw: Bytes) -> Adc:
        return raw[: len(raw) // size * size].view(kind).astype(np.int32)

    return decode


FORMATS: dict[int, Format] = {
    16: Format(4, -(2**15), _plain("<i2", 2)),
    61: Format(4, -(2**15), _plain(">i2", 2)),
    24: Format(6, -(2**23), _decode_24),
    32: Format(8, -(2**31), _plain("<i4", 4)),
    80: Format(2, -(2**7), lambda raw: raw.astype(np.int32) - 128),
    212: Format(3, -(2**11), _decode_212),
}
"""The formats that are read, by number."""
