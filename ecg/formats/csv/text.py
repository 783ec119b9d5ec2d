"""The lines of a text file in any of the codings that Windows, macOS and Linux write."""

from __future__ import annotations

import codecs
import io
from itertools import islice
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.formats.packed import open_packed, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["COMMENTS", "LONGEST_LINE", "TextFile"]

COMMENTS: Final = ("#", "%", "//", '"#')
"""What a line of comment begins with."""

LONGEST_LINE: Final = 1 << 16
"""Characters of a line. A longer one is no row of samples, and would be kept in memory as a whole."""

_CHUNK: Final = 1 << 17
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TextFile:
    """A text file, packed or not.

    Attributes:
        encoding: UTF-8, UTF-16 or UTF-32 by their marks; UTF-16 by its zeros; Windows-1252, which holds Latin-1, for
            what is no UTF-8.

    Raises:
        InputError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(path), open_packed(path) as file:
            self.encoding = _encoding(file.read(_CHUNK))

    def lines(self, first: int = 1) -> Iterator[str]:
        """The lines from number `first` (from 1) on, without their ends.

        Raises:
            InputError: the file cannot be read to its end, or has a line of more than 65,536 characters.
        """
        yield from islice(self._lines(), first - 1, None)

    def _lines(self) -> Iterator[str]:
        rest = ""
        with (
            reading(self.path),
            open_packed(self.path) as packed,
            io.TextIOWrapper(packed, encoding=self.encoding, errors="replace") as file,
        ):
            while chunk := file.read(_CHUNK):
                *lines, rest = (rest + chunk).split("\n")
                for line in lines:
                    self._refuse_long(line)
                yield from lines
                self._refuse_long(rest)
        if rest:
            yield rest

    def _refuse_long(self, line: str) -> None:
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{self.path}: a line of more than {LONGEST_LINE} characters; give a CSV file with one sample a line"
            )


def _encoding(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 8 * even and odd > len(head) // 8:
        return "utf-16-le"
    if even > 8 * odd and even > len(head) // 8:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
