"""A few kills and a full disk, with real processes; `benchmarks/robustness` does hundreds of them."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ecg.alarms.active import AlarmServiceState
from edge.config import HostSettings, SimulatorSettings, SourceSettings, StorageSettings, load, render
from edge.storage.outbox import Outbox
from tests.support.daemon import Daemon

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


def test_on_a_disk_that_was_full_before_the_start_the_monitor_watches_and_says_so(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, small_disk: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, source(speed=10.0), host=HostSettings(close_s=0.2))
    storage = StorageSettings(directory=str(small_disk.path / "storage"), recording_leave_free_mb=0)
    config.write_text(render(dataclasses.replace(load(config), storage=storage)))

    def told(kind: str, state: str) -> bool:
        return any((event["kind"], event["state"]) == (kind, state) for event in listener.bodies("event"))

    with small_disk.only_free(0):
        daemon = launch(config)
        wait_until(lambda: told("storage_failed", "opened") and told("asystole", "opened"))
    wait_until(lambda: told("storage_failed", "closed"))
    daemon.stop(signal.SIGKILL)
    assert on_board(small_disk.path / "storage") is not None  # the state has reached the disk
    assert "Traceback" not in daemon.log


def test_a_damaged_outbox_ends_no_start_and_is_told(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    config = configure(mosquitto.port, source())
    with Outbox(tmp_path / "storage", max_bytes=10**6) as outbox:
        outbox.put([], {"running": False})
    path = tmp_path / "storage" / "outbox.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * 4096 + content[8192:])
    listener = listen()
    launch(config)
    wait_until(lambda: {"storage_failed", "asystole"} <= {event["kind"] for event in listener.bodies("event")})
    (told, *_) = [event for event in listener.bodies("event") if event["kind"] == "storage_failed"]
    assert "damaged" in told["evidence"]["cause"]
    assert list(path.parent.glob("outbox.damaged-*"))


def test_a_state_folder_deleted_while_running_is_told_and_made_anew(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, source()))
    wait_until(lambda: listener.bodies("event"))
    shutil.rmtree(tmp_path / "storage", ignore_errors=True)
    wait_until(
        lambda: any(
            event["kind"] == "storage_failed" and "deleted" in event["evidence"]["cause"]
            for event in listener.bodies("event")
            if event["state"] == "opened"
        )
    )
    wait_until((tmp_path / "storage" / "outbox.sqlite").exists)


SLOW_CARD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static void wait_for_it(void) {
    if (!syscall(SYS_faccessat, -100, getenv("STALL_FILE"), 0)) sleep(8);
}
static void wait_for(const char *path) {
    const char *folder = getenv("SLOW_FOLDER");
    if (folder && path && !strncmp(path, folder, strlen(folder))) wait_for_it();
}
int fsync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    wait_for_it();
    return real(fd);
}
int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    wait_for_it();
    return real(fd);
}
struct statvfs;
#define OF_PATH(name, kind) \\
    int name(const char *path, struct kind *found) { \\
        int (*real)(const char *, struct kind *) = dlsym(RTLD_NEXT, #name); \\
        wait_for(path); \\
        return real(path, found); \\
    }
OF_PATH(stat, stat) OF_PATH(stat64, stat64) OF_PATH(statvfs, statvfs) OF_PATH(statvfs64, statvfs)
"""


@pytest.mark.parametrize("slow", ["sync", "sync and look"])
def test_a_card_that_needs_8_s_for_each_access_delays_no_alarm(
    *, slow: str, mosquitto: Any, listen: Any, configure: Any, wait_until: Any, tmp_path: Path
) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: a slow card cannot be made")
    (tmp_path / "slow.c").write_text(SLOW_CARD)
    library, stall = tmp_path / "slow.so", tmp_path / "stall"
    build = [compiler, "-shared", "-fPIC", "-o", str(library), str(tmp_path / "slow.c"), "-ldl"]
    if subprocess.run(build, check=False).returncode:
        pytest.skip("the C compiler cannot make a shared library: a slow card cannot be made")
    listener = listen()
    simulator = SimulatorSettings(scenario="normal:12,asystole:60", speed=1.0)
    config = configure(mosquitto.port, SourceSettings(kind="simulator", simulator=simulator))
    environment = {**os.environ, "LD_PRELOAD": str(library), "STALL_FILE": str(stall)}
    if slow == "sync and look":
        environment["SLOW_FOLDER"] = str(tmp_path / "storage")
    daemon = Daemon(config, environment=environment)
    try:
        wait_until(lambda: b"online" in listener.payloads("ecg/bed-3/status"))
        stall.touch()

        def asystole() -> list[dict[str, Any]]:
            return [event for event in listener.bodies("event") if event["kind"] == "asystole"]

        wait_until(asystole, timeout_s=40)
        age = datetime.now(UTC) - datetime.fromisoformat(asystole()[0]["time"])
        assert age.total_seconds() < 4  # without the card's pauses 0.6 s
        assert "no_samples" not in {event["kind"] for event in listener.bodies("event")}
    finally:
        daemon.kill()
