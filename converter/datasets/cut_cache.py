"""Cut beats on disk, so that an unchanged signal path cuts each record once."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.beats import COLUMNS, BeatSet
from converter.datasets.import_closure import closure_digest

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.cutting import Peaks
    from ecg.model_file.card import Normalisation

__all__ = ["CUTTING", "CutCache"]

CUTTING = "converter.datasets.cutting"
"""The module whose code, with all that it imports, decides how a beat is cut, shown and labelled."""


class CutCache:
    """Cut beats on disk, by the digest of their record and of the code that cut them.

    Args:
        directory: beats cut by other code are deleted from it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / closure_digest(CUTTING)[:16]

    def path(self, record: str, channel: int, *, augmentation: str, peaks: Peaks, normalisation: Normalisation) -> Path:
        """Where the beats of one signal are kept; `record` names the data set and the record's digest."""
        name = f"{record} {channel} {augmentation or 'as recorded'} {peaks} {normalisation}"
        return self.directory / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npz"

    def read(self, path: Path) -> BeatSet | None:
        """The beats kept there; None where there are none, or the file is damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                inputs = {name: arrays[name] for name in sorted(set(arrays.files) - set(COLUMNS))}
                return BeatSet(inputs, **{name: arrays[name] for name in COLUMNS})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path: Path, beats: BeatSet) -> None:
        """Keep beats, whole or not at all."""
        if not self.directory.is_dir():
            self._forget_other_code()
            self.directory.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new.npz")
        arrays: dict[str, Any] = {**beats.columns, **beats.inputs}
        np.savez(draft, **arrays)
        draft.replace(path)

    def _forget_other_code(self) -> None:
        for stale in self.directory.parent.glob("*/*.npz"):
            stale.unlink(missing_ok=True)
