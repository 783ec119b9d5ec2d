"""The models that the reader uses, for `ecg-reader models`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ecg.errors import InputError
from ecg.model_file.container import read
from edge.inference.classifier import DEFAULT_MODEL
from models import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Entry", "list_models", "show_models"]

TASKS: Final = ("twelve-lead", "lead", "delineation", "beat")
"""Tasks of the models of a reading, in the order in which they are listed. Of those for beats it is the monitor's."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model that ships.

    Attributes:
        file: its name.
        size_bytes: of the file.
        task, model, version: from its card.
        labels: that it gives.
        trained_on: names of the data sets.
        refused: why it cannot be used; then only its file is known.
    """

    file: str
    size_bytes: int
    task: str | None = None
    model: str | None = None
    version: str | None = None
    labels: tuple[str, ...] = ()
    trained_on: tuple[str, ...] = ()
    refused: str | None = None


def list_models(folder: Path = DIRECTORY) -> list[Entry]:
    """Read the cards of the models in a folder that the reader can use."""
    entries = []
    for path in sorted(folder.glob("*.tflite")):
        try:
            card = read(path).card
        except InputError as error:
            entries.append(Entry(file=path.name, size_bytes=path.stat().st_size, refused=str(error)))
            continue
        if card.task in TASKS and (card.task != "beat" or path.name == DEFAULT_MODEL):
            entries.append(
                Entry(
                    file=path.name,
                    size_bytes=path.stat().st_size,
                    task=card.task,
                    model=card.name,
                    version=card.version,
                    labels=card.labels,
                    trained_on=tuple(dict.fromkeys(source.name for source in card.training.train_data)),
                )
            )
    return sorted(entries, key=lambda entry: TASKS.index(entry.task) if entry.task in TASKS else len(TASKS))


def show_models(entries: Sequence[Entry]) -> None:
    """Print models for a person."""
    import typer  # noqa: PLC0415

    for entry in entries:
        typer.echo(f"{entry.file}  ({entry.size_bytes / 1e6:.2f} MB)")
        if entry.refused is not None:
            typer.echo(f"    refused: {entry.refused}")
            continue
        typer.echo(f"    {entry.task}: {entry.model} {entry.version}, {' '.join(entry.labels)}")
        if entry.trained_on:
            typer.echo(f"    trained on {', '.join(entry.trained_on)}")
