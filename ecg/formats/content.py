"""What a file is, by its first bytes."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HEAD_BYTES", "TABLE", "known_format", "other_kind", "xml_root"]

HEAD_BYTES: Final = 1 << 16
"""So many bytes are enough: the root of an XML file may stand behind long comments."""

TABLE: Final = "CSV"

_ROOTS: Final = {"AnnotatedECG": "HL7 aECG", "restingecgdata": "Philips Sierra"}
_OTHERS: Final = (
    (b"%PDF", "a PDF document"), (b"\x89PNG\r\n", "a picture (PNG)"), (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"), (b"II*\0", "a picture (TIFF)"), (b"MM\0*", "a picture (TIFF)"),
    (b"BM", "a picture (BMP)"), (b"{\\rtf", "a text document"), (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x7fELF", "a program"),
)  # fmt: skip
_ROOT: Final = re.compile(r"<([^\s<>/!?]{1,200})")
_SKIPPED: Final = (("<?", "?>"), ("<!--", "-->"))
_SPACE: Final = re.compile(r"\s*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_BOM_16: Final = (b"\xff\xfe", b"\xfe\xff")
_BOM_8: Final = b"\xef\xbb\xbf"
_EDF: Final = 256
_SCP_NAME: Final = b"SCPECG"
_ROW: Final = re.compile(r"\s*[\"']?[-+]?[\d.,]*\d")


def known_format(head: bytes) -> str:
    """The name of the format that the first bytes of a file show without doubt; empty if they show none.

    Args:
        head: its first `HEAD_BYTES`, or all of it.
    """
    if head[128:132] == b"DICM":
        return "DICOM"
    if head[16:22] == _SCP_NAME or _points_to_itself(head):
        return "SCP-ECG"
    if head[:10] == b"MATLAB 5.0" or head[:10] == b"MATLAB 7.3":
        return "MATLAB"
    if _is_edf(head):
        return "EDF+"
    return _ROOTS.get(xml_root(head), "") or (TABLE if _is_table(head) else "")


def other_kind(head: bytes) -> str:
    """What a file is that is surely no recording, such as `a PDF document`; empty if it may be one."""
    kind = next((kind for magic, kind in _OTHERS if head.startswith(magic)), "")
    return "" if kind == "a picture (BMP)" and head[6:10] != b"\0\0\0\0" else kind


def xml_root(head: bytes) -> str:
    """The name of the root of an XML file, without its namespace; empty for what is no XML."""
    text = _decoded(head)
    at = 0
    while True:
        spaces = _SPACE.match(text, at)
        at = spaces.end() if spaces else at
        if text.startswith("<!DOCTYPE", at):
            end = text.find(">", at)
            if "[" in text[at:end]:
                end = text.find(">", text.find("]", at))
            end += 1
        else:
            closing = next((closing for opening, closing in _SKIPPED if text.startswith(opening, at)), None)
            if closing is None:
                match = _ROOT.match(text, at)
                return match[1].rpartition(":")[2] if match else ""
            end = text.find(closing, at) + len(closing)
        if end <= at + 1:
            return ""
        at = end


def _decoded(head: bytes) -> str:
    """The first characters of a text; a character that is none, as of a picture, stays a mark."""
    if head.startswith(_BOM_16):
        return head.decode("utf-16", "replace")
    return head.removeprefix(_BOM_8).decode("utf-8", "replace")


def _points_to_itself(head: bytes) -> bool:
    """Whether the first pointer of SCP-ECG is there: section 0 begins at byte 7, with the length in its own header."""
    return (
        len(head) >= 32
        and head[8:10] == head[22:24] == b"\0\0"
        and head[10:14] == head[24:28] != b"\0\0\0\0"
        and head[28:32] == b"\7\0\0\0"
    )


def _is_edf(head: bytes) -> bool:
    """Whether a header of EDF or BDF is there: 256 bytes without a line break, unlike a table that begins with a 0."""
    if not head.startswith((b"0       ", b"\xffBIOSEMI")) or len(head) < _EDF:
        return False
    return b"\n" not in head[:_EDF] and head[184:192].strip().isdigit()


def _is_table(head: bytes) -> bool:
    """Whether it is text with a row of numbers."""
    text = _decoded(head)
    lines = text.splitlines()
    if len(lines) < 2 or text.lstrip().startswith("<") or _CONTROL.search(text):
        return False
    return any(_ROW.match(line) for line in lines[:-1])
