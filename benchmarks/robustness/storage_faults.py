"""Faults of the storage at the start, damaged pages, clocks that are set, and a slow card.

Start faults mount small disks, which only root may. A slow card needs a C compiler, and a clock that is set needs
Debian's `faketime`; a campaign whose tool is missing says so.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lab import configure, simulated, start_broker, start_daemon, wait_until
from wire import Tap

from ecg.protocol.message import Message, Urgency
from edge.config import StorageSettings
from edge.storage.outbox import Outbox
from edge.storage.recorder import recording_folder
from edge.storage.ring import segment_paths
from tests.support.daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wire import Published

__all__ = ["clock_steps", "damaged_pages", "slow_card", "start_faults"]

SCENARIO = "normal:8,asystole:7,vt:6,pause:8"
PAGE = 4096
FAKETIME = Path("/usr/lib", os.uname().machine + "-linux-gnu", "faketime", "libfaketimeMT.so.1")
STALL_S = 8

SLOW_CARD = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
static int late(const char *name, int fd) {{
    struct stat found;
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    if (!stat(getenv("STALL_FILE"), &found)) sleep({STALL_S});
    return real(fd);
}}
int fsync(int fd) {{ return late("fsync", fd); }}
int fdatasync(int fd) {{ return late("fdatasync", fd); }}
"""


def start_faults(folder: Path, *, count: int, seed: int) -> None:
    """Start `count` times on each kind of disk that cannot be used."""
    if os.geteuid() != 0:
        sys.exit("a small disk can be mounted by root only")
    broker = start_broker(folder)
    for name, (options, spoil) in FAULTS.items():
        disk = folder / name
        disk.mkdir()
        ready_s, told = [], 0
        for number in range(count):
            tap = Tap(broker.port)
            with _mounted(disk, options):
                storage = StorageSettings(directory=str(disk / "state"))
                source = simulated(SCENARIO, speed=5.0, seed=seed + number)
                configure(folder, port=tap.port, source=source, storage=storage)
                daemon = start_daemon(folder)
                daemon.wait_ready()
                time.sleep(2)
                daemon.stop(signal.SIGKILL)
                before = len(tap.confirmed("/event"))
                spoil(disk)
                began_s = time.monotonic()
                daemon = start_daemon(folder)
                daemon.wait_ready()
                ready_s.append(time.monotonic() - began_s)
                wait_until(
                    lambda tap=tap, before=before: {"storage_failed", "asystole"} <= set(_kinds(tap)[before:]),
                    f"the alarms on a disk with the fault {name}",
                )
                told += 1
                daemon.stop()
        print(f"  {name}: {told} of {count} starts watched and told of it; ready after {max(ready_s):.1f} s at most")
    broker.stop()


def damaged_pages(folder: Path, *, count: int, seed: int) -> None:
    """Damage one page in each of `count` copies of an outbox, and open it."""
    logging.getLogger("edge").setLevel(logging.CRITICAL)  # it has a line for each file
    whole = folder / "whole"
    messages = [
        Message("ecg/bench/event", b"%06d %d" % (number, seed) + bytes(200), qos=1, durable=True, urgency=Urgency.ALARM)
        for number in range(count * 15)
    ]
    with Outbox(whole, max_bytes=1_000_000_000) as outbox:
        for first in range(0, len(messages), 100):
            outbox.put(messages[first : first + 100], {"alarms": list(range(first))})
    content = (whole / "outbox.sqlite").read_bytes()
    pages = len(content) // PAGE
    lost, opened_s, unusable = [], [], 0
    for number in range(count):
        page = number * pages // count * PAGE
        where = folder / "damaged"
        where.mkdir()
        (where / "outbox.sqlite").write_bytes(content[:page] + b"\xa5" * PAGE + content[page + PAGE :])
        began_s = time.monotonic()
        with Outbox(where, max_bytes=1_000_000_000) as outbox:
            opened_s.append(time.monotonic() - began_s)
            outbox.put(messages[:1])
            unusable += outbox.fault is not None
            lost.append(len(messages) + 1 - len(outbox))
        shutil.rmtree(where)
    per_page = len(messages) / pages
    print(
        f"one of {pages} pages damaged in each of {count} copies of {len(messages)} events ({per_page:.0f} a page):\n"
        f"  events lost: median {statistics.median(lost):.0f}, at most {max(lost)}; not usable afterwards: {unusable}\n"
        f"  opened within {max(opened_s):.2f} s"
    )


