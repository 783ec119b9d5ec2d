"""Finds the matrices in a MATLAB file of version 4 or 5.

Format: MAT-File Format, MathWorks,
https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf. Version 7.3 is HDF5,
which is not read.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Matrix", "find_matrices"]

MOST_BYTES: Final = 256 << 20
"""Of the file, and of each matrix unpacked."""

_TYPES_4: Final = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_TYPES_5: Final = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_FIRST_NUMERIC, _LAST_NUMERIC = 6, 15
_MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of numbers: its name, and its values, shape (rows, columns)."""

    name: str
    values: NDArray[np.generic]


def find_matrices(content: bytes) -> list[Matrix]:
    """All matrices of a file, as far as it is whole.

    Raises:
        ValueError: the file is none of MATLAB, or of version 7.3.
    """
    if content[:10] == b"MATLAB 5.0" or content[126:128] in {b"IM", b"MI"}:
        order = ">" if content[126:128] == b"MI" else "<"
        return list(_version_5(content[128:], order, depth=0))
    if content[:10] == b"MATLAB 7.3" or content[:8] == b"\x89HDF\r\n\x1a\n":
        raise ValueError("version 7.3; save it with -v7")
    return _version_4(content)


def _version_4(content: bytes) -> list[Matrix]:
    found: list[Matrix] = []
    start = 0
    while start + 20 <= len(content):
        little = int.from_bytes(content[start : start + 4], "little") < 5000
        order = "<" if little else ">"
        kind, rows, columns, imaginary, length = np.frombuffer(content, f"{order}i4", 5, start).tolist()
        if not (0 <= kind < 5000 and rows >= 0 and columns >= 0 and 0 < length <= _MOST_NAME):
            break
        number_type = _TYPES_4.get(kind // 10 % 10)
        if number_type is None:
            break
        dtype = np.dtype(order + number_type)
        data = start + 20 + length
        size = rows * columns * dtype.itemsize
        name = content[start + 20 : data].rstrip(b"\0").decode("latin-1")
        if data + size > len(content):  # cut short: the whole columns that are there
            columns = (len(content) - data) // max(1, rows * dtype.itemsize)
            size = rows * max(0, columns) * dtype.itemsize
        if kind % 10 == 0 and columns > 0 and rows > 0:
            values = np.frombuffer(content, dtype, rows * columns, data).reshape(columns, rows).T
            found.append(Matrix(name, values))
        start = data + size * (2 if imaginary else 1)
    if not found:
        raise ValueError("no matrix is in it")
    return found


def _version_5(content: bytes, order: str, depth: int) -> list[Matrix]:
    found: list[Matrix] = []
    start = 0
    while start + 8 <= len(content):
        kind, size = np.frombuffer(content, f"{order}u4", 2, start).tolist()
        body = content[start + 8 : start + 8 + size]
        if kind == _COMPRESSED and depth == 0:
            try:
                unpacked = zlib.decompressobj().decompress(body, MOST_BYTES)
            except zlib.error:
                unpacked = b""
            found += _version_5(unpacked, order, depth=1)
        elif kind == _MATRIX and (matrix := _matrix(body, order)) is not None:
            found.append(matrix)
        start += 8 + size + (0 if kind == _COMPRESSED else -size % 8)
    return found


def _elements(body: bytes, order: str) -> list[tuple[int, bytes]]:
    """The type and the bytes of the elements of a matrix."""
    elements: list[tuple[int, bytes]] = []
    start = 0
    while start + 8 <= len(body) and len(elements) < 5:
        kind, size = np.frombuffer(body, f"{order}u4", 2, start).tolist()
        if kind >> 16:  # up to four bytes stand beside their type
            elements.append((kind & 0xFFFF, body[start + 4 : start + 4 + min(4, kind >> 16)]))
            start += 8
        else:
            elements.append((kind, body[start + 8 : start + 8 + size]))
            start += 8 + size + -size % 8
    return elements


def _matrix(body: bytes, order: str) -> Matrix | None:
    elements = _elements(body, order)
    if len(elements) < 4 or len(elements[0][1]) < 4 or len(elements[1][1]) != 8:
        return None
    (_, flags), (_, dimensions), (_, name), (kind, data) = elements[:4]
    if not _FIRST_NUMERIC <= int(np.frombuffer(flags, f"{order}u4", 1)[0]) & 0xFF <= _LAST_NUMERIC:
        return None
    rows, columns = np.frombuffer(dimensions, f"{order}i4", 2).tolist()
    if kind not in _TYPES_5 or rows <= 0 or columns <= 0:
        return None
    dtype = np.dtype(order + _TYPES_5[kind])
    columns = min(columns, len(data) // (rows * dtype.itemsize))
    if columns == 0:
        return None
    values = np.frombuffer(data, dtype, rows * columns).reshape(columns, rows).T
    return Matrix(name.decode("latin-1"), values)
