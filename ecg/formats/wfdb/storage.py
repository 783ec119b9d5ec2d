"""Storage formats of WFDB signal files.

Formats: WFDB Applications Guide, signal(5), https://physionet.org/physiotools/wag/signal-5.htm.
The lowest value of each format marks a missing sample, but for format 8, which has none. Formats 508, 516 and 524 are
FLAC streams, see `ecg.formats.wfdb.flac`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FLAC_BITS", "FORMATS", "Adc", "Format"]

Bytes = NDArray[np.uint8]
Adc = NDArray[np.int32]

FLAC_BITS = {508: 8, 516: 16, 524: 24}
"""Bits of a sample of the formats that are FLAC streams."""


@dataclass(frozen=True, slots=True)
class Format:
    """How samples are packed.

    Attributes:
        together: samples that share bytes.
        group_bytes: bytes of these.
        missing: value of a missing sample; of format 8 one that no sample has.
        decode: bytes of whole samples, shape (m,) -> ADC values, shape (n,).
        tail: bytes of 0, 1, ... samples at the end of a file that do not fill a group.
        differences: each value is the difference from the one before.
    """

    together: int
    group_bytes: int
    missing: int
    decode: Callable[[Bytes], Adc]
    tail: tuple[int, ...] = (0,)
    differences: bool = False

    @property
    def bits(self) -> int:
        """Of a sample."""
        return (-self.missing).bit_length()

    def size(self, samples: int) -> int:
        """Bytes of so many samples."""
        return samples // self.together * self.group_bytes + self.tail[samples % self.together]

    def samples(self, size: int) -> int:
        """Whole samples in so many bytes."""
        groups, rest = divmod(size, self.group_bytes)
        return groups * self.together + sum(1 for needed in self.tail[1:] if needed <= rest)


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


def _words(raw: Bytes) -> Adc:
    """Words of four bytes, the last filled up with zeros."""
    return np.concatenate([raw, np.zeros(-len(raw) % 4, dtype=np.uint8)]).view("<u4").astype(np.int64).astype(np.int32)


def _ten_bits(parts: list[Adc], count: int) -> Adc:
    """Three samples a word, whose sign is bit 9."""
    samples = np.stack(parts, axis=1).reshape(-1)[:count]
    return ((samples & 0x3FF) ^ 0x200) - 0x200


def _decode_310(raw: Bytes) -> Adc:
    """Three 10-bit samples in two words of 16 bits: [10:1] of each, and the high 5 bits of both."""
    word = _words(raw)
    parts = [word >> 1, word >> 17, (word >> 11 & 0x1F) | (word >> 27 & 0x1F) << 5]
    return _ten_bits(parts, FORMATS[310].samples(len(raw)))


def _decode_311(raw: Bytes) -> Adc:
    """Three 10-bit samples in a word of 32 bits, from its low end."""
    word = _words(raw)
    return _ten_bits([word, word >> 10, word >> 20], FORMATS[311].samples(len(raw)))


def _decode_24(raw: Bytes) -> Adc:
    triple = raw[: len(raw) // 3 * 3].reshape(-1, 3).astype(np.int32)
    # The top byte goes to the top of the word and back down, which carries the sign along.
    samples: Adc = triple[:, 0] | triple[:, 1] << 8 | (triple[:, 2] << 24) >> 8
    return samples


def _plain(kind: str, size: int, middle: int = 0) -> Callable[[Bytes], Adc]:
    def decode(raw: Bytes) -> Adc:
        return raw[: len(raw) // size * size].view(kind).astype(np.int32) - middle

    return decode


FORMATS: dict[int, Format] = {
    8: Format(1, 1, -(2**31), _plain("<i1", 1), differences=True),
    16: Format(1, 2, -(2**15), _plain("<i2", 2)),
    61: Format(1, 2, -(2**15), _plain(">i2", 2)),
    160: Format(1, 2, -(2**15), _plain("<u2", 2, 2**15)),
    24: Format(1, 3, -(2**23), _decode_24),
    32: Format(1, 4, -(2**31), _plain("<i4", 4)),
    80: Format(1, 1, -(2**7), _plain("<u1", 1, 2**7)),
    212: Format(2, 3, -(2**11), _decode_212, (0, 2)),
    310: Format(3, 4, -(2**9), _decode_310, (0, 2, 4)),
    311: Format(3, 4, -(2**9), _decode_311, (0, 2, 3)),
}
"""The formats that need no library, by number."""
