"""Commands from this host, without a network: a Unix socket in the storage directory.

The verbs and answers are the same as over MQTT. A request is one packet: the verb, a line feed and the JSON payload.
The answer is one packet of JSON. Any user who may read the storage directory may give commands.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.errors import CheckFailedError
from ecg.protocol.commands import MAX_BYTES, Command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ControlSocket", "send_command"]

FILE_NAME: Final = "control.socket"

REQUEST_TIMEOUT_S: Final = 0.2
"""For the request after a connection: a client sends at once, and the main thread must not wait longer."""

ANSWER_TIMEOUT_S: Final = 5.0
"""The daemon answers between two blocks, or when it notices that no blocks come."""

CHECK_S: Final = 30.0
"""Interval at which the socket's file is looked for."""

_log = logging.getLogger(__name__)


class ControlSocket:
    """The daemon's end. If it cannot be opened, the log says why, and monitoring continues without it.

    Args:
        directory: the storage directory, which this process owns.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._check_due_s = time.monotonic() + CHECK_S
        self._listener = self._open()

    def _open(self) -> socket.socket:
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
        return listener

    def _open_again(self) -> None:
        """Open a socket that was deleted with its folder, once the folder is there again."""
        now_s = time.monotonic()
        if now_s < self._check_due_s:
            return
        self._check_due_s = now_s + CHECK_S
        if self._path.parent.is_dir() and not self._path.exists():
            self._listener.close()
            self._listener = self._open()

    def poll(self, answer: Callable[[Command], bytes]) -> None:
        """Answer one waiting client, if there is one."""
        self._open_again()
        if self._listener.fileno() < 0:
            return
        try:
            connection, _ = self._listener.accept()
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
        if self._listener.fileno() >= 0:
            self._listener.close()
            self._path.unlink(missing_ok=True)


def send_command(directory: Path, verb: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Send a command to the monitor of a storage directory; returns its answer.

    Raises:
        CheckFailedError: no monitor runs there, this user may not connect, or the monitor does not answer.
    """
    path = directory / FILE_NAME
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(ANSWER_TIMEOUT_S)
        try:
            connection.connect(str(path))
            connection.send(verb.encode() + b"\n" + msgspec.json.encode(payload))
            reply = connection.recv(64 * MAX_BYTES)
        except (FileNotFoundError, ConnectionRefusedError):
            raise CheckFailedError(
                f"no monitor runs with the storage directory {directory}; start `ecg-edge run` first"
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
