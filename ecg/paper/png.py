"""PNG files, written strip by strip, so that a long picture needs little memory.

Format: W3C, Portable Network Graphics (Third Edition).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Image", "write_png_file"]

Image = NDArray[np.uint8]
"""Shape (height, width, 3): red, green, blue."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR = 2
_METRE = 1
_SUB = 1  # filter: each pixel as its difference from the left one, which suits lines and plain paper


def write_png_file(
    file: BinaryIO, strips: Iterable[Image], *, width: int, height: int, pixels_per_metre: int, text: dict[str, str]
) -> None:
    """Write a picture.

    Args:
        file: where to.
        strips: from top to bottom, each as wide as the picture.
        width: in pixels.
        height: in pixels, of all strips together.
        pixels_per_metre: so that it prints at its true size.
        text: key words of the standard, such as `Title`, and what they say (Latin-1).
    """
    file.write(_SIGNATURE)
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _TRUECOLOUR, 0, 0, 0))
    _chunk(file, b"pHYs", struct.pack(">IIB", pixels_per_metre, pixels_per_metre, _METRE))
    for keyword, content in text.items():
        _chunk(file, b"tEXt", keyword.encode("latin-1") + b"\0" + content.encode("latin-1", "replace"))
    packer = zlib.compressobj(6)
    for strip in strips:
        rows = strip.reshape(len(strip), width, 3)
        lines = np.empty((len(rows), 1 + 3 * width), dtype=np.uint8)
        lines[:, 0] = _SUB
        lines[:, 1:4] = rows[:, 0]
        lines[:, 4:] = (rows[:, 1:] - rows[:, :-1]).reshape(len(rows), -1)  # modulo 256, as the filter asks
        if packed := packer.compress(lines.tobytes()):
            _chunk(file, b"IDAT", packed)
    _chunk(file, b"IDAT", packer.flush())
    _chunk(file, b"IEND", b"")


def _chunk(file: BinaryIO, kind: bytes, content: bytes) -> None:
    file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
