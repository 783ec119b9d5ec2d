"""Twelve leads of which only the shapes are left: filtered and standardised by somebody, kept as one array.

`signals.npy` has int16, shape (recordings, 1000, 12), 100 Hz, leads by `reader.twelve_leads.LEADS`; `order.csv` names
the recordings' `ecg_id` of PTB-XL, and `superclasses.csv` what they show.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.folders import Record, digest_of
from converter.datasets.superclasses import TABLE
from ecg.errors import InputError
from reader.classify.preparation import RATE_HZ, SAMPLES
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from ecg.samples import Float32Array

__all__ = ["SIGNALS", "UNITS", "check", "digest", "read"]

SIGNALS: Final = "signals.npy"
ORDER: Final = "order.csv"
UNITS: Final = 250.0
"""Units of the array to one standard deviation."""


def read(folder: Path) -> tuple[IntArray, Float32Array]:
    """The recordings' `ecg_id`, shape (n,), and their leads, shape (n, 1000, 12), in standard deviations.

    Raises:
        InputError: the files are not there, or not what this module says.
    """
    try:
        with (folder / ORDER).open(encoding="utf-8", newline="") as file:
            numbers = np.array([int(row["ecg_id"]) for row in csv.DictReader(file)], dtype=np.int64)
        signals = np.load(folder / SIGNALS, allow_pickle=False)
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    except (KeyError, ValueError, EOFError) as error:
        raise InputError(f"{folder}: {ORDER} or {SIGNALS} cannot be read ({error})") from error
    if signals.shape != (len(numbers), SAMPLES, len(LEADS)) or signals.dtype != np.int16:
        raise InputError(
            f"{folder / SIGNALS} has the shape {signals.shape}, and {ORDER} names {len(numbers)} recordings of "
            f"({SAMPLES}, {len(LEADS)}) int16"
        )
    return numbers, signals.astype(np.float32) / np.float32(UNITS)


def check(folder: Path) -> Record:
    """Read all of them; they are one record.

    Raises:
        InputError: as `read`.
    """
    numbers, _ = read(folder)
    return Record(
        name=SIGNALS,
        rate_hz=float(RATE_HZ),
        duration_s=len(numbers) * SAMPLES / RATE_HZ,
        signals=LEADS,
        annotated=False,
        digest=digest(folder),
    )


def digest(folder: Path) -> str:
    """SHA-256 over the files.

    Raises:
        InputError: one is not there.
    """
    try:
        return digest_of([folder / name for name in (SIGNALS, ORDER, TABLE)])
    except OSError as error:
        raise InputError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
