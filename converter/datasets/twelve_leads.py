"""The recordings of PTB-XL as networks are shown them, with what they show, from PTB-XL and from its standardised part.

Folds 1 to 8 of PTB-XL are for learning and for every choice, 9 for the figures that are told. Fold 10 is not read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from converter.datasets import standardised
from converter.datasets.import_closure import closure_digest
from converter.datasets.ptbxl import STATEMENTS
from converter.datasets.superclasses import TABLE, read_labels
from converter.progress import track
from ecg.errors import InputError
from reader.classify.heights import HEIGHTS
from reader.classify.preparation import prepare
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from converter.datasets.catalogue import Dataset
    from converter.datasets.superclasses import Label
    from ecg.samples import Float32Array, FloatArray

__all__ = ["DATASETS", "LEARNED_FOLDS", "TOLD_FOLD", "TwelveLeadSet", "prepared_set"]

DATASETS: Final = ("ptbxl", "ptbxl_more")
"""Data sets that are read where they are here; a recording that is in both is taken from the first."""
LEARNED_FOLDS: Final = tuple(range(1, 9))
TOLD_FOLD: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwelveLeadSet:
    """Recordings, prepared.

    Attributes:
        leads: shape (n, 1000, 12), see `reader.classify.preparation`.
        heights: shape (n, `HEIGHTS`); all 0 where they are lost.
        shows: shape (n, 5), in the order of `converter.datasets.superclasses.CLASSES`.
        ecg_id: shape (n,), PTB-XL's number.
        patient: shape (n,).
        fold: shape (n,).
    """

    leads: Float32Array
    heights: Float32Array
    shows: NDArray[np.bool_]
    ecg_id: IntArray
    patient: IntArray
    fold: IntArray

    def __len__(self) -> int:
        return len(self.ecg_id)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of them by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, chosen: NDArray[Any]) -> TwelveLeadSet:
        """Those of these numbers, or of this mask."""
        return TwelveLeadSet(**{name: array[chosen] for name, array in self.arrays.items()})

    def folds(self, *folds: int) -> TwelveLeadSet:
        """Those of these folds."""
        return self.take(np.isin(self.fold, folds))

    def digest(self) -> str:
        """SHA-256 over all of it."""
        whole = hashlib.sha256()
        for array in self.arrays.values():
            whole.update(np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


def prepared_set(datasets: Mapping[str, Dataset], cache: Path) -> TwelveLeadSet:
    """All labelled recordings of folds 1 to 9, sorted by `ecg_id`.

    Args:
        datasets: by name, of `DATASETS`.
        cache: folder where they are kept for the next time.

    Raises:
        InputError: there are none, one cannot be read, or a patient is on both sides.
    """
    key = " ".join((closure_digest(__name__), *(f"{name} {each.digest}" for name, each in sorted(datasets.items()))))
    path = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"
    if path.is_file():
        with np.load(path) as arrays:
            return TwelveLeadSet(**{name: arrays[name] for name in arrays.files})
    whole = _read(datasets)
    cache.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new.npz")
    kept: dict[str, Any] = whole.arrays
    np.savez(draft, **kept)
    draft.replace(path)
    return whole


def _read(datasets: Mapping[str, Dataset]) -> TwelveLeadSet:
    folders = [Path(dataset.folder) for dataset in datasets.values()]
    table = next((folder for folder in folders if (folder / TABLE).is_file()), folders[0])
    labels = {number: label for number, label in read_labels(table, STATEMENTS).items() if label.fold <= TOLD_FOLD}
    found: dict[int, tuple[Float32Array, Float32Array]] = {}
    for dataset in datasets.values():
        read = _standardised if (Path(dataset.folder) / standardised.SIGNALS).is_file() else _recorded
        for number, leads, heights in read(dataset, labels):
            found.setdefault(number, (leads, heights))
    if not found:
        raise InputError(f"{', '.join(datasets)}: no recording of folds 1 to {TOLD_FOLD} with a superclass")
    numbers = sorted(found)
    chosen = [labels[number] for number in numbers]
    whole = TwelveLeadSet(
        leads=np.stack([found[number][0] for number in numbers]),
        heights=np.stack([found[number][1] for number in numbers]),
        shows=np.array([label.shows for label in chosen]),
        ecg_id=np.array(numbers, dtype=np.int64),
        patient=np.array([label.patient for label in chosen], dtype=np.int64),
        fold=np.array([label.fold for label in chosen], dtype=np.int64),
    )
    both = np.intersect1d(whole.patient[whole.fold == TOLD_FOLD], whole.patient[whole.fold != TOLD_FOLD])
    if len(both):
        raise InputError(f"patient {both[0]} is in fold {TOLD_FOLD} and in another: the table of folds is not PTB-XL's")
    return whole


def _standardised(dataset: Dataset, labels: Mapping[int, Label]) -> Iterator[tuple[int, Float32Array, Float32Array]]:
    numbers, leads = standardised.read(Path(dataset.folder))
    for number, each in zip(numbers.tolist(), leads, strict=True):
        if number in labels:
            yield number, each, np.zeros(HEIGHTS, np.float32)


def _recorded(dataset: Dataset, labels: Mapping[int, Label]) -> Iterator[tuple[int, Float32Array, Float32Array]]:
    for number, name in track(_names(dataset, labels), f"preparing {dataset.name}"):
        samples_mv, rate_hz = read_leads(Path(dataset.folder), name)
        ready = prepare(samples_mv, float(rate_hz), is_calibrated=True)
        yield number, ready.leads, ready.heights


def _names(dataset: Dataset, labels: Mapping[int, Label]) -> list[tuple[int, str]]:
    """The labelled records by number: that of 500 Hz if it is there, else that of 100 Hz."""
    names: dict[int, str] = {}
    for record in dataset.records:
        stem = Path(record.name).name
        number, _, kind = stem.partition("_")
        if number.isdigit() and int(number) in labels and (kind == "hr" or int(number) not in names):
            names[int(number)] = record.name
    return sorted(names.items())


def read_leads(folder: Path, name: str) -> tuple[FloatArray, Fraction]:
    """A record's twelve leads by `LEADS`, shape (12, n) in mV, and its rate.

    Raises:
        InputError: it cannot be read or lacks a lead.
    """
    import wfdb  # noqa: PLC0415 - 0.6 s and 80 MB

    try:
        record = wfdb.rdrecord(str(folder / name))
    except Exception as error:  # wfdb raises whatever its parsers stumble over
        raise InputError(f"{folder / name} cannot be read: {error}") from error
    rows = {str(lead).casefold(): row for row, lead in enumerate(record.sig_name)}
    missing = [lead for lead in LEADS if lead.casefold() not in rows]
    if missing:
        raise InputError(f"{folder / name} lacks {' '.join(missing)}")
    samples_mv = np.asarray(record.p_signal.T[[rows[lead.casefold()] for lead in LEADS]], dtype=np.float64)
    return np.ascontiguousarray(samples_mv), Fraction(record.fs).limit_denominator(1000)
