"""Commands given on this machine, without a network: a socket in the storage directory.

The same verbs and answers as over MQTT. One packet each way: the verb, a line feed and the JSON payload; the answer's
JSON. Who may read the storage directory may give commands.
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

__all__ = ["ControlSocket", "ask"]

NAME: Final = "control.socket"

PATIENCE_S: Final = 0.2
"""Who connects speaks at once; the main thread waits no longer."""

ANSWER_S: Final = 5.0
"""The daemon answers between two blocks, and at the latest when it notices that none come."""

_log = logging.getLogger(__name__)


class ControlSocket:
    """The daemon's end. Without it the watching goes on: what keeps it from being opened is told in the log.

    Args:
        directory: the storage directory, which this process owns.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.setblocking(False)
        try:
            self._path.unlink(missing_ok=True)  # of a monitor that was killed
            self._listener.bind(str(self._path))
            self._path.chmod(0o600)
            self._listener.listen(8)
        except OSError as error:
            _log.warning("Commands on this machine, like `ecg-edge mark`, will not work: %s: %s", self._path, error)
            self._listener.close()

    def poll(self, answer: Callable[[Command], bytes]) -> None:
        """Answer whoever asks now."""
        if self._listener.fileno() < 0:
            return
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(PATIENCE_S)
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


def ask(directory: Path, verb: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Give the monitor of a storage directory a command; give its answer.

    Raises:
        CheckFailedError: no monitor runs there, it may not be asked, or it does not answer.
    """
    path = directory / NAME
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(ANSWER_S)
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
