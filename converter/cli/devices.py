"""`ecg-converter keygen`, `sign` and `install`: model files for devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converter.cli.options import JsonOption, print_json
from ecg.errors import InputError

__all__ = ["app"]

DEVICE_COMMAND = "sudo -n /opt/ecg-edge/bin/ecg-edge"
"""Runs ecg-edge on a device, with the right to write its models and to restart its service."""

app = typer.Typer()


@app.command(epilog="Example: ecg-converter keygen ~/keys/clinic")
def keygen(
    out: Annotated[
        Path,
        typer.Argument(
            help="The private key; the public one is written beside it, with .pub. A new folder is yours alone."
        ),
    ],
) -> None:
    """Make a pair of keys: the private one signs models, the public one goes to the devices that trust it."""
    from converter.release import keys  # noqa: PLC0415

    identity = keys.generate(out)
    typer.echo(
        f"{out}: the private key, which never leaves this machine\n{out}.pub: for /etc/ecg-edge/trusted-keys/ "
        f"on the devices ({identity})"
    )


@app.command(epilog="Example: ecg-converter sign models/resecanet-aami5.tflite --key ~/keys/clinic")
def sign(
    model: Annotated[Path, typer.Argument(help="The model file; the signature becomes part of it.")],
    key: Annotated[Path, typer.Option(help='A private key, as "keygen" makes it.')],
) -> None:
    """Sign a model file, for devices that take no other; the same model and key give the same bytes."""
    from converter.release import keys  # noqa: PLC0415

    typer.echo(f"{model}: signed by the key {keys.sign(model, key)}")


@app.command(epilog="Example: ecg-converter install models/resecanet-aami5.tflite --to pi@bed-3.local")
def install(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[Path, typer.Argument(help="The model file.")],
    to: Annotated[
        str, typer.Option(help="user@pi, as ssh takes it; or the folder where an SD card's root is mounted.")
    ],
    config: Annotated[str, typer.Option(help="Settings file on the device; by default the service's.")] = "",
    watch: Annotated[float, typer.Option(min=2, help="Seconds for which the device watches its monitor.")] = 60,
    restart: Annotated[str, typer.Option(help="What restarts the monitor there; by default systemctl.")] = "",
    command: Annotated[str, typer.Option(help="Runs ecg-edge on the device.")] = DEVICE_COMMAND,
    as_json: JsonOption = False,
) -> None:
    """Install a model on a device, which checks it, switches to it, and goes back by itself if it does not do well.

    Exit code: 1 if it was rolled back, 2 if it was refused, 4 if there is no connection.
    """
    from converter.release.install import install_in_directory, install_over_ssh  # noqa: PLC0415 - loads the runtime

    if Path(to).is_dir():
        name = install_in_directory(model, Path(to))
        text = f"{name}: in use from the monitor's next start on"
        if as_json:
            print_json({"model": name, "kept": True, "text": text})
        else:
            typer.echo(text)
        return
    if "/" in to:
        raise InputError(f"{to} is no folder, and no host either: give user@pi, or where the SD card is mounted")
    options = [f"--watch={watch:g}"]
    options += [f"--{name}={value}" for name, value in (("config", config), ("restart", restart)) if value]
    install_over_ssh(model, to, command=command, options=[*options, *(["--json"] if as_json else [])])
