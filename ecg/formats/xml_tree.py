"""Reads XML from outside: only the elements that are asked for, within limits on size, depth and number.

No entity may be declared in it, so that none can grow without bounds or name a file. Nothing is ever fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.parsers import expat  # no entity is declared: the handler below refuses it

from ecg.errors import InputError
from ecg.formats.packed import open_packed, reading, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Element", "read_xml"]

_MOST_BYTES: Final = 32 << 20
"""Five minutes of twelve leads at 1000 Hz, as text."""

_MOST_ELEMENTS: Final = 100_000
_DEEPEST: Final = 100
_LONGEST_TAG: Final = 1 << 20
"""Bytes of a tag with its attributes, or of a comment. It is in memory as a whole; samples are text, and are not."""

_CHUNK: Final = 1 << 16


class Element:
    """An element, without its namespace.

    Attributes:
        name: such as `series`.
        attributes: by name, without their namespaces.
        children: those that were asked for, in order.
    """

    __slots__ = ("_texts", "attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self._texts: list[str] = []

    @property
    def text(self) -> str:
        """The text in the element itself."""
        return "".join(self._texts)

    def add_text(self, text: str) -> None:
        """Add the next part of its text."""
        self._texts.append(text)

    def get(self, attribute: str) -> str:
        """An attribute, without spaces around it; empty if there is none."""
        return self.attributes.get(attribute, "").strip()

    def all(self, *path: str) -> Iterator[Element]:
        """All elements at the end of a path of names from here."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def first(self, *path: str) -> Element | None:
        """The first element at the end of a path of names; None if there is none."""
        return next(self.all(*path), None)

    def text_of(self, *path: str) -> str:
        """The text of the first element at the end of a path, without spaces around it; empty if there is none."""
        found = self.first(*path)
        return "" if found is None else found.text.strip()


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """What is in the XML goes beyond a limit."""


def read_xml(path: Path, names: frozenset[str]) -> Element:
    """Read a file of XML.

    Args:
        path: the file, which may be packed.
        names: elements to keep. Others are skipped, with all that is in them; the root is always kept.

    Raises:
        InputError: it is missing, damaged, too large, too deep, or declares entities.
    """
    if size_of(path) > _MOST_BYTES:
        raise InputError(f"{path}: more than {_MOST_BYTES >> 20} MiB of XML; save it as a WFDB record or as EDF+")
    builder = _Builder(names)
    try:
        with reading(path), open_packed(path) as file:
            chunk = file.read(_CHUNK)
            builder.begin(chunk)
            while chunk:
                builder.feed(chunk)
                chunk = file.read(_CHUNK)
            builder.parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(f"{path}: damaged XML (line {error.lineno}: {reason}); copy it again") from None
    except (LookupError, TypeError) as error:  # the codec that it names does not exist, or is none of text
        raise InputError(f"{path}: damaged XML ({' '.join(str(error).split())}); copy it again") from None
    except _Refused as error:
        raise InputError(f"{path}: XML that is not read ({error}); give a recording as its device wrote it") from None
    if builder.root is None:
        raise InputError(f"{path}: no XML is in it; copy it again")
    return builder.root


class _Builder:
    """Makes a tree of elements."""

    def __init__(self, names: frozenset[str]) -> None:
        self.root: Element | None = None
        self.parser = expat.ParserCreate()
        self._names = names
        self._open: list[Element] = []
        self._skipped = 0
        self._elements = 0
        self._fed = 0

    def begin(self, head: bytes) -> None:
        """Make the parser. A file that says UTF-16 and is written in 8 bits, after a conversion, is taken for UTF-8."""
        is_mislabelled = head.startswith(b"<?xml") and b"utf-16" in head[:200].partition(b"?>")[0].lower()
        self.parser = expat.ParserCreate("utf-8" if is_mislabelled else None)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = _refuse_entity

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes."""
        self.parser.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self.parser.CurrentByteIndex > _LONGEST_TAG:
            raise _Refused(f"a tag of more than {_LONGEST_TAG >> 20} MiB")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise _Refused(f"more than {_MOST_ELEMENTS} elements")
        if len(self._open) + self._skipped >= _DEEPEST:
            raise _Refused(f"elements {_DEEPEST} deep")
        name = _local(name)
        if self._skipped or (self.root is not None and name not in self._names):
            self._skipped += 1
            return
        element = Element(name, {_local(key): value for key, value in attributes.items()})
        if self.root is None:
            self.root = element
        else:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop()

    def _text(self, text: str) -> None:
        if not self._skipped and self._open:
            self._open[-1].add_text(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_entity(name: str, *_rest: object) -> None:
    raise _Refused(f"it declares the entity {name[:32]!r}")
