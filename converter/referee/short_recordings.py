"""Atrial fibrillation in the short recordings of the PhysioNet/CinC Challenge 2017, recording by recording.

Data: Clifford et al., AF classification from a short single lead ECG recording, Computing in Cardiology 44, 2017. A
folder of `NAME.mat` (int16, 1000 units a mV, 300 Hz, one lead) with the labels N (normal), A (atrial fibrillation),
O (other rhythm) and ~ (too noisy) in `REFERENCE-v3.csv`; `.hea` files are not needed.

A recording is called A where the monitor's rhythm becomes atrial fibrillation at any moment of it. The alarm's hold
time, 30 s, is as long as most recordings; here it is `HOLD_S`, so what is judged is the rule and not the wait.
"""

from __future__ import annotations

import csv
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from converter.progress import track
from converter.referee.stream import events_of
from converter.reports import Section, Table, percent
from edge.config import RhythmSettings, Settings
from edge.errors import InputError
from edge.samples import Rhythm, RhythmChange

if TYPE_CHECKING:
    from pathlib import Path

    from edge.inference import Classifier
    from edge.samples import FloatArray

__all__ = ["is_fibrillation", "read_labels", "read_recording", "short_recordings_section"]

REFERENCE = "REFERENCE-v3.csv"
RATE_HZ = 300
UNITS_A_MV = 1000
HOLD_S = 0.5
"""Hold time of the atrial fibrillation alarm in recordings of 9 to 61 s."""
_RATES = {"sensitivity": "Se %", "specificity": "Sp %", "predictivity": "+P %", "f1": "F1(A) %"}
LABELS = {"N": "normal", "O": "other rhythm", "A": "atrial fibrillation", "~": "too noisy"}


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


def is_fibrillation(samples_mv: FloatArray, rate_hz: float, classifier: Classifier | None) -> bool:
    """Whether the monitor's rhythm at the end of a recording is atrial fibrillation.

    The rule looks back over 32 intervals, so that its last judgement is on most of the recording.
    """
    rhythm = msgspec.structs.replace(RhythmSettings(), atrial_fibrillation_s=HOLD_S)
    settings = msgspec.structs.replace(Settings(), rhythm=rhythm)
    events = events_of(samples_mv, rate_hz, classifier=classifier, settings=settings)
    changes = [event.rhythm for event in events if isinstance(event, RhythmChange)]
    return changes[-1:] == [Rhythm.ATRIAL_FIBRILLATION]


def short_recordings_section(folder: Path, classifier: Classifier | None) -> Section:
    """A against N and O: sensitivity, specificity, predictivity and F1; the noisy ones are counted and not judged.

    The rule was developed on the half of the recordings whose names have an even CRC-32; both halves are told apart.
    """
    labels = read_labels(folder)
    called = {
        name: is_fibrillation(read_recording(folder / f"{name}.mat"), RATE_HZ, classifier)
        for name in track(list(labels), "short recordings")
    }
    developed = {name for name in labels if zlib.crc32(name.encode()) % 2 == 0}
    parts = {"developed on": developed, "other half": set(labels) - developed, "all": set(labels)}
    figures = {part: _score([(labels[name], called[name]) for name in sorted(names)]) for part, names in parts.items()}
    rows = [
        [
            part,
            *(f"{own['called'][label]:,} of {own['recordings'][label]:,}" for label in LABELS),
            *(percent(own[rate]) for rate in _RATES),
        ]
        for part, own in figures.items()
    ]
    columns = ["", *(f"{label} ({meaning})" for label, meaning in LABELS.items()), *_RATES.values()]
    title = (
        f"Atrial fibrillation in short recordings, {folder.name}, {len(labels):,} recordings, labels from {REFERENCE}"
    )
    notes = [
        "How many of each label were called A; A is judged against N and O, the noisy ones are not judged",
        f"A recording is called A where that is the monitor's rhythm at its end; hold time {HOLD_S:g} s",
        "The rule was developed on one half of the recordings, by an even CRC-32 of the name",
    ]
    return Section("short_recordings", {**figures, "hold_s": HOLD_S}, (Table(title, columns, rows, notes),))


def _score(recordings: list[tuple[str, bool]]) -> dict[str, Any]:
    """Counts and rates of (label, called A)."""
    counts = {label: sum(each == label for each, _ in recordings) for label in LABELS}
    called = {label: sum(each == label and is_called for each, is_called in recordings) for label in LABELS}
    true, false = called["A"], called["N"] + called["O"]
    others = counts["N"] + counts["O"]
    return {
        "recordings": counts,
        "called": called,
        "sensitivity": true / counts["A"] if counts["A"] else None,
        "specificity": 1 - false / others if others else None,
        "predictivity": true / (true + false) if true + false else None,
        "f1": 2 * true / (counts["A"] + true + false) if counts["A"] else None,
    }
