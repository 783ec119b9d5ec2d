"""MIT annotation files (`.atr`, and our own `.edge`): beats, rhythm changes and notes, each at a sample.

Format: WFDB Applications Guide, annot(5), https://physionet.org/physiotools/wag/annot-5.htm, "MIT format".
An annotation is a pair of bytes, low byte first: six bits of type above ten bits of samples since the one before.
What does not fit in a pair is told by pseudo-annotations: SKIP (a longer interval, 32 bits, high half first) stands
before its annotation; SUB, CHN, NUM and AUX (text) stand after it. A zero pair ends the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "ANNOTATOR",
    "BEAT_SYMBOLS",
    "NOTE",
    "Annotation",
    "encode_annotations",
    "in_order",
    "read_annotations",
    "write_annotations",
]

ANNOTATOR = "edge"
"""Suffix of our annotation files, as WFDB tools ask for it."""

BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")
"""Symbols that stand for a QRS complex (the others mark rhythm, noise, waves or notes)."""

NOTE = '"'
"""Symbol of a note: text that stands at a sample."""

_SYMBOLS = {
    1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/", 13: "Q", 14: "~",
    16: "|", 18: "s", 19: "T", 20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t", 28: "+", 29: "u",
    30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n", 36: "@", 37: "x", 38: "f", 39: "(", 40: ")", 41: "r",
}  # fmt: skip
_CODES = {symbol: code for code, symbol in _SYMBOLS.items()}
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_LONGEST_INTERVAL = 0x3FF
_LONGEST_AUX = 255


class Annotation(NamedTuple):
    """One annotation.

    Attributes:
        sample: index at the record's own sampling rate.
        symbol: as WFDB prints it, such as `V`, `+` (rhythm change) or `"` (note).
        aux: text beside it, such as `(AFIB`; empty without.
    """

    sample: int
    symbol: str
    aux: str = ""


def _defines(annotation: Annotation) -> bool:
    return not annotation.symbol or (annotation.sample == 0 and annotation.aux.startswith("##"))


def _pair(code: int, low: int) -> bytes:
    return (code << 10 | low).to_bytes(2, "little")


def in_order(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Annotations in order of their samples, one a sample.

    As two annotations of one sample are out of order in MIT files, a note moves on to the next free sample; beats
    never move. Nor does a note stand at sample 0, where WFDB tools take it for one that defines the file.
    """
    taken: dict[int, Annotation] = {}
    notes = []
    for annotation in annotations:
        if annotation.symbol in BEAT_SYMBOLS:
            taken[annotation.sample] = annotation
        else:
            notes.append(annotation)
    for note in sorted(notes, key=lambda note: note.sample):
        sample = max(note.sample, 1)
        while sample in taken:
            sample += 1
        taken[sample] = note._replace(sample=sample)
    return [taken[sample] for sample in sorted(taken)]


def encode_annotations(annotations: Iterable[Annotation]) -> bytes:
    """The content of an annotation file.

    Args:
        annotations: in order of their samples. Text beyond 255 bytes, the most that the format holds, is cut off.

    Raises:
        ValueError: samples out of order or negative, or a symbol that the format does not know.
    """
    content = bytearray()
    before = 0
    for sample, symbol, aux in annotations:
        interval = sample - before
        if interval < 0:
            raise ValueError(f"annotation at sample {sample} comes after one at {before}")
        if symbol not in _CODES:
            raise ValueError(f"no annotation symbol {symbol!r}")
        if interval > _LONGEST_INTERVAL:
            high, low = divmod(interval, 0x10000)
            content += _pair(_SKIP, 0) + high.to_bytes(2, "little") + low.to_bytes(2, "little")
            interval = 0
        content += _pair(_CODES[symbol], interval)
        if aux:
            text = aux.encode()[:_LONGEST_AUX]
            content += _pair(_AUX, len(text)) + text + bytes(len(text) % 2)
        before = sample
    return bytes(content + _pair(0, 0))


def write_annotations(path: Path, annotations: Iterable[Annotation]) -> None:
    """Write an annotation file whole or not at all: under another name first, then renamed.

    Raises:
        InputError: the file cannot be written there.
        ValueError: as `encode_annotations`.
    """
    content = encode_annotations(annotations)
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose a folder that you may write to"
        ) from None


def read_annotations(path: Path) -> list[Annotation]:
    """Read an annotation file in MIT format.

    Entries that define the file rather than mark the signal (type 0, and notes at sample 0 such as
    `## time resolution: 128`) are left out.

    Raises:
        InputError: the file is missing, ends within an annotation, or is of another kind.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: annotations cannot be read ({error.strerror}); check the name") from None
    annotations: list[Annotation] = []
    sample = position = 0
    while position + 1 < len(content):
        pair = content[position] | content[position + 1] << 8
        code, low = pair >> 10, pair & _LONGEST_INTERVAL
        position += 2
        if pair == 0:
            return [entry for entry in annotations if not _defines(entry)]
        if code == _SKIP:
            words = content[position : position + 4]
            sample += int.from_bytes(words[2:4] + words[0:2], "little", signed=True)
            position += 4
        elif code == _AUX:
            text = content[position : position + low]
            # Old files close the text with a zero byte that is counted in its length.
            if annotations:
                annotations[-1] = annotations[-1]._replace(aux=text.rstrip(b"\0").decode(errors="replace"))
            position += low + low % 2
        elif code in (_NUM, _SUB, _CHN):
            pass
        elif code in _SYMBOLS or code == 0:
            sample += low
            annotations.append(Annotation(sample, _SYMBOLS.get(code, "")))
        else:
            raise InputError(f"{path}: no annotation file in MIT format (type {code} at byte {position - 2})")
    raise InputError(f"{path}: ends without its end mark after {len(annotations)} annotations; copy it again")
