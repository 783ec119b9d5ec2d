"""Reads the rows of a SQLite table from the pages of a damaged file, where the pages that lead to them are lost.

Source of the layout: "Database File Format", sqlite.org/fileformat2.html, sections 1.5 (free list), 1.6 (b-tree pages)
and 2.1 (records).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["walk_rows"]

PAGE: Final = 4096
"""SQLite's default page size, with which the outbox is made."""

LEAF: Final = 13
"""First byte of a leaf page of a table."""

MAGIC: Final = b"SQLite format 3\0"


def walk_rows(content: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows of every table: row id and values; None stands for NULL and for the id itself.

    Deleted rows are left out as far as the list of free pages can be read.

    Args:
        content: the whole file.
    """
    free = _free_pages(content)
    for number in range(2, len(content) // PAGE + 1):
        page = content[(number - 1) * PAGE : number * PAGE]
        if number in free or page[0] != LEAF:
            continue
        (count,) = struct.unpack_from(">H", page, 3)
        for cell in range(min(count, (PAGE - 8) // 2)):
            (offset,) = struct.unpack_from(">H", page, 8 + 2 * cell)
            try:
                yield _row(content, page, offset)
            except (IndexError, ValueError, struct.error):  # not a row after all
                continue


def _free_pages(content: bytes) -> set[int]:
    found: set[int] = set()
    if not content.startswith(MAGIC):
        return found
    (trunk,) = struct.unpack_from(">I", content, 32)
    while 0 < trunk <= len(content) // PAGE and trunk not in found:
        found.add(trunk)
        page = content[(trunk - 1) * PAGE : trunk * PAGE]
        trunk, count = struct.unpack_from(">II", page)
        found.update(struct.unpack_from(f">{min(count, PAGE // 4 - 2)}I", page, 8))
    return found


def _row(content: bytes, page: bytes, offset: int) -> tuple[int, tuple[Any, ...]]:
    size, offset = _varint(page, offset)
    identifier, offset = _varint(page, offset)
    largest = PAGE - 35
    local = size
    if size > largest:
        least = (PAGE - 12) * 32 // 255 - 23
        local = least + (size - least) % (PAGE - 4)
        local = local if local <= largest else least
    record = bytearray(page[offset : offset + local])
    if local < size:
        (overflow,) = struct.unpack_from(">I", page, offset + local)
        while len(record) < size:
            if not 0 < overflow <= len(content) // PAGE:
                raise ValueError("the row is cut short")
            part = content[(overflow - 1) * PAGE : overflow * PAGE]
            (overflow,) = struct.unpack_from(">I", part)
            record += part[4 : 4 + size - len(record)]
    if len(record) != size:
        raise ValueError("the row is cut short")
    return identifier, _values(bytes(record))


def _values(record: bytes) -> tuple[Any, ...]:
    end, offset = _varint(record, 0)
    types = []
    while offset < end:
        kind, offset = _varint(record, offset)
        types.append(kind)
    values: list[Any] = []
    offset = end
    for kind in types:
        if kind >= 12:
            size = (kind - 12) // 2
            part = record[offset : offset + size]
            values.append(part.decode() if kind % 2 else part)
        else:
            size = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind]
            part = record[offset : offset + size]
            integer = int.from_bytes(part, "big", signed=True)
            real = struct.unpack(">d", part)[0] if kind == 7 else None
            values.append(None if kind == 0 else real if kind == 7 else kind - 8 if kind >= 8 else integer)
        if len(part) != size:
            raise ValueError("the record is cut short")
        offset += size
    return tuple(values)


def _varint(content: bytes, offset: int) -> tuple[int, int]:
    """A variable-length integer, and the offset after it."""
    value = 0
    for index in range(8):
        byte = content[offset + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + index + 1
    return value << 8 | content[offset + 8], offset + 9
