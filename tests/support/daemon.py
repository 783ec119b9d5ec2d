"""`ecg-edge run` as a process of its own."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path

from tests.support.waiting import SLOWNESS

__all__ = ["Daemon", "resident_mb"]

PATIENCE_S = 60.0 * SLOWNESS
"""For a start, and for an end after a day at full speed."""


class Daemon:
    """A process of `ecg-edge run CONFIG`; what it says is appended to a file.

    It is told that a service manager listens, so that `wait_ready` can wait for its READY=1.
    """

    def __init__(self, config: Path, log: Path | None = None, environment: dict[str, str] | None = None) -> None:
        self._log = log or config.with_name("daemon.log")
        name = f"ecg-edge-{uuid.uuid4().hex}"
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(f"\0{name}")
        given = dict(os.environ) if environment is None else environment
        with self._log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "run", str(config)],
                stderr=stderr,
                env={"NOTIFY_SOCKET": f"@{name}", **given},
            )
        atexit.register(self.process.kill)  # who fails leaves nothing behind

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text()

    def wait_ready(self) -> None:
        """Wait until it says that it watches."""
        self._manager.settimeout(PATIENCE_S)
        while b"READY=1" not in self._manager.recv(4096):
            pass

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; gives its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_S)
        self._manager.close()
        return status

    def kill(self) -> None:
        """End it, whatever it does, if it has not ended yet."""
        self.process.kill()
        self.process.wait()
        self._manager.close()


def resident_mb(pid: int) -> float:
    """Memory of a process now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
