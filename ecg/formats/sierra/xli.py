"""XLI, the coding of samples in Philips Sierra XML, as the project sierra-ecg-tools found it out.

One part after another, each a lead:

    size of the codes (4)  1 (2)  second difference (2)  codes of 10 bits, highest bit first

The codes are LZW (Welch 1984). They hold numbers of 16 bits, first all high bytes, then all low bytes. The first two
numbers are samples. 64 less each further number is the second difference of the sample after it.
https://github.com/sixlettervariables/sierra-ecg-tools/wiki
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["decode", "restore_limb_leads"]

_HEADER: Final = struct.Struct("<ihh")
_CODE_BITS: Final = 10
_LAST_CODE: Final = (1 << _CODE_BITS) - 2
_BIAS: Final = 64


def decode(data: bytes, leads: int, most: int) -> list[NDArray[np.int64]]:
    """Decode the samples of the leads.

    Args:
        data: the coded parts.
        leads: how many to decode at most.
        most: samples of a lead at most. What there are more is not decoded.

    Raises:
        ValueError: a part is damaged; the message goes behind the name of the file.
    """
    found: list[NDArray[np.int64]] = []
    place = 0
    while place < len(data) and len(found) < leads:
        if place + _HEADER.size > len(data):
            raise ValueError(f"lead {len(found) + 1} of {leads} ends early")
        size, _, difference = _HEADER.unpack_from(data, place)
        place += _HEADER.size
        if not 0 < size <= len(data) - place:
            raise ValueError(f"lead {len(found) + 1} of {leads} ends early")
        found.append(_samples(_unpack(data[place : place + size], 2 * most), difference))
        place += size
    return found


def _unpack(data: bytes, most: int) -> bytes:
    """Undo LZW. All of it is unpacked, or refused: the low bytes of the first sample lie in its middle."""
    number, bits = int.from_bytes(data, "big"), 8 * len(data)
    text = f"{number:0{bits}b}"
    words = [bytes([each]) for each in range(256)]
    unpacked: list[bytes] = []
    length = 0
    before = b""
    for start in range(0, bits - _CODE_BITS + 1, _CODE_BITS):
        code = int(text[start : start + _CODE_BITS], 2)
        if code > _LAST_CODE:
            break
        if code < len(words):
            word = words[code]
        elif before and code == len(words):
            word = before + before[:1]
        else:
            raise ValueError(f"its code {code} is not known yet")
        if before and len(words) <= _LAST_CODE:
            words.append(before + word[:1])
        before = word
        unpacked.append(word)
        length += len(word)
        if length > most:
            raise ValueError("a lead is longer than it says")
    return b"".join(unpacked)


def _samples(unpacked: bytes, difference: int) -> NDArray[np.int64]:
    """Samples from their halves of high and low bytes, and from their second differences."""
    if len(unpacked) % 2:
        unpacked += b"\0"
    half = len(unpacked) // 2
    high, low = np.frombuffer(unpacked, np.uint8, half), np.frombuffer(unpacked, np.uint8, half, half)
    numbers = (high.astype(np.uint16) << 8 | low).astype(np.uint16).view(np.int16).astype(np.int64)
    if half < 3:
        return numbers
    slopes = np.concatenate(([numbers[1] - numbers[0], -difference], _BIAS - numbers[2:-1]))
    steps = np.cumsum(np.cumsum(slopes))
    return np.concatenate((numbers[:1], numbers[0] + steps))


def restore_limb_leads(leads: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    """Leads III, aVR, aVL and aVF from leads I and II, and from what is stored in their place: how far they are off.

    Halves are rounded towards zero. So the distances of odd sums come out evenly on both sides of it, as those of
    measured leads must: with any other rounding they would all lie on one side.
    """
    restored = dict(leads)
    if not {"I", "II"} <= leads.keys():
        return restored
    shortest = min(map(len, leads.values()))
    one, two = leads["I"][:shortest], leads["II"][:shortest]
    three = two - one
    if "III" in leads:
        three = three - leads["III"][:shortest]
        restored["III"] = three
    for name, doubled in (("aVR", -(one + two)), ("aVL", one - three), ("aVF", two + three)):
        if name in leads:
            restored[name] = np.trunc(doubled / 2).astype(np.int64) - leads[name][:shortest]
    return restored
