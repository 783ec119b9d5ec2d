"""Huffman codes of SCP-ECG: the default table and tables of section 2 (EN 1064:2020, clause 5.5 and annex C).

A code has a prefix and, for rare numbers, the number itself behind it. A code may also switch to another table.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.formats.scp.sections import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["DEFAULT", "Code", "Table", "decode", "read_tables"]

_USES_DEFAULT: Final = 19999
_CODE: Final = struct.Struct("<BBBhI")
_LONGEST_PREFIX, _LONGEST_CODE = 16, 48
_MOST_TABLES: Final = 16


@dataclass(frozen=True, slots=True)
class Code:
    """A code.

    Attributes:
        prefix_bits: length of its prefix.
        bits: length of the whole code. What follows the prefix is a number in two's complement, which is the value.
        is_value: False for a switch to table `value`, from 1 on.
        value: of a code without a number behind it.
        prefix: first bit highest.
    """

    prefix_bits: int
    bits: int
    is_value: bool
    value: int
    prefix: int


class Table:
    """Codes by the next bits of the data.

    Raises:
        DamagedError: a code is longer than 48 bits, or its prefix than 16.
    """

    def __init__(self, codes: Sequence[Code]) -> None:
        self.width = max((code.prefix_bits for code in codes), default=0)
        if any(not 0 < code.prefix_bits <= code.bits <= _LONGEST_CODE for code in codes) or not (
            0 < self.width <= _LONGEST_PREFIX
        ):
            raise DamagedError("its Huffman codes have impossible lengths")
        self.codes: list[Code | None] = [None] * (1 << self.width)
        for code in codes:
            spare = self.width - code.prefix_bits
            first = (code.prefix & ((1 << code.prefix_bits) - 1)) << spare
            self.codes[first : first + (1 << spare)] = [code] * (1 << spare)


def _default() -> Table:
    """0 is `0`; n is n ones, a zero and the sign, up to 8; numbers of 8 and of 16 bits follow longer prefixes."""
    codes = [Code(1, 1, is_value=True, value=0, prefix=0)]
    for value in range(1, 9):
        ones = (1 << value) - 1
        for sign in (0, 1):
            codes.append(Code(value + 2, value + 2, True, -value if sign else value, ones << 2 | sign))  # noqa: PERF401
    codes.append(Code(10, 18, is_value=True, value=0, prefix=0b1111111110))
    codes.append(Code(10, 26, is_value=True, value=0, prefix=0b1111111111))
    return Table(codes)


DEFAULT: Final = _default()


def read_tables(section: bytes) -> list[Table]:
    """The tables of section 2; none where the samples are not coded.

    Raises:
        DamagedError: the section ends early, or its codes are impossible.
    """
    if len(section) < 2:
        return []
    count = int.from_bytes(section[:2], "little")
    if count == _USES_DEFAULT:
        return [DEFAULT]
    if count > _MOST_TABLES:
        raise DamagedError(f"it promises {count} Huffman tables")
    tables, place = [], 2
    for _ in range(count):
        number = int.from_bytes(section[place : place + 2], "little")
        place += 2
        if place + number * _CODE.size > len(section):
            raise DamagedError("it ends within its Huffman tables")
        codes = [
            Code(prefix_bits, bits, is_value != 0, value, _reversed(prefix, prefix_bits))
            for prefix_bits, bits, is_value, value, prefix in _CODE.iter_unpack(
                section[place : place + number * _CODE.size]
            )
        ]
        tables.append(Table(codes))
        place += number * _CODE.size
    return tables


def _reversed(prefix: int, bits: int) -> int:
    """A prefix as it is stored: the first bit is the lowest."""
    return int(f"{prefix & ((1 << bits) - 1):0{bits}b}"[::-1], 2) if bits else 0


def decode(data: bytes, count: int, tables: Sequence[Table]) -> NDArray[np.int64]:
    """Decode up to `count` numbers; fewer where the data end early.

    Raises:
        DamagedError: bits that are no code, or a switch to a table that does not exist.
    """
    end = 8 * len(data)
    padded = np.frombuffer(data + bytes(8), dtype=np.uint8)
    words = np.zeros(len(data) + 1, dtype=np.uint64)
    for shift in range(8):
        words = words << np.uint64(8) | padded[shift : shift + len(words)]
    following: list[int] = words.tolist()
    table = tables[0]
    values: list[int] = []
    place = 0
    while len(values) < count and place < end:
        ahead = following[place >> 3] << (place & 7) & 0xFFFFFFFFFFFFFFFF
        code = table.codes[ahead >> (64 - table.width)]
        if code is None:
            raise DamagedError("its samples are no Huffman code of its tables")
        if code.is_value:
            extra = code.bits - code.prefix_bits
            value = code.value
            if extra:
                number = (ahead >> (64 - code.bits)) & ((1 << extra) - 1)
                value += number - (number >> (extra - 1) << extra)
            if place + code.bits > end:
                break
            values.append(value)
        else:
            if not 0 < code.value <= len(tables):
                raise DamagedError(f"its samples switch to Huffman table {code.value}, which is missing")
            table = tables[code.value - 1]
        place += code.bits
    return np.array(values, dtype=np.int64)
