"""Beat annotations of WFDB records, on the 360 Hz clock, and the classes that their symbols stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "AAMI5",
    "FALSE_DETECTION",
    "MITBIH6",
    "SYMBOL_CLASSES",
    "BeatAnnotations",
    "IntArray",
    "Note",
    "StrArray",
    "classes_of",
    "of_classes",
    "read_beats",
    "read_notes",
]

IntArray = NDArray[np.int64]
StrArray = NDArray[np.str_]

AAMI5: dict[str, str] = {
    **dict.fromkeys("NLRejBn", "N"),
    **dict.fromkeys("AaJS", "S"),
    **dict.fromkeys("VE", "V"),
    "F": "F",
    **dict.fromkeys("/fQ", "Q"),
}
"""MIT-BIH beat symbols to the five classes of ANSI/AAMI EC57; what is no key here is no beat."""

FALSE_DETECTION = "|"
"""The symbol of WFDB for what looks like a QRS complex and is none."""

MITBIH6: dict[str, str] = {symbol: symbol for symbol in "NLRAV/"}
"""The six most frequent symbols of the MIT-BIH Arrhythmia Database, each its own class; other beats have none."""

SYMBOL_CLASSES: dict[tuple[str, ...], dict[str, str]] = {
    ("N", "S", "V", "F", "Q"): {**AAMI5, FALSE_DETECTION: "Q"},
    ("N", "L", "R", "A", "V", "/"): MITBIH6,
}
"""A model's labels, in order, to the map from symbols to those labels."""

VF_START, VF_END = "[", "]"


@dataclass(frozen=True, slots=True)
class BeatAnnotations:
    """The beats of one record, in order of time.

    Attributes:
        index: shape (n,), 360 Hz indices.
        symbol: shape (n,), MIT-BIH beat symbols.
        ventricular_flutter: (first, last) 360 Hz index of each stretch of ventricular flutter or fibrillation, where no
            single beats are annotated.
    """

    index: IntArray
    symbol: StrArray
    ventricular_flutter: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation with text: a rhythm change (`+`) or a comment (`"`).

    Attributes:
        index: 360 Hz index.
        symbol: of the annotation.
        text: such as `(AFIB`.
    """

    index: int
    symbol: str
    text: str


def classes_of(symbols: StrArray, mapping: dict[str, str], labels: tuple[str, ...]) -> IntArray:
    """Number of each symbol's class among `labels`; -1 where `mapping` has no class for it."""
    numbers = {symbol: labels.index(label) for symbol, label in mapping.items()}
    return np.array([numbers.get(str(symbol), -1) for symbol in symbols], dtype=np.int64)


def of_classes(symbols: StrArray, classes: str) -> NDArray[np.bool_]:
    """Which symbols stand for one of these classes of EC57, such as `SV`."""
    return np.isin(symbols, [symbol for symbol, label in AAMI5.items() if label in classes])


def read_beats(record: Path, extension: str = "atr", *, rate_hz: float | None = None) -> BeatAnnotations:
    """Read the beats of a WFDB annotation file, ours (`edge`) or a reference (`atr`).

    Args:
        record: path of the record, without extension.
        extension: annotator.
        rate_hz: rate of the annotation's sample numbers; None: taken from the record's header.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    annotation, index = _read(record, extension, rate_hz)
    symbol = np.asarray(annotation.symbol, dtype=np.str_)
    beat = np.array([entry in AAMI5 for entry in annotation.symbol], dtype=bool)
    order = np.argsort(index[beat], kind="stable")
    return BeatAnnotations(index[beat][order], symbol[beat][order], _ventricular_flutter(index, symbol))


def read_notes(record: Path, extension: str = "atr", *, rate_hz: float | None = None) -> tuple[Note, ...]:
    """Read the annotations with text of a WFDB annotation file; arguments and errors as of `read_beats`."""
    annotation, index = _read(record, extension, rate_hz)
    texts = (text.rstrip("\0") for text in annotation.aux_note)
    entries = zip(index.tolist(), annotation.symbol, texts, strict=True)
    return tuple(Note(at, symbol, text) for at, symbol, text in entries if text)


def _read(record: Path, extension: str, rate_hz: float | None) -> tuple[Any, IntArray]:
    """What wfdb reads, and the 360 Hz index of each annotation."""
    import wfdb  # noqa: PLC0415 - 0.6 s and 80 MB, wanted only where recordings are read

    path = record.with_name(f"{record.name}.{extension}")
    if not path.is_file():
        raise InputError(f"{path} is missing: the record has no annotations of that kind")
    try:
        if rate_hz is None:
            rate_hz = float(wfdb.rdheader(str(record)).fs)
        annotation = wfdb.rdann(str(record), extension)
    except Exception as error:  # wfdb raises whatever its parsers stumble over
        raise InputError(f"{path} cannot be read as a WFDB annotation file: {error}") from error
    samples = np.asarray(annotation.sample, dtype=np.int64)
    return annotation, np.rint(samples * (SAMPLE_RATE_HZ / rate_hz)).astype(np.int64)


def _ventricular_flutter(index: IntArray, symbol: StrArray) -> tuple[tuple[int, int], ...]:
    """Pair each `[` with the `]` after it; an episode without an end lasts to the end of the annotations."""
    stretches: list[tuple[int, int]] = []
    start: int | None = None
    for position, mark in zip(index.tolist(), symbol.tolist(), strict=True):
        if mark == VF_START and start is None:
            start = position
        elif mark == VF_END and start is not None:
            stretches.append((start, position))
            start = None
    if start is not None:
        stretches.append((start, int(index[-1])))
    return tuple(stretches)
