"""What every campaign works with: real processes of the daemon and the broker, and a ledger of what was committed."""

from __future__ import annotations

import json
import sqlite3
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
from tests.support import waiting
from tests.support.broker import Broker
from tests.support.daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "DEVICE",
    "Entry",
    "configure",
    "keep_ledger",
    "read_ledger",
    "simulated",
    "start_broker",
    "start_daemon",
    "stored_state",
    "wait_until",
]

DEVICE = "bench"
PATIENCE_S = 120.0


def wait_until(condition: Callable[[], object], what: str, *, timeout_s: float = PATIENCE_S) -> None:
    """Wait for something that is to happen; the campaign ends here if it does not."""
    waiting.wait_until(condition, what, timeout_s=timeout_s)


def start_broker(folder: Path) -> Broker:
    """Start a broker that keeps whatever number of messages."""
    broker = Broker(folder / "broker", "max_queued_messages 0")
    broker.start()
    return broker


def start_daemon(folder: Path) -> Daemon:
    """Start `ecg-edge run FOLDER/edge.toml`; its log is appended to `FOLDER/daemon.log`."""
    return Daemon(folder / "edge.toml")


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
