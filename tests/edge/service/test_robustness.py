"""A few kills and a full disk, with real processes; `benchmarks/robustness` does hundreds of them."""

from __future__ import annotations

import dataclasses
import json
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ecg.alarms.active import AlarmServiceState
from edge.config import HostSettings, SimulatorSettings, SourceSettings, StorageSettings, load, render
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("shipped_model")

ALARMING = "normal:8,asystole:7,vt:6,pause:8,electrode_off:3"


def source(*, speed: float = 20.0) -> SourceSettings:
    return SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=ALARMING, speed=speed))


def keep_ledger(directory: Path) -> None:
    """Let SQLite note each event in a second table, in the transaction that commits it."""
    Outbox(directory, max_bytes=1).close()
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database, database:
        database.execute("CREATE TABLE ledger (number INTEGER PRIMARY KEY, payload BLOB)")
        database.execute(
            "CREATE TRIGGER note AFTER INSERT ON message WHEN new.urgent > 0"
            " BEGIN INSERT INTO ledger (payload) VALUES (new.payload); END"
        )


def committed(directory: Path) -> list[bytes]:
    """Give every event that was ever committed; the daemon must not run."""
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database:
        return [payload for (payload,) in database.execute("SELECT payload FROM ledger ORDER BY number")]


def left_open(events: list[bytes]) -> set[str]:
    """Give the alarms that were told as open and not as closed."""
    states = {body["uuid"]: body["state"] for body in map(json.loads, events)}
    return {uuid for uuid, state in states.items() if state != "closed"}


def on_board(directory: Path) -> set[str]:
    """Give the alarms that the next start will know of; the daemon must not run."""
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database:
        row = database.execute("SELECT value FROM state WHERE name = 'alarms'").fetchone()
    return {alarm.uuid for alarm in msgspec.json.decode(row[0], type=AlarmServiceState).alarms} if row else set()


def test_kills_of_the_daemon_lose_no_event_and_leave_no_alarm_open_for_ever(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    storage = tmp_path / "storage"
    config = configure(mosquitto.port, source())
    keep_ledger(storage)
    for kill in range(3):
        heard = len(listener.bodies("event"))
        daemon = launch(config)
        wait_until(lambda: len(listener.bodies("event")) > heard + kill)  # noqa: B023
        daemon.stop(signal.SIGKILL)
        assert left_open(committed(storage)) <= on_board(storage)
    before = set(committed(storage))
    launch(config)
    wait_until(lambda: before <= set(listener.payloads("ecg/bed-3/event")))


def test_a_kill_of_the_broker_loses_no_event_and_keeps_their_order(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    storage = tmp_path / "storage"
    config = configure(mosquitto.port, source())
    keep_ledger(storage)
    first = listen()
    daemon = launch(config)
    wait_until(lambda: first.bodies("event"))
    mosquitto.stop(signal.SIGKILL)
    wait_until(lambda: "the connection broke" in daemon.log or "nothing listens there" in daemon.log)
    before = first.payloads("ecg/bed-3/event")
    daemon.process.send_signal(signal.SIGSTOP)  # who listens anew is there before what waited is sent
    mosquitto.start()
    second = listen()
    daemon.process.send_signal(signal.SIGCONT)
    wait_until(lambda: len(second.bodies("event")) >= 4)
    daemon.stop()
    wait_until(lambda: second.payloads("ecg/bed-3/status")[-1:] == [b"offline"])
    told = before + second.payloads("ecg/bed-3/event")
    assert list(dict.fromkeys(told)) == committed(storage)


def test_on_a_full_disk_alarms_continue_one_reports_it_and_nothing_is_lost(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, small_disk: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, source(speed=10.0), host=HostSettings(close_s=0.2))
    storage = StorageSettings(directory=str(small_disk.path / "storage"), recording_leave_free_mb=0)
    config.write_text(render(dataclasses.replace(load(config), storage=storage)))
    daemon = launch(config)
    wait_until(lambda: listener.bodies("event"))

    def told(state: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = listener.bodies("event")
        return [event for event in events if (event["kind"], event["state"]) == ("storage_failed", state)]

    with small_disk.only_free(0):
        wait_until(lambda: told("opened"))
        heard = len(listener.bodies("event"))
        wait_until(lambda: len(listener.bodies("event")) >= heard + 3)
    wait_until(lambda: told("closed"))
    assert "cause" in told("opened")[0]["evidence"]
    assert "Traceback" not in daemon.log
