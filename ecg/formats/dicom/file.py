"""Opens a DICOM file within limits and finds its waveforms, with pydicom. Of the patient nothing is read.

A file begins with 128 bytes, `DICM`, and a header that tells how the rest is coded (PS3.10, section 7). The rest may be
deflated, and is then inflated here, up to a limit.
"""

from __future__ import annotations

import warnings
import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, Final

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.formats.packed import open_packed, reading, size_of
from ecg.formats.whole_file import MOST_BYTES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAGIC", "MAGIC_AT", "read_waveforms"]

MAGIC: Final = b"DICM"
MAGIC_AT: Final = 128

_IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
_BIG: Final = "1.2.840.10008.1.2.2"
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_TRANSFER_SYNTAX: Final = (0x0002, 0x0010)
_LONG: Final = frozenset({b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN"})
_MOST_HEADER: Final = 1 << 20
_CHUNK: Final = 1 << 20
_MOST_ITEMS: Final = 200_000
"""Items of sequences, of which pydicom makes an object each, 700 bytes. An ECG of twelve leads has about 500."""

_KEPT: Final = (
    0x00080016,  # SOP Class UID
    0x0008002A,  # Acquisition DateTime
    0x00080020, 0x00080030,  # Study Date, Study Time
    0x00080023, 0x00080033,  # Content Date, Content Time
    0x00080201,  # Timezone Offset From UTC
    0x54000100,  # Waveform Sequence
)  # fmt: skip


def read_waveforms(path: Path) -> tuple[Any, bool]:
    """Read what is kept of a file: class, times and waveforms.

    Returns:
        The data set, and whether its numbers are little-endian.

    Raises:
        InputError: pydicom is missing; the file is missing, damaged, too large, or no DICOM.
    """
    try:
        from pydicom.filereader import read_dataset  # noqa: PLC0415 - only who reads DICOM needs it
    except ImportError:
        raise InputError(f"{path}: to read DICOM, install pydicom ({how_to_install('reader')})") from None
    size = size_of(path)
    if size > MOST_BYTES:
        raise InputError(f"{path}: more than {MOST_BYTES >> 20} MiB; export a shorter part")
    with reading(path), open_packed(path) as opened:
        syntax, start = _header(opened, path)
        file = _Bounded(opened, size)
        if syntax == _DEFLATED:
            opened.seek(start)
            inflated = _inflated(opened, path)
            file, start = _Bounded(BytesIO(inflated), len(inflated)), 0
        is_little = syntax != _BIG
        file.seek(start)
        _refuse_items(file, path, b"\xfe\xff\x00\xe0" if is_little else b"\xff\xfe\xe0\x00")
        file.seek(start)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about what is not as the standard wants it, and readable all the same
                found = read_dataset(file, syntax in {_IMPLICIT_LITTLE, ""}, is_little, specific_tags=list(_KEPT))
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - pydicom raises whatever its input leads it to
            raise InputError(f"{path}: not a readable DICOM file ({_line(error)}); copy it again") from None
    return found, is_little


class _Bounded:
    """A file that is asked for no more than it has: a length that lies would be so much memory."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        self.seek, self.tell = file.seek, file.tell

    def read(self, count: int) -> bytes:
        """The next bytes, fewer at the end."""
        return self._file.read(max(0, min(count, self._size - self._file.tell())))


def _header(file: IO[bytes], path: Path) -> tuple[str, int]:
    """The transfer syntax, and where the data begin. The header itself is explicit and little-endian."""
    head = file.read(MAGIC_AT + len(MAGIC))
    if head[MAGIC_AT:] != MAGIC:
        if head[:2] in {b"\x08\x00", b"\x02\x00"}:  # without a preamble, as the first version of the standard had it
            return _elements(file, path, 0) if head[:2] == b"\x02\x00" else ("", 0)
        raise InputError(f"{path}: no DICOM file ({MAGIC.decode()} is not at byte {MAGIC_AT}); give an ECG in DICOM")
    return _elements(file, path, len(head))


def _elements(file: IO[bytes], path: Path, start: int) -> tuple[str, int]:
    """Walk the elements of group 2."""
    syntax = ""
    while start < _MOST_HEADER:
        file.seek(start)
        element = file.read(12)
        if len(element) < 12 or element[:2] != b"\x02\x00":
            return syntax, start
        number = int.from_bytes(element[2:4], "little")
        is_long = element[4:6] in _LONG
        length = int.from_bytes(element[8:12] if is_long else element[6:8], "little")
        start += 12 if is_long else 8
        if (2, number) == _TRANSFER_SYNTAX:
            file.seek(start)
            syntax = file.read(min(length, 64)).decode("ascii", "replace").strip(" \0")
        start += length
    raise InputError(f"{path}: not a readable DICOM file (its header does not end); copy it again")


def _inflated(file: IO[bytes], path: Path) -> bytes:
    """What was deflated, up to a limit."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(file.read(), MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InputError(f"{path}: inflated it has more than {MOST_BYTES >> 20} MiB; export a shorter part")
    return data


def _refuse_items(file: _Bounded, path: Path, mark: bytes) -> None:
    """Refuse a file of so many items that their objects would not fit into memory."""
    count, before = 0, b""
    while chunk := file.read(_CHUNK):
        part = before + chunk
        count += part.count(mark)
        before = part[-len(mark) + 1 :]
        if count > _MOST_ITEMS:
            raise InputError(f"{path}: more than {_MOST_ITEMS} items are in its sequences; export it without notes")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
