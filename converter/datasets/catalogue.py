"""The catalogue of recordings on this machine: which folders were checked, under which name."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from converter.datasets import folders, ptbxl, short_recordings, standardised
from converter.progress import track
from ecg.errors import CheckFailedError, InputError, NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_FETCHES: Final[dict[str, Callable[[Path], None]]] = {"cinc2017": short_recordings.fetch, "ptbxl": ptbxl.fetch}
"""Data sets that come otherwise than record by record by their name."""

__all__ = ["Catalogue", "Dataset", "check_folder", "data_directory", "fetch"]


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A checked folder of WFDB records, or of short recordings.

    Attributes:
        name: what commands call it.
        folder: where it lies.
        digest: SHA-256 over the records' names and digests.
        records: sorted by name.
    """

    name: str
    folder: str
    digest: str
    records: tuple[folders.Record, ...]

    @property
    def hours(self) -> float:
        """Length of all records together."""
        return sum(record.duration_s for record in self.records) / 3600

    def record(self, name: str) -> folders.Record:
        """The record of that name.

        Raises:
            InputError: the data set has none.
        """
        for record in self.records:
            if record.name == name:
                return record
        raise InputError(f"data set {self.name} ({self.folder}) has no record {name}")


class _Contents(msgspec.Struct, kw_only=True):
    version: int = 1
    datasets: dict[str, Dataset] = msgspec.field(default_factory=dict)


def data_directory() -> Path:
    """Where downloads, cut beats and the catalogue are kept: `$ECG_EDGE_DATA`, or below the user's home."""
    return Path(os.environ.get("ECG_EDGE_DATA") or Path.home() / ".local" / "share" / "ecg-edge" / "data")


def check_folder(folder: Path, name: str) -> Dataset:
    """Check every signal of every record below `folder`.

    A folder with `REFERENCE-v3.csv` is one of short recordings, one with `signals.npy` of standardised ones.

    Raises:
        InputError: no folder, no record, or records that cannot be read; the first is named.
        CheckFailedError: signals that differ from their checksums, likewise.
    """
    folder = folder.resolve()
    if (folder / standardised.SIGNALS).is_file():
        return _dataset(name, folder, [standardised.check(folder)])
    labels = short_recordings.read_labels(folder) if (folder / short_recordings.REFERENCE).is_file() else None
    names = folders.find_records(folder) if labels is None else list(labels)
    records: list[folders.Record] = []
    faults: list[InputError | CheckFailedError] = []
    for record in track(names, f"checking {name}"):
        try:
            if labels is None:
                records.append(folders.check_record(folder, record))
            else:
                records.append(short_recordings.check_recording(folder, record, labels[record]))
        except (InputError, CheckFailedError) as error:
            faults.append(error)
    if faults:
        others = f" ({len(faults) - 1} more bad)" if len(faults) > 1 else ""
        raise type(faults[0])(f"{faults[0]}{others}") from faults[0]
    return _dataset(name, folder, records)


def _dataset(name: str, folder: Path, records: Sequence[folders.Record]) -> Dataset:
    whole = hashlib.sha256("".join(f"{entry.digest}  {entry.name}\n" for entry in records).encode())
    return Dataset(name=name, folder=str(folder), digest=whole.hexdigest(), records=tuple(records))


