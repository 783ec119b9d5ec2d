"""What every campaign works with: real processes of the daemon and the broker, and a ledger of what was committed."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from edge.config import (
    DeviceSettings,
    HostSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
    render,
)
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "DEVICE",
    "Broker",
    "Daemon",
    "Entry",
    "configure",
    "free_port",
    "keep_ledger",
    "read_ledger",
    "resident_mb",
    "simulated",
    "wait_until",
]

DEVICE = "bench"
PATIENCE_S = 120.0


def wait_until(condition: Callable[[], object], what: str, *, timeout_s: float = PATIENCE_S) -> None:
    """Wait for something that is to happen; the campaign ends here if it does not."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            sys.exit(f"waited {timeout_s:.0f} s in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def simulated(scenario: str, *, speed: float, seed: int = 1) -> SourceSettings:
    """The simulator as the source."""
    return SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=speed, seed=seed))


def configure(
    folder: Path,
    *,
    port: int,
    source: SourceSettings,
    storage: StorageSettings | None = None,
    host: HostSettings | None = None,
) -> Settings:
    """Settings for a campaign, written to `FOLDER/edge.toml`; the storage is `FOLDER/storage` unless told otherwise."""
    settings = Settings(
        device=DeviceSettings(id=DEVICE),
        source=source,
        mqtt=MqttSettings(host="127.0.0.1", port=port),
        storage=storage or StorageSettings(directory=str(folder / "storage")),
        host=host or HostSettings(),
    )
    (folder / "edge.toml").write_text(render(settings))
    return settings


class Broker:
    """A mosquitto on a port of its own."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            sys.exit("mosquitto is not installed (Debian package mosquitto)")
        self.port = free_port()
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0"]
        if os.geteuid() == 0:
            lines.append("user root")  # else it becomes a user who cannot read this folder
        (folder / "mosquitto.conf").write_text("\n".join([*lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self._process.kill)
        wait_until(self._answers, "the broker answers")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal and wait for its end."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Daemon:
    """A process of `ecg-edge run FOLDER/edge.toml`; its log is appended to `FOLDER/daemon.log`."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "daemon.log"
        where = folder / "notify"
        where.unlink(missing_ok=True)
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(str(where))
        with self._log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "run", str(folder / "edge.toml")],
                stderr=stderr,
                env={**os.environ, "NOTIFY_SOCKET": str(where)},
            )
        atexit.register(self.process.kill)  # a campaign that fails leaves nothing behind

    @property
    def log(self) -> str:
        """What it and those before it said."""
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that was committed to the outbox once, delivered since or not."""

    number: int
    topic: str
    payload: bytes

    @property
    def is_event(self) -> bool:
        """Whether it tells of an alarm."""
        return self.topic.endswith("/event")

    @property
    def body(self) -> dict[str, Any]:
        """Its JSON."""
        body: dict[str, Any] = json.loads(self.payload)
        return body


def keep_ledger(directory: Path) -> None:
    """Make an outbox that notes each message in a second table, in the very transaction that commits it.

    Strips are left out: they expire, and the recording has them.
    """
    Outbox(directory, max_bytes=1).close()
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database, database:
        database.execute("CREATE TABLE ledger (number INTEGER PRIMARY KEY, topic TEXT, payload BLOB)")
        database.execute(
            "CREATE TRIGGER note AFTER INSERT ON message WHEN new.urgent >= 0 BEGIN"
            " INSERT INTO ledger (topic, payload) VALUES (new.topic, new.payload); END"
        )


def read_ledger(directory: Path, *, after: int = 0) -> list[Entry]:
    """What was committed since an entry, in order; the daemon must not run."""
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database:
        rows = database.execute("SELECT number, topic, payload FROM ledger WHERE number > ? ORDER BY number", (after,))
        return [Entry(*row) for row in rows]


def stored_state(directory: Path, name: str, kind: Any) -> Any:
    """What the daemon keeps over a restart; it must not run."""
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database:
        row = database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=kind)


def resident_mb(pid: int) -> float:
    """Memory of a process now."""
    with open(f"/proc/{pid}/status") as status:  # noqa: PTH123 - no Path for one line
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
