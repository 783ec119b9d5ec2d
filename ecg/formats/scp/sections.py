"""The sections of an SCP-ECG record, by the pointers in section 0.

    record:  CRC (2)  length (4)  section 0  section 1 ...
    section: CRC (2)  number (2)  length (4)  version (1)  protocol version (1)  reserved (6)  data
    pointer: number (2)  length (4)  position of the first byte, from 1 on (4)

All numbers are little-endian, and a length counts the header of 16 bytes too. EN 1064:2020, clauses 5.2 and 5.3.
"""

from __future__ import annotations

import binascii
import struct
from typing import Final

__all__ = ["DamagedError", "Sections", "read_sections"]

HEADER: Final = 16
_START: Final = 6
_SAMPLES: Final = range(2, 7)
"""Sections without which the samples cannot be decoded."""

_POINTER: Final = struct.Struct("<HII")


class DamagedError(ValueError):
    """A record is damaged. The message goes behind the name of the file."""


class Sections:
    """The data of the sections of a record.

    Attributes:
        protocol: version of the protocol, such as 13, 20 or 30.
        doubts: sections whose checksum or place is wrong; 0 stands for the record as a whole.
    """

    def __init__(self, data: dict[int, bytes], protocol: int, doubts: list[int]) -> None:
        self._data = data
        self.protocol = protocol
        self.doubts = doubts

    def get(self, number: int) -> bytes:
        """The data of a section, without its header; empty if the record does not have it."""
        return self._data.get(number, b"")


def read_sections(content: bytes) -> Sections:
    """Find the sections of a record.

    Raises:
        DamagedError: section 0 is none, or a section that the samples need lies outside the file.
    """
    if len(content) < _START + HEADER:
        raise DamagedError("it is too short for SCP-ECG")
    number, length = struct.unpack_from("<HI", content, _START + 2)
    if number != 0 or length < HEADER + _POINTER.size:
        raise DamagedError("it does not begin with the pointers of SCP-ECG")
    if _START + length > len(content):
        raise DamagedError("it ends within its pointers")
    doubts = [] if _is_whole(content[: _promised(content)]) else [0]
    found: dict[int, bytes] = {}
    for place in range(_START + HEADER, _START + length - _POINTER.size + 1, _POINTER.size):
        number, size, position = _POINTER.unpack_from(content, place)
        if number == 0 or size == 0 or number in found:
            continue
        section, complaint = _section(content, number, size, position)
        if complaint and number in _SAMPLES:
            raise DamagedError(complaint)
        if complaint or not _is_whole(section):
            doubts.append(number)
        if not complaint:
            found[number] = section[HEADER:]
    return Sections(found, content[_START + 9], doubts)


def _section(content: bytes, number: int, size: int, position: int) -> tuple[bytes, str]:
    """The section that a pointer names, or what is wrong with it."""
    start = position - 1
    section = content[start : start + size] if start >= _START else b""
    if len(section) < max(size, HEADER):
        return b"", f"section {number} lies outside the file, which has {len(content)} bytes"
    if int.from_bytes(section[2:4], "little") != number:
        return b"", f"section {number} is not where its pointer says"
    return section, ""


def _promised(content: bytes) -> int:
    return int.from_bytes(content[2:6], "little")


def _is_whole(part: bytes) -> bool:
    """Whether the checksum in the first two bytes is that of the rest: CRC-CCITT, from 0xFFFF on (clause 5.2)."""
    return len(part) >= 2 and binascii.crc_hqx(part[2:], 0xFFFF) == int.from_bytes(part[:2], "little")
