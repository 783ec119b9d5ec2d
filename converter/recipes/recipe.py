"""What every recipe does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import msgspec

from converter.training.settings import read_settings
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.evaluation.tables import Table

__all__ = ["Judged", "Recipe", "Trained"]

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training.

    Attributes:
        results: JSON-able.
        table: the same for people.
        line: where the run is, and how long it took.
    """

    results: dict[str, Any]
    table: Table
    line: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How well a model file does.

    Attributes:
        figures: JSON-able.
        table: the same for people.
    """

    figures: dict[str, Any]
    table: Table


class Recipe(ABC, Generic[SettingsT]):
    """How a kind of model is made.

    Attributes:
        defaults: the settings that each shipped model was trained with, by its name; each has a field `model`.
    """

    defaults: ClassVar[Mapping[str, Any]]

    def settings(self, model: str, file: Path | None, changes: Mapping[str, Any]) -> SettingsT:
        """The settings of a run: the model's own or those of a file, with what the command line changes.

        Raises:
            InputError: the file cannot be read, is for another model, or the model knows no such setting.
        """
        settings: Any = self.defaults[model]
        if file is not None:
            settings = read_settings(file, type(settings))
        if settings.model != model:
            raise InputError(f"{file} is for {settings.model}, not for {model}")
        for name in changes:
            if name not in settings.__struct_fields__:
                raise InputError(f"--{name} says nothing to {model}")
        changed: SettingsT = msgspec.structs.replace(settings, **changes)
        return changed

    @abstractmethod
    def run_name(self, settings: SettingsT) -> str:
        """Name of the run folder, where none is given."""

    @abstractmethod
    def train(self, settings: SettingsT, data: Sequence[str], out: Path) -> Trained:
        """Train, or go on with the run that is in the folder.

        Args:
            settings: of the run.
            data: data sets or folders that go before the catalogue's.
            out: the run folder.

        Raises:
            InputError: the data are not here, or the folder holds another run.
        """

    @abstractmethod
    def export(self, run: Path, folder: Path, version: str, data: Sequence[str]) -> Path:
        """Write a finished run's model file, and beside it its Markdown card and its settings; gives the file.

        Args:
            run: the run folder.
            folder: where they go.
            version: of the model.
            data: as in `train`.

        Raises:
            InputError: the run is not finished, or its data are not here.
            CheckFailedError: the data or the code have changed since, or the model does not convert.
        """

    def evaluate(self, model: Path, data: Sequence[str]) -> Judged:
        """Judge a model file on what nothing was chosen on.

        Args:
            model: the file.
            data: as in `train`.

        Raises:
            InputError: such a model is judged otherwise, or the data are not here.
        """
        del data
        raise InputError(f"{model}: a model of this kind is judged by its training alone; its card has the figures")
