"""A real Mosquitto on a port of its own."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from tests.support.waiting import answers, free_port, wait_until

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Broker", "mosquitto_program"]


def mosquitto_program() -> str | None:
    """Where mosquitto is, if it is installed."""
    return shutil.which("mosquitto", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


class Broker:
    """A mosquitto process that can be stopped and started again on the same port; its files lie in a folder."""

    def __init__(self, folder: Path, *lines: str) -> None:
        program = mosquitto_program()
        if program is None:
            raise FileNotFoundError("mosquitto is not installed (Debian package mosquitto)")
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.configure("allow_anonymous true", *lines)

    def configure(self, *lines: str) -> None:
        """Write its settings; they hold from the next start on."""
        common = [f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {self._folder}/"]
        if os.geteuid() == 0:
            common.append("user root")  # else it becomes a user who cannot read this folder
        (self._folder / "mosquitto.conf").write_text("\n".join([*common, *lines, ""]))

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        atexit.register(self._process.kill)  # who fails leaves nothing behind
        wait_until(lambda: answers(self.port), "the broker answers")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal and wait for its end."""
        while self._process is not None:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):  # it loses a signal that comes while it starts
                self._process.wait(2.0)
                self._process = None
