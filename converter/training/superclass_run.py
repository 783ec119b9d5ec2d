"""The folder that a training on superclasses leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from converter.training.superclass_settings import SuperclassSettings
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SuperclassRun", "TrainedOn"]

Content = TypeVar("Content")


class TrainedOn(msgspec.Struct, frozen=True, kw_only=True):
    """Digests: of each data set, by name; of the recordings as they were prepared; of what a teacher says, if any."""

    datasets: dict[str, str]
    prepared: str
    teacher: str = ""


class SuperclassRun:
    """Paths and small files of one run.

    Args:
        path: the folder; made when the run opens it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_path = path / "settings.json"
        self.predictions_path = path / "predictions.npz"
        self._trained_on = path / "data.json"
        self._results = path / "metrics.json"

    def network(self, number: int) -> Path:
        """Folder of a network, from 1 on."""
        return self.path / f"network-{number}"

    def open(self, settings: SuperclassSettings, trained_on: TrainedOn) -> None:
        """Begin a run here, or go on with the one that is here.

        Raises:
            InputError: the folder holds another run: other settings or data.
        """
        if not self.settings_path.is_file():
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(self._trained_on, trained_on)
            self._write(self.settings_path, settings)
        elif self.settings() != settings or self.trained_on() != trained_on:
            raise InputError(f"{self.path} holds a run with other settings or on other data; choose another --out")

    def settings(self) -> SuperclassSettings:
        """The run's settings.

        Raises:
            InputError: this is no run folder, or the file is damaged.
        """
        return self._read(self.settings_path, SuperclassSettings)

    def trained_on(self) -> TrainedOn:
        """The run's data."""
        return self._read(self._trained_on, TrainedOn)

    def results(self) -> dict[str, Any]:
        """The finished run's figures.

        Raises:
            InputError: the run is not finished.
        """
        if not self._results.is_file():
            raise InputError(f"{self.path} holds no finished run: `ecg-converter train` with the same --out goes on")
        return self._read(self._results, dict[str, Any])

    def finish(self, results: dict[str, Any]) -> None:
        """Write the figures."""
        self._write(self._results, results)

    def _write(self, path: Path, content: Any) -> None:
        draft = path.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
        draft.replace(path)

    def _read(self, path: Path, kind: type[Content]) -> Content:
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError as error:
            raise InputError(f"{self.path} is no folder of a training run: {path.name} is missing") from error
        except msgspec.DecodeError as error:
            raise InputError(f"{path} is damaged: {error}") from error