class Catalogue:
    """The data sets that were added on this machine, kept as one JSON file.

    Args:
        directory: where the file lies; by default the user's data directory.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = data_directory() if directory is None else directory
        self.path = self.directory / "catalogue.json"
        try:
            self._contents = msgspec.json.decode(self.path.read_bytes(), type=_Contents)
        except FileNotFoundError:
            self._contents = _Contents()
        except msgspec.DecodeError as error:
            raise InputError(f"{self.path} is damaged ({error}): delete it and add your folders again") from error

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What was added, sorted by name."""
        return tuple(self._contents.datasets[name] for name in sorted(self._contents.datasets))

    def add(self, folder: Path, name: str | None = None) -> Dataset:
        """Check a folder and keep it under `name` (default: the folder's own); an entry of that name is replaced.

        Raises:
            InputError, CheckFailedError: as `check_folder`.
        """
        dataset = check_folder(folder, name or folder.resolve().name)
        self._contents.datasets[dataset.name] = dataset
        self.directory.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(self._contents)))
        draft.replace(self.path)
        return dataset

    def resolve(self, sources: Iterable[str], needed: Iterable[str]) -> dict[str, Dataset]:
        """Find the data sets that a protocol needs.

        Args:
            sources: names in the catalogue or folders; a folder stands for the data set of its own name.
            needed: names of the data sets wanted; what `sources` do not give is looked up in the catalogue.

        Raises:
            InputError: one of them is nowhere, or is not wanted; says how to add it.
            CheckFailedError: one of them is not any more what was checked when it was added.
        """
        needed = tuple(needed)
        found: dict[str, Dataset] = {}
        for source in sources:
            self._refuse_unused(source, needed)
            if source in self._contents.datasets:
                found[source] = self._contents.datasets[source]
            elif Path(source).is_dir():
                dataset = self._known(Path(source)) or check_folder(Path(source), Path(source).resolve().name)
                found[dataset.name] = dataset
            else:
                raise InputError(f"{source} is neither a data set in the catalogue ({self._names()}) nor a folder")
        chosen: dict[str, Dataset] = {}
        for name in needed:
            dataset_or_none = found.get(name) or self._contents.datasets.get(name)
            if dataset_or_none is None:
                raise InputError(
                    f"data set {name} is not here: `ecg-converter data add FOLDER --name {name}` or "
                    f"`ecg-converter data fetch {name}`, or give its folder with --data"
                )
            _check_unchanged(dataset_or_none)
            chosen[name] = dataset_or_none
        return chosen

    def _refuse_unused(self, source: str, needed: Sequence[str]) -> None:
        """Refuse a source of another name than the data sets wanted: nothing would be read from it."""
        known = source in self._contents.datasets
        name = source if known or not Path(source).is_dir() else Path(source).resolve().name
        if name in needed or not (known or Path(source).is_dir()):
            return
        inside = [str(Path(source) / each) for each in needed if (Path(source) / each).is_dir()]
        advice = f"give {' and '.join(inside)}" if inside else f"give a folder that is named {' or '.join(needed)}"
        raise InputError(f"--data {source}: not used, because only {', '.join(needed)} is read here; {advice}")

    def _known(self, folder: Path) -> Dataset | None:
        """The entry for that very folder."""
        for dataset in self._contents.datasets.values():
            if Path(dataset.folder) == folder.resolve() and dataset.name == folder.resolve().name:
                return dataset
        return None

    def _names(self) -> str:
        return ", ".join(sorted(self._contents.datasets)) or "it is empty"


def _check_unchanged(dataset: Dataset) -> None:
    """Compare the files with the digests of the day when their signals were checked."""
    folder = Path(dataset.folder)
    labels = short_recordings.read_labels(folder) if any(record.label for record in dataset.records) else {}
    for record in dataset.records:
        if record.name == standardised.SIGNALS:
            digest = standardised.digest(folder)
        elif record.label:
            digest = short_recordings.record_digest(folder, record.name, labels.get(record.name, ""))
        else:
            digest = folders.record_digest(folder, record.name)
        if digest != record.digest:
            raise CheckFailedError(
                f"record {record.name} of data set {dataset.name} has changed since it was added: "
                f"`ecg-converter data add {dataset.folder} --name {dataset.name}` checks it again"
            )


def fetch(name: str, directory: Path) -> Path:
    """Download a data set of PhysioNet, record by record; files that are already here are kept.

    Args:
        name: its name in PhysioNet's URLs, such as `mitdb`; or one with a way of its own: `cinc2017`, see
            `short_recordings.fetch`, and `ptbxl`, see `ptbxl.fetch`.
        directory: it comes to lie in `directory / name`.

    Returns:
        The folder.

    Raises:
        NetworkError: PhysioNet cannot be reached or has no such data set.
    """
    import wfdb  # noqa: PLC0415

    folder = directory / name
    try:
        if name in _FETCHES:
            _FETCHES[name](folder)
            return folder
        for record in track(wfdb.get_record_list(name), f"fetching {name}"):
            with contextlib.redirect_stdout(io.StringIO()):  # wfdb tells of each file
                wfdb.dl_database(name, str(folder), records=[record])
    except Exception as error:  # requests, urllib and wfdb each have their own
        cause = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise NetworkError(f"{name} cannot be fetched from PhysioNet, what has arrived is kept: {cause}") from error
    return folder
