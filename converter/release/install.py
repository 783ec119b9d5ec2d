"""A model onto a device: over the system's ssh and scp, or into the file system of its SD card.

Over ssh the file is copied beside under a name of its own, and the device does the rest by itself (`ecg-edge model
use`): it checks the file, switches, restarts the monitor, watches it, and goes back if it is not well. So a connection
that breaks leaves nothing half done.
"""

from __future__ import annotations

import secrets
import shlex
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecg.errors import CheckFailedError, ExitCode, InputError, NetworkError
from edge.config import load
from edge.config.places import SERVICE_SETTINGS
from edge.inference import load_classifier
from edge.model_store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["install_in_directory", "install_over_ssh"]

SSH_FAILED: Final = 255
"""Exit status of ssh where it has no connection; every other one is the command's."""

KEEPALIVE: Final = ("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3")
"""A connection that is dead is noticed after 15 s."""


def install_over_ssh(model: Path, host: str, *, command: str, options: Sequence[str]) -> None:
    """Install a model on a running device; what the device says goes to this terminal.

    Args:
        model: the file.
        host: as ssh takes it, `user@pi`.
        command: runs ecg-edge there.
        options: for its `model use`.

    Raises:
        InputError: the file is refused here already, or on the device; nothing is changed there.
        CheckFailedError: the device has rolled it back.
        NetworkError: there is no connection, or it broke.
    """
    if host.startswith("-"):
        raise InputError(f"--to {host}: no host begins with a dash; give USER@HOST")
    load_classifier(model)
    # Without the model's own name: scp and the shells on both sides do not agree on how to quote a space.
    copy = f"/tmp/ecg-edge-{secrets.token_hex(8)}.tflite"  # noqa: S108 - a name that nobody guesses
    use = shlex.join(["model", "use", copy, *options])
    with _connection(host) as connection:
        copied = _run("scp", "-q", *connection, str(model.absolute()), f"{host}:{copy}")
        if copied:
            raise NetworkError(f"{model} could not be copied to {host}; nothing was changed there; try `ssh {host}`")
        used = _run("ssh", *connection, host, f"{command} {use}; result=$?; rm -f {copy}; exit $result")
    if used == SSH_FAILED or used < 0:  # ssh itself was killed
        raise NetworkError(
            f"the connection to {host} broke; the device decides alone within two minutes; "
            "then see there: ecg-edge model list"
        )
    if used == ExitCode.CHECK_FAILED:
        raise CheckFailedError(f"{model} is not in use on {host}, for the reason above")
    if used:
        raise InputError(f"{model} was not installed on {host} (exit code {used}), for the reason above")


def install_in_directory(model: Path, directory: Path) -> str:
    """Install a model in a file system that is no device's at the moment; its name in the store there.

    Args:
        model: the file.
        directory: where the device's root is mounted.

    Raises:
        InputError: no monitor is installed there, the file is refused, by the trusted keys there too, or the store
            cannot be written.
    """
    store = _store_in(directory)
    with store.locked():
        name = store.add(model)
        store.choose(name)
    return name


def _store_in(directory: Path) -> ModelStore:
    config = directory / SERVICE_SETTINGS.relative_to("/")
    program = directory / "opt" / "ecg-edge"
    missing = [str(path) for path in (config, program) if not path.exists()]
    if missing:
        raise InputError(
            f"{directory} is not the root of a device where ECG Edge is installed: {' and '.join(missing)} "
            "missing; mount the card's root, and run install.sh on the device first"
        )
    settings = load(config)
    if settings.model.path:
        raise InputError(f"{config}: model.path names {settings.model.path}, which goes before the store; remove it")
    return ModelStore.of(settings.model, directory)


def _run(program: str, *arguments: str) -> int:
    try:
        return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603
    except FileNotFoundError as error:
        raise InputError(f"{program} is not installed (Debian package openssh-client)") from error


@contextmanager
def _connection(host: str) -> Iterator[tuple[str, ...]]:
    """Options with which ssh and scp share one connection, so that a password is asked for once."""
    with tempfile.TemporaryDirectory(prefix="ecg-") as folder:
        shared = ("-o", "ControlMaster=auto", "-o", f"ControlPath={folder}/ssh", "-o", "ControlPersist=60")
        try:
            yield (*KEEPALIVE, *shared)
        finally:
            subprocess.run(  # noqa: S603
                ["ssh", "-q", *shared, "-O", "exit", host],  # noqa: S607 - the system's ssh
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
