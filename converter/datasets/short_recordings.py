"""The short recordings of the PhysioNet/CinC Challenge 2017: one lead of a hand-held device, each with one label.

Data: Clifford et al., AF classification from a short single lead ECG recording, Computing in Cardiology 44, 2017. A
folder of `NAME.mat` (int16, 1000 units a mV, 300 Hz, one lead) with the labels N (normal), A (atrial fibrillation),
O (other rhythm) and ~ (too noisy) in `REFERENCE-v3.csv`; `.hea` files are not needed.

What is developed may learn from one half of them, those whose name has an even CRC-32. The other half reports.

No beat is annotated. What its beats are follows from the label of the whole recording, for most of them: see
`beat_symbols`.
"""

from __future__ import annotations

import csv
import hashlib
import urllib.request
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.annotations import FALSE_DETECTION
from converter.datasets.folders import Record
from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.beat_morphology import qrs_correlation

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.annotations import IntArray, StrArray
    from ecg.samples import FloatArray

__all__ = [
    "LABELS",
    "RATE_HZ",
    "REFERENCE",
    "beat_symbols",
    "check_recording",
    "fetch",
    "is_developed",
    "is_learned",
    "read_labels",
    "read_recording",
    "record_digest",
]

REFERENCE = "REFERENCE-v3.csv"
SOURCE = "https://physionet.org/files/challenge-2017/1.0.0/"
ARCHIVE = "training2017.zip"
RATE_HZ = 300
UNITS_A_MV = 1000
LABELS = {"N": "normal", "O": "other rhythm", "A": "atrial fibrillation", "~": "too noisy"}

_ALIKE: Final = 0.9  # correlation of the QRS complex with that of the recording's median beat
_FEWEST: Final = 8  # beats of a recording
_MOST_ALIKE: Final = 0.6  # share of the beats: of a recording with fewer, nothing is told
_DUE: Final = 0.2  # in ln: an interval so near to the median is that of the sinus node
_WHOLE: Final = 0.15  # in ln: likewise two intervals together, which something in between has parted


def read_labels(folder: Path) -> dict[str, str]:
    """Label of each recording that is there, sorted by name.

    Raises:
        InputError: there is no `REFERENCE-v3.csv`, or it does not fit.
    """
    path = folder / REFERENCE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except OSError as error:
        raise InputError(f"{path}: the labels cannot be read ({error.strerror})") from error
    if any(len(row) != 2 or row[1] not in LABELS for row in rows):
        raise InputError(f"{path}: each line must be a recording and one of {' '.join(LABELS)}")
    labels = {name: label for name, label in sorted(rows) if (folder / f"{name}.mat").is_file()}
    if not labels:
        raise InputError(f"{folder} holds none of the recordings that {REFERENCE} names")
    return labels


def read_recording(path: Path) -> FloatArray:
    """Samples of one recording in mV.

    Raises:
        InputError: it is not such a file.
    """
    import scipy.io  # noqa: PLC0415 - half a second, wanted only here

    try:
        samples = scipy.io.loadmat(path)["val"]
    except Exception as error:  # scipy raises whatever its parser stumbles over
        raise InputError(f"{path} cannot be read as a recording of the challenge: {error}") from error
    return np.asarray(samples, dtype=np.float64).ravel() / UNITS_A_MV


def check_recording(folder: Path, name: str, label: str) -> Record:
    """Read one recording whole.

    Raises:
        InputError: it cannot be read.
    """
    return Record(
        name=name,
        rate_hz=float(RATE_HZ),
        duration_s=len(read_recording(folder / f"{name}.mat")) / RATE_HZ,
        signals=("ECG",),
        annotated=False,
        digest=record_digest(folder, name, label),
        label=label,
    )


def record_digest(folder: Path, name: str, label: str) -> str:
    """SHA-256 over a recording and its label.

    Raises:
        InputError: it is not there.
    """
    path = folder / f"{name}.mat"
    try:
        return hashlib.sha256(label.encode() + path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def fetch(folder: Path, source: str = SOURCE) -> None:
    """Download the recordings of the challenge's training set, and their labels.

    Args:
        folder: where they come to lie; made where it is missing.
        source: where they are.

    Raises:
        OSError: they cannot be had, or not be written.
        zipfile.BadZipFile: the archive arrived damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{ARCHIVE}.part"
    urllib.request.urlretrieve(source + ARCHIVE, archive)  # noqa: S310 - a fixed https address
    with zipfile.ZipFile(archive) as recordings:
        for member in recordings.infolist():
            if member.filename.endswith(".mat"):
                member.filename = member.filename.rpartition("/")[2]
                recordings.extract(member, folder)
    archive.unlink()
    urllib.request.urlretrieve(source + REFERENCE, folder / REFERENCE)  # noqa: S310 - likewise; last: it makes them known


def is_developed(name: str) -> bool:
    """Whether a recording is of the half that may be learned from."""
    return zlib.crc32(name.encode()) % 2 == 0


def is_learned(record: Record) -> bool:
    """Whether models learn from a recording: of the one half, those labelled N or A."""
    return record.label in {"N", "A"} and is_developed(record.name)


def beat_symbols(windows: FloatArray, index: IntArray, label: str) -> StrArray:
    """What the beats found in a recording are, as far as its label tells.

    In a normal recording a beat is N if it looks like the recording's median beat, or if it comes when the sinus node's
    is due, whatever noise makes of its looks; what neither looks like one nor has its time, and parts an interval of
    the sinus node, is no beat. In atrial fibrillation beats that look like the median one are N. The others may be
    anything.

    Args:
        windows: shape (n, 259), the beats.
        index: shape (n,), 360 Hz index of their R peaks.
        label: of the recording, N or A.

    Returns:
        Shape (n,): MIT-BIH symbols, and "" where nothing can be told; that is all of them in a recording of fewer than
        8 beats, or with fewer than 60 % that look alike.
    """
    symbol = np.full(len(index), "", dtype="<U1")
    if len(index) < _FEWEST:
        return symbol
    usual = np.median(windows, axis=0)
    looks_usual = np.array([qrs_correlation(window, usual) >= _ALIKE for window in windows])
    if looks_usual.mean() < _MOST_ALIKE:
        return symbol
    if label == "N":
        rr_s = np.diff(index) / SAMPLE_RATE_HZ
        ln_rr = np.log(rr_s / np.median(rr_s))
        is_due = np.abs(ln_rr) < _DUE
        symbol[np.append(True, is_due) & np.append(is_due, True)] = "N"
        ln_both = np.log((rr_s[:-1] + rr_s[1:]) / np.median(rr_s))
        symbol[1:-1][np.abs(ln_both) < _WHOLE] = FALSE_DETECTION
    symbol[looks_usual] = "N"
    return symbol
