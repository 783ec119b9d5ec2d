"""A disk that fills up at every write in turn, and is freed again, under a monitor that goes on.

The storage is a small tmpfs; needs root. Step k leaves room for k more pages, so that another write is the first to
fail in each step: of the outbox's journal, of the recording's samples, marks or header. The disk stays full until the
monitor has told so in an alarm and has told four more alarm messages of the heart; then there is room again, and the
step ends when the alarm is closed. At the end the monitor is killed while the disk is full, and must start on it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lab import configure, simulated, start_broker, start_daemon, wait_until
from reference import decisions_of, expected_decisions
from wire import Tap

from edge.config import HostSettings, StorageSettings

if TYPE_CHECKING:
    from pathlib import Path

    from wire import Published

    from edge.config import Settings

__all__ = ["full_disk"]

SCENARIO = "normal:8,asystole:7,vt:6,pause:8,electrode_off:3,bigeminy:14,run:8,normal:5,brady:10"
SPEED = 20.0
SIZE_MB = 64
MORE_EVENTS = 4


def full_disk(folder: Path, *, count: int, seed: int) -> None:
    """Fill the disk `count` times."""
    if os.geteuid() != 0:
        sys.exit("a small disk can be mounted by root only")
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(disk)], check=True)
    try:
        _fill_and_free(folder, disk, count, seed)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _fill_and_free(folder: Path, disk: Path, count: int, seed: int) -> None:
    broker = start_broker(folder)
    tap = Tap(broker.port)
    storage = StorageSettings(
        directory=str(disk / "storage"), recording_leave_free_mb=0, recording_sync_s=0.2, recording_max_mb=20
    )
    host = HostSettings(storage_free_mb=0.5, storage_hysteresis_mb=0.5, close_s=0.5)
    source = simulated(SCENARIO, speed=SPEED, seed=seed)
    settings = configure(folder, port=tap.port, source=source, storage=storage, host=host)
    daemon = start_daemon(folder)
    daemon.wait_ready()
    told_s, closed_s, vitals = [], [], 0
    for pages in range(count):
        before = len(_states(tap))
        began_s, events, vitals_before = time.monotonic(), len(tap.confirmed("/event")), len(_sent(tap, "/vitals"))
        _fill(disk, pages)
        wait_until(lambda before=before: "opened" in _states(tap)[before:], "an alarm says that the storage fails")
        told_s.append(time.monotonic() - began_s)
        wait_until(
            lambda events=events: len(tap.confirmed("/event")) >= events + 1 + MORE_EVENTS,
            "alarms go on on a full disk",
        )
        vitals += len(_sent(tap, "/vitals")) > vitals_before
        (disk / "ballast").unlink()
        began_s = time.monotonic()
        wait_until(lambda: _states(tap)[-1] == "closed", "the alarm of the storage is closed")
        closed_s.append(time.monotonic() - began_s)
    daemon.stop()
    lines = daemon.log.splitlines()
    found = decisions_of(dict.fromkeys(each.payload for each in tap.confirmed("/event")))
    expected = expected_decisions(settings, 20 * len(found) + 600)
    print(
        f"disk filled {count} times, room for 0 to {count - 1} more pages (seed {seed}): alarm storage_failed after "
        f"{', '.join(f'{each:.1f}' for each in told_s)} s, closed {max(closed_s):.1f} s at most after there was room; "
        f"vitals went on in {vitals} of {count}\n"
        f"  decisions on alarms of the heart delivered: {len(found)}, the beginning of those in one go: "
        f"{found == expected[: len(found)]}\n"
        f"  tracebacks in the log: {daemon.log.count('Traceback')}, lines: {len(lines)}"
    )
    _start_on_full_disk(folder, disk, tap, settings)
    broker.stop()


def _start_on_full_disk(folder: Path, disk: Path, tap: Tap, settings: Settings) -> None:
    daemon = start_daemon(folder)
    daemon.wait_ready()
    time.sleep(2)
    _fill(disk, 0)
    time.sleep(1)
    daemon.stop(signal.SIGKILL)
    _fill(disk, 0)
    events = len(tap.confirmed("/event"))
    daemon = start_daemon(folder)
    time.sleep(10)
    status = daemon.process.poll()
    told = [entry for entry in _kinds(tap)[events:] if entry != "storage_failed"]
    running = "runs" if status is None else f"ended with status {status}: {daemon.log.splitlines()[-1]}"
    print(f"  killed and started on the full disk of {settings.storage.directory}: {running}; events told: {len(told)}")
    daemon.stop()


def _fill(disk: Path, pages: int) -> None:
    """Take all the room there is, then give so many pages back."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    page = os.statvfs(disk).f_frsize
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(page))
        file.truncate(file.tell() // page * page - pages * page)


def _sent(tap: Tap, ending: str) -> list[Published]:
    return [each for each in list(tap.published) if each.topic.endswith(ending)]


def _kinds(tap: Tap) -> list[str]:
    return [json.loads(each.payload)["kind"] for each in tap.confirmed("/event")]


def _states(tap: Tap) -> list[str]:
    """What was told of the alarm of the storage."""
    bodies = [json.loads(each.payload) for each in tap.confirmed("/event") if b"storage_failed" in each.payload]
    return [body["state"] for body in bodies if body["kind"] == "storage_failed"]
