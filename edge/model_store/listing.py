"""The list of models for `ecg-edge model list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import typer

from ecg.errors import InputError
from edge.model_store.selection import SHIPPED
from edge.model_store.store import ModelStore
from edge.model_store.trial import running_model

if TYPE_CHECKING:
    from edge.config import Settings

__all__ = ["Entry", "Listing", "listing", "show"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model on this device.

    Attributes:
        file: its name in the store, or `shipped`.
        state: `current`, `previous`, on `trial`, or None of these.
        model, version, labels: from its card.
        sha256: digest of the whole file.
        signed_by: the trusted key that signed it; None if no signature is required.
        refused: why it cannot be used; then only its name and state are known.
    """

    file: str
    state: Literal["current", "previous", "trial"] | None = None
    model: str | None = None
    version: str | None = None
    labels: str | None = None
    sha256: str | None = None
    signed_by: str | None = None
    refused: str | None = None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The models of a device.

    Attributes:
        store: folder of the store.
        running: file name of the model that the monitor runs; None: unknown.
        running_unknown: why `running` is unknown, else empty.
        models: all models.
    """

    store: str
    running: str | None
    running_unknown: str
    models: list[Entry]


def listing(settings: Settings) -> Listing:
    """Read the store and ask the monitor which model it runs.

    Raises:
        InputError: the selection cannot be read.
    """
    store = ModelStore.of(settings.model)
    selection = store.selection()
    states: dict[str | None, Literal["current", "previous", "trial"]] = {selection.previous: "previous"}
    states[selection.current] = "current"
    if selection.trial is not None and selection.trial.is_running:
        states[selection.trial.model] = "trial"
    entries = []
    for name in [*store.names(), SHIPPED]:
        state = states.get(name)
        try:
            model = store.read(name)
        except InputError as error:
            entries.append(Entry(file=name, state=state, refused=str(error)))
            continue
        entries.append(
            Entry(
                file=name,
                state=state,
                model=model.card.name,
                version=model.card.version,
                labels=model.card.label_set,
                sha256=model.sha256,
                signed_by=model.signed_by,
            )
        )
    missing = {name for name in states if name is not None} - {entry.file for entry in entries}
    entries += [Entry(file=name, state=states[name], refused="the file is missing") for name in sorted(missing)]
    running, unknown = running_model(settings.storage.folder)
    return Listing(store=str(store.directory), running=running, running_unknown=unknown, models=entries)


def show(found: Listing) -> None:
    """Print a listing for a person."""
    for entry in found.models:
        signature = f", signed by {entry.signed_by}" if entry.signed_by is not None else ""
        what = entry.refused or f"{entry.model} {entry.version} ({entry.labels}){signature}"
        typer.echo(f"{entry.state or '':<8}  {entry.file}\n{'':<8}  -> {what}")
    if found.running is not None:
        typer.echo(f"The monitor runs {found.running}.")
    else:
        typer.echo(f"The monitor's model is not known: {found.running_unknown}.")
