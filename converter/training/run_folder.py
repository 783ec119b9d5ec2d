"""The folder that a training run leaves, and what of it lets an interrupted run go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from converter.datasets.protocol_beats import Provenance
from converter.training.settings import TrainingSettings
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EpochRow", "Progress", "RunFolder"]


Content = TypeVar("Content")


class EpochRow(msgspec.Struct, frozen=True, kw_only=True):
    """One epoch's figures."""

    epoch: int
    loss: float
    validation_loss: float
    validation_accuracy: float
    validation_macro_f1: float


class Progress(msgspec.Struct, kw_only=True):
    """How far a run has come.

    Attributes:
        rows: one for each finished epoch.
        checkpoint: name of the file with weights and optimiser after the last of them.
    """

    rows: list[EpochRow] = msgspec.field(default_factory=list)
    checkpoint: str | None = None


class RunFolder:
    """Paths and small files of one run.

    Args:
        path: the folder; made when the run opens it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_path = path / "settings.json"
        self.provenance_path = path / "data.json"
        self.progress_path = path / "progress.json"
        self.metrics_path = path / "metrics.json"
        self.weights_path = path / "model.weights.h5"
        self.predictions_path = path / "predictions.npz"

    def open(self, settings: TrainingSettings, provenance: Provenance) -> Progress:
        """Begin a run here, or go on with the one that is here.

        Raises:
            InputError: the folder holds another run: other settings, other data, or beats that were cut otherwise.
        """
        if not self.settings_path.is_file():
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(self.provenance_path, provenance)
            self._write(self.settings_path, settings)
            return Progress()
        theirs = msgspec.to_builtins(self.settings())
        ours = msgspec.to_builtins(settings)
        other = [f"{key} ({theirs[key]} there, {ours[key]} now)" for key in ours if ours[key] != theirs[key]]
        if other:
            raise InputError(f"{self.path} holds a run with other settings: {', '.join(other)}; choose another --out")
        if self.provenance() != provenance:
            raise InputError(f"{self.path} holds a run on other data or on beats cut otherwise; choose another --out")
        return self.progress()

    def settings(self) -> TrainingSettings:
        """The run's settings.

        Raises:
            InputError: this is no run folder, or the file is damaged.
        """
        return self._read(self.settings_path, TrainingSettings)

    def provenance(self) -> Provenance:
        """The run's data."""
        return self._read(self.provenance_path, Provenance)

    def progress(self) -> Progress:
        """How far it has come; nothing yet where no epoch was finished."""
        return self._read(self.progress_path, Progress) if self.progress_path.is_file() else Progress()

    def metrics(self) -> dict[str, Any]:
        """The finished run's figures.

        Raises:
            InputError: the run is not finished.
        """
        if not self.metrics_path.is_file():
            raise InputError(f"{self.path} holds no finished run: `ecg-converter train` with the same --out goes on")
        return self._read(self.metrics_path, dict[str, Any])

    def average_path(self, checkpoint: str) -> Path:
        """Where the running average of the weights lies that goes with a checkpoint."""
        return self.path / checkpoint.replace(".weights.h5", ".average.npz")

    def keep(self, progress: Progress) -> None:
        """Write how far the run has come, then delete older checkpoints."""
        self._write(self.progress_path, progress)
        assert progress.checkpoint is not None
        current = {self.path / progress.checkpoint, self.average_path(progress.checkpoint)}
        for checkpoint in self.path.glob("checkpoint-*"):
            if checkpoint not in current:
                checkpoint.unlink()

    def finish(self, metrics: dict[str, Any]) -> None:
        """Write the figures and delete the checkpoint."""
        self._write(self.metrics_path, metrics)
        for checkpoint in self.path.glob("checkpoint-*"):
            checkpoint.unlink()

    def _write(self, path: Path, content: Any) -> None:
        """Write a file whole or not at all, even if the run is killed meanwhile."""
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
