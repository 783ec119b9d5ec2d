"""Writes SCP-ECG records, without the code under test."""

from __future__ import annotations

import binascii
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

__all__ = ["DEFAULT_TABLE", "huffman", "lead_section", "plain", "record", "rhythm_section", "second_differences"]

DEFAULT_TABLE = struct.pack("<H", 19999)


def _checked(data: bytes) -> bytes:
    return struct.pack("<H", binascii.crc_hqx(data, 0xFFFF)) + data


def record(sections: Mapping[int, bytes], *, protocol: int = 20, start: dt.datetime | None = None) -> bytes:
    """A record of sections, by their numbers; section 1 gets a name, the date and the time of the start."""
    parts = dict(sections)
    if start is not None:
        tags = struct.pack("<BH", 0, 6) + b"Nobody"
        tags += struct.pack("<BHHBB", 25, 4, start.year, start.month, start.day)
        tags += struct.pack("<BHBBB", 26, 3, start.hour, start.minute, start.second)
        parts[1] = tags + struct.pack("<BH", 255, 0)
    numbers = sorted(parts)
    length = 16 + 10 * (len(numbers) + 1)
    header = struct.Struct("<HIBB6s")
    pointers = struct.pack("<HII", 0, length, 7)
    position, body = 7 + length, b""
    for number in numbers:
        whole = _checked(header.pack(number, 16 + len(parts[number]), protocol, protocol, b"") + parts[number])
        pointers += struct.pack("<HII", number, len(whole), position)
        position += len(whole)
        body += whole
    zero = _checked(header.pack(0, length, protocol, protocol, b"SCPECG") + pointers)
    return _checked(struct.pack("<I", 6 + len(zero) + len(body)) + zero + body)


def lead_section(leads: Mapping[int, tuple[int, int]], *, flags: int = 0) -> bytes:
    """Section 3: the first and the last sample of each lead, by its number."""
    each = b"".join(struct.pack("<IIB", first, last, number) for number, (first, last) in leads.items())
    return bytes([len(leads), flags]) + each


def rhythm_section(
    leads: Sequence[bytes], *, step_nv: int, interval_us: int, differences: int = 0, bimodal: int = 0
) -> bytes:
    """Section 5 or 6."""
    head = struct.pack("<HHBB", step_nv, interval_us, differences, bimodal)
    return head + struct.pack(f"<{len(leads)}H", *map(len, leads)) + b"".join(leads)


def plain(numbers: Sequence[int]) -> bytes:
    """Numbers of 16 bits."""
    return struct.pack(f"<{len(numbers)}h", *numbers)


def second_differences(numbers: Sequence[int]) -> list[int]:
    """The first two numbers, then second differences, in 16 bits as encoders let them overflow."""
    found = list(numbers[:2])
    found += [a - 2 * b + c for a, b, c in zip(numbers[2:], numbers[1:], numbers, strict=False)]
    return [(each + 32768) % 65536 - 32768 for each in found]


def huffman(numbers: Sequence[int]) -> bytes:
    """Numbers of 16 bits in codes of the default table."""
    bits = []
    for number in numbers:
        if number == 0:
            bits.append("0")
        elif -8 <= number <= 8:
            bits.append("1" * abs(number) + "0" + ("1" if number < 0 else "0"))
        elif -128 <= number < 128:
            bits.append("1111111110" + f"{number & 0xFF:08b}")
        else:
            bits.append("1111111111" + f"{number & 0xFFFF:016b}")
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""
