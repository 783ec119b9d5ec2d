"""The commands `ecg-edge model list | verify | use | rollback`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecg.errors import CheckFailedError, ExitCode, InputError

if TYPE_CHECKING:
    from edge.config import Settings
    from edge.inference import ModelFile
    from edge.model_store import ModelStore

__all__ = ["model_app"]

model_app = typer.Typer(help="Models on this device: list, check, switch, go back.", rich_markup_mode=None)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="CONFIG.toml", help="Settings; default: yours, else the service's.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help='A model file, a model in the store (as `list` names it), or "shipped".',
        show_default=False,
    ),
]
RestartOption = Annotated[
    str, typer.Option(metavar="COMMAND", help='Command that restarts the monitor; "" = do not restart it.')
]


@model_app.command("list", epilog="Example: ecg-edge model list")
def list_models(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the models on this device, with the current and the previous one.

    Exit code: 1 if a model is refused.
    """
    from edge.model_store.listing import listing, show  # noqa: PLC0415

    found = listing(_settings(config))
    if as_json:
        _print_json(found)
    else:
        show(found)
    if any(entry.refused is not None for entry in found.models):
        raise typer.Exit(ExitCode.CHECK_FAILED)


@model_app.command(epilog="Example: ecg-edge model verify new.tflite")
def verify(model: Model, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check a model on this device: digest, signature, shapes, golden beats, speed."""
    from edge.doctor import exit_code, run_checks  # noqa: PLC0415
    from edge.doctor.model import checks  # noqa: PLC0415
    from edge.doctor.table import open_console, print_result  # noqa: PLC0415

    store = _store(_settings(config))
    results = list(run_checks(checks(lambda: _read(store, model))))
    if as_json:
        _print_json(results)
    else:
        console = open_console()
        for result in results:
            print_result(console, result)
    raise typer.Exit(exit_code(results))


@model_app.command(epilog="Example: sudo ecg-edge model use new.tflite")
def use(
    model: Model,
    config: ConfigOption = None,
    watch: Annotated[float, typer.Option(min=2, metavar="SECONDS", help="Time to watch the monitor.")] = 60,
    restart: RestartOption = "systemctl restart ecg-edge",
    as_json: JsonOption = False,
) -> None:
    """Switch to another model: check it, restart the monitor, watch it, and roll back if the monitor fails.

    Exit code: 1 if the model was rolled back, 2 if it was refused.
    """
    from edge.inference.speed import check_at_work  # noqa: PLC0415
    from edge.model_store.trial import try_out  # noqa: PLC0415

    settings = _settings(config)
    store = _store(settings)
    _ignore_hangup()
    with store.locked():
        if _is_file(model):
            name = store.add(Path(model))
        else:
            name = store.find(model)
            check_at_work(store.read(name))
        if not restart:
            store.choose(name)
            _print_result(as_json, model=name, kept=True, text=f"{name}: in use from the monitor's next start")
            return
        if not as_json:
            _print(f"{name}: passed the checks; watching the monitor with it for {watch:g} s")
        try:
            storage = settings.storage.folder
            seen = try_out(store, name, restart=restart, watch_s=watch, storage=storage)
        except CheckFailedError as error:
            if as_json:
                _print_result(as_json, model=name, kept=False, text=str(error))
            raise
        _print_result(as_json, model=name, kept=True, text=f"{name}: in use; {seen}")


@model_app.command(epilog="Example: sudo ecg-edge model rollback")
def rollback(
    config: ConfigOption = None, restart: RestartOption = "systemctl restart ecg-edge", as_json: JsonOption = False
) -> None:
    """Go back to the previous model and restart the monitor.

    Exit code: 1 if the monitor does not run that model afterwards.
    """
    from edge.model_store.trial import restart_monitor, running_model  # noqa: PLC0415

    settings = _settings(config)
    store = _store(settings)
    _ignore_hangup()
    with store.locked():
        name = store.roll_back()
        after = "in use from the monitor's next start"
        kept = True
        if restart:
            storage = settings.storage.folder
            after = restart_monitor(restart, storage)
            kept = running_model(storage)[0] == store.path(name).name
    _print_result(as_json, model=name, kept=kept, text=f"{name}: {after}")
    if not kept:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _settings(config: Path | None) -> Settings:
    from edge.config import load_found  # noqa: PLC0415

    return load_found(config)


def _store(settings: Settings) -> ModelStore:
    from edge.model_store import ModelStore  # noqa: PLC0415

    if settings.model.path:
        raise InputError(
            f"the setting model.path names {settings.model.path}, which overrides the model store; "
            "remove that setting, then try again"
        )
    return ModelStore.of(settings.model)


def _is_file(model: str) -> bool:
    return Path(model).is_file() or os.sep in model


def _read(store: ModelStore, model: str) -> ModelFile:
    from edge.inference import read  # noqa: PLC0415

    return read(Path(model), keys=store.keys()) if _is_file(model) else store.read(store.find(model))


def _ignore_hangup() -> None:
    """Continue when the terminal's connection breaks."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _print_result(as_json: bool, **result: Any) -> None:
    if as_json:
        _print_json(result)
    else:
        _print(result["text"])


def _print_json(content: Any) -> None:
    import msgspec  # noqa: PLC0415

    _print(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def _print(text: str) -> None:
    try:
        typer.echo(text)
        sys.stdout.flush()
    except OSError:  # the reader is gone; the work continues
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until this process ends