def clock_steps(folder: Path, *, count: int, seed: int) -> None:
    """Set the clock forward and back `count` days while a monitor without a broker records."""
    if not FAKETIME.exists():
        sys.exit(f"{FAKETIME} is missing: install faketime")
    for sign in ("+", "-"):
        where = folder / f"step{sign}"
        where.mkdir()
        broker = start_broker(where)
        broker.stop()
        tap_port = broker.port
        storage = StorageSettings(directory=str(where / "state"), recording_sync_s=1.0)
        source = simulated("normal:8,asystole:8,normal:600", speed=1.0, seed=seed)
        configure(where, port=tap_port, source=source, storage=storage)
        clock = where / "clock"
        clock.write_text("+0")
        environment = {
            **os.environ,
            "LD_PRELOAD": str(FAKETIME),
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_TIMESTAMP_FILE": str(clock),
        }
        daemon = Daemon(where / "edge.toml", environment=environment)
        wait_until(lambda storage=storage: segment_paths(recording_folder(storage)), "the recording begins")
        time.sleep(40)  # the asystole, and its strip
        segments = len(segment_paths(recording_folder(storage)))
        clock.write_text(f"{sign}{count}d")
        time.sleep(10)
        left = len(segment_paths(recording_folder(storage)))
        daemon.stop(signal.SIGKILL)
        with Outbox(where / "state", max_bytes=1_000_000_000) as outbox:
            topics = [pending.topic.split("/")[2] for pending in outbox.next(1000)]
        print(
            f"  clock set {sign}{count} days: {left} of {segments} segments left; the outbox has "
            f"{topics.count('event')} events and {topics.count('strip')} strips"
        )


def slow_card(folder: Path, *, count: int, seed: int) -> None:
    """Stop the heart `count` times while each sync of the card takes 8 s."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("a slow card needs a C compiler")
    library, stall = folder / "slow.so", folder / "stall"
    (folder / "slow.c").write_text(SLOW_CARD)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(folder / "slow.c"), "-ldl"], check=True)
    broker = start_broker(folder)
    tap = Tap(broker.port)
    source = simulated("normal:12,asystole:8", speed=1.0, seed=seed)
    configure(folder, port=tap.port, source=source)
    environment = {**os.environ, "LD_PRELOAD": str(library), "STALL_FILE": str(stall)}
    daemon = Daemon(folder / "edge.toml", environment=environment)
    daemon.wait_ready()
    stall.touch()
    wait_until(
        lambda: _kinds(tap).count("asystole") >= 2 * count, "the asystoles are told", timeout_s=60.0 + 40 * count
    )
    late_s = [_late_s(each) for each in tap.confirmed("/event") if b'"asystole"' in each.payload]
    print(
        f"  each sync takes {STALL_S} s: {len(late_s)} messages about {count} asystoles, confirmed at most "
        f"{max(late_s):.1f} s after their time; no_samples told: {_kinds(tap).count('no_samples')}"
    )
    stall.unlink()
    daemon.stop()
    broker.stop()


def _late_s(published: Published) -> float:
    """From the time in a message to its confirmation."""
    assert published.confirmed_s is not None
    return published.confirmed_s - datetime.fromisoformat(json.loads(published.payload)["time"]).timestamp()


def _kinds(tap: Tap) -> list[str]:
    return [json.loads(each.payload)["kind"] for each in tap.confirmed("/event")]


@contextmanager
def _mounted(disk: Path, options: str) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _fill(disk: Path) -> None:
    with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(PAGE))


def _use_up_names(disk: Path) -> None:
    with suppress(OSError):
        for number in range(1000):
            (disk / f"name{number}").touch()


def _make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def _damage(disk: Path) -> None:
    path = disk / "state" / "outbox.sqlite"
    path.write_bytes(b"\xa5" * path.stat().st_size)


FAULTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "full": ("size=4m", _fill),
    "no-inodes": ("size=16m,nr_inodes=60", _use_up_names),
    "read-only": ("size=16m", _make_read_only),
    "damaged": ("size=16m", _damage),
}
"""Options of the disk, and what happens to it before the start."""
