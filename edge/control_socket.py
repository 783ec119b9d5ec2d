"""Commands from this host, without a network: a Unix socket in the storage directory.

The verbs and answers are the same as over MQTT. A request is one packet: the verb, a line feed and the JSON payload.
The answer is one packet of JSON. Any user who may read the storage directory may give commands.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.errors import CheckFailedError
from ecg.protocol.commands import MAX_BYTES, Command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CONTROL_SOCKET", "ControlSocket", "NotRunningError", "send_command"]

CONTROL_SOCKET: Final = "control.socket"
"""Its file, in the storage directory of a monitor that runs."""

REQUEST_TIMEOUT_S: Final = 0.2
"""For the request after a connection: a client sends at once, and the main thread must not wait longer."""

ANSWER_TIMEOUT_S: Final = 5.0
"""The daemon answers between two blocks, or when it notices that no blocks come."""

CHECK_S: Final = 30.0
"""Interval at which the socket's file is looked for."""

PATIENCE_S: Final = 0.5
"""Longest wait for the disk at the start and at the end."""

_log = logging.getLogger(__name__)


class NotRunningError(CheckFailedError):
    """No monitor runs with the storage directory."""


class ControlSocket:
    """The daemon's end. If it cannot be opened, the log says why, and monitoring continues without it.

    A thread of its own opens it, and opens it again where it was deleted with its folder: nobody else waits for a disk
    that is slow.

    Args:
        directory: the storage directory, which this process owns.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / CONTROL_SOCKET
        self._listener: socket.socket | None = None
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_open, name="control-socket", daemon=True)
        self._thread.start()
        self._opened.wait(PATIENCE_S)

    def _keep_open(self) -> None:
        self._listener = self._open()
        self._opened.set()
        while not self._closing.wait(CHECK_S):
            with suppress(OSError):  # the disk fails
                if self._path.parent.is_dir() and not self._path.exists():
                    before, self._listener = self._listener, self._open()
                    if before is not None:
                        before.close()
        if self._listener is not None:
            self._listener.close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _open(self) -> socket.socket | None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.setblocking(False)
        try:
            self._path.unlink(missing_ok=True)  # left by a killed monitor
            listener.bind(str(self._path))
            self._path.chmod(0o600)
            listener.listen(8)
        except OSError as error:
            _log.warning("Local commands such as `ecg-edge mark` will not work: %s: %s", self._path, error)
            listener.close()
            return None
        return listener

    def poll(self, answer: Callable[[Command], bytes]) -> None:
        """Answer one waiting client, if there is one."""
        listener = self._listener
        if listener is None:
            return
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(REQUEST_TIMEOUT_S)
            try:
                packet = connection.recv(2 * MAX_BYTES)
                verb, _, payload = packet.partition(b"\n")
                command = Command(
                    verb=verb.decode(errors="replace"), payload=payload, source="local", received_s=time.monotonic()
                )
                connection.send(answer(command))
            except OSError:
                return

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join(PATIENCE_S)


def send_command(directory: Path, verb: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Send a command to the monitor of a storage directory; returns its answer.

    Raises:
        NotRunningError: no monitor runs there.
        CheckFailedError: this user may not connect, or the monitor does not answer.
    """
    path = directory / CONTROL_SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(ANSWER_TIMEOUT_S)
        try:
            connection.connect(str(path))
            connection.send(verb.encode() + b"\n" + msgspec.json.encode(payload))
            reply = connection.recv(64 * MAX_BYTES)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunningError(
                f"no monitor runs with the storage directory {directory}; start `ecg-edge run` first, "
                "or name its settings file"
            ) from None
        except PermissionError:
            raise CheckFailedError(
                f"{path}: only the monitor's own user may give it commands; try `sudo -u ecg-edge ecg-edge ...`"
            ) from None
        except OSError as error:
            raise CheckFailedError(f"{path}: the monitor does not answer ({error.strerror or error})") from None
    if not reply:
        raise CheckFailedError(f"{path}: the monitor does not answer; it may be stopping")
    answer: dict[str, Any] = msgspec.json.decode(reply)
    return answer
