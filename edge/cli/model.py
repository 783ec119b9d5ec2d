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
    from edge.model_store import Store

__all__ = ["SERVICE_CONFIG", "model_app"]

SERVICE_CONFIG = Path("/etc/ecg-edge/ecg-edge.toml")
"""What the systemd unit runs with."""

model_app = typer.Typer(
    help="The models on this device: which there are, which is in use, another one, back again.", rich_markup_mode=None
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="CONFIG.toml", help="Settings; default: the service's.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help='A model file; or one in the store, as `list` shows it; or "shipped".', show_default=False
    ),
]
RestartOption = Annotated[
    str, typer.Option(metavar="COMMAND", help='Restarts the monitor; "" = leave it, and wait for its next start.')
]


@model_app.command("list", epilog="Example: ecg-edge model list")
def list_models(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every model of this device, which is in use, and which was before it.

    Exit code: 1 if one of them is refused.
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
    from edge.doctor import exit_code, walk  # noqa: PLC0415
    from edge.doctor.model import checks  # noqa: PLC0415
    from edge.doctor.table import open_console, show  # noqa: PLC0415

    store = _store(_settings(config))
    results = list(walk(checks(lambda: _read(store, model))))
    if as_json:
        _print_json(results)
    else:
        console = open_console()
        for result in results:
            show(console, result)
    raise typer.Exit(exit_code(results))


@model_app.command(epilog="Example: sudo ecg-edge model use new.tflite")
def use(
    model: Model,
    config: ConfigOption = None,
    watch: Annotated[float, typer.Option(min=2, metavar="SECONDS", help="Go back if the monitor is not well.")] = 60,
    restart: RestartOption = "systemctl restart ecg-edge",
    as_json: JsonOption = False,
) -> None:
    """Use another model: check it, switch, restart the monitor, watch it, and go back if it is not well.

    Exit code: 1 if it was rolled back, 2 if it was refused.
    """
    from edge.inference.speed import check_at_work  # noqa: PLC0415
    from edge.model_store.trial import try_out  # noqa: PLC0415

    settings = _settings(config)
    store = _store(settings)
    _go_on_without_a_terminal()
    with store.changing():
        if _is_file(model):
            name = store.add(Path(model))
        else:
            name = store.find(model)
            check_at_work(store.read(name))
        if not restart:
            store.choose(name)
            _tell(as_json, model=name, kept=True, text=f"{name}: in use from the monitor's next start on")
            return
        if not as_json:
            _say(f"{name}: checked; watching the monitor with it for {watch:g} s")
        try:
            storage = Path(settings.storage.directory)
            seen = try_out(store, name, restart=restart, watch_s=watch, storage=storage)
        except CheckFailedError as error:
            if as_json:
                _tell(as_json, model=name, kept=False, text=str(error))
            raise
        _tell(as_json, model=name, kept=True, text=f"{name}: in use; {seen}")


@model_app.command(epilog="Example: sudo ecg-edge model rollback")
def rollback(
    config: ConfigOption = None, restart: RestartOption = "systemctl restart ecg-edge", as_json: JsonOption = False
) -> None:
    """Go back to the previous model, and restart the monitor.

    Exit code: 1 if the monitor does not run it afterwards.
    """
    from edge.model_store.trial import restart_monitor, running_model  # noqa: PLC0415

    settings = _settings(config)
    store = _store(settings)
    _go_on_without_a_terminal()
    with store.changing():
        name = store.roll_back()
        after = "in use from the monitor's next start on"
        kept = True
        if restart:
            storage = Path(settings.storage.directory)
            after = restart_monitor(restart, storage)
            kept = running_model(storage)[0] == store.path(name).name
    _tell(as_json, model=name, kept=kept, text=f"{name}: {after}")
    if not kept:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _settings(config: Path | None) -> Settings:
    from edge.config import Settings, load  # noqa: PLC0415

    if config is None and SERVICE_CONFIG.exists():
        config = SERVICE_CONFIG
    return Settings() if config is None else load(config)


def _store(settings: Settings) -> Store:
    from edge.model_store import Store  # noqa: PLC0415

    if settings.model.path:
        raise InputError(
            f"model.path in the settings names {settings.model.path}, which goes before the store; "
            "remove that line, then choose a model here"
        )
    return Store.of(settings.model)


def _is_file(model: str) -> bool:
    return Path(model).is_file() or os.sep in model


def _read(store: Store, model: str) -> ModelFile:
    from edge.inference import read  # noqa: PLC0415

    return read(Path(model), keys=store.keys()) if _is_file(model) else store.read(store.find(model))


def _go_on_without_a_terminal() -> None:
    """Finish what was begun also where the connection breaks."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _tell(as_json: bool, **result: Any) -> None:
    if as_json:
        _print_json(result)
    else:
        _say(result["text"])


def _print_json(content: Any) -> None:
    import msgspec  # noqa: PLC0415

    _say(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def _say(text: str) -> None:
    try:
        typer.echo(text)
        sys.stdout.flush()
    except OSError:  # who listened is gone; the work goes on
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until this process ends
