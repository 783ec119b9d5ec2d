"""kill -9 of the daemon, and of the broker, at random instants while alarms come often.

An event is lost if its decision was committed to the outbox and the broker never confirmed it. What was committed is
known from a ledger that SQLite itself keeps in the same transaction. That no decision before the last commit of a
session is missing follows from the comparison with the pipeline's decisions on the same stream in one go: those of each
session must be their beginning.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

from lab import (
    DEVICE,
    configure,
    keep_ledger,
    read_ledger,
    simulated,
    start_broker,
    start_daemon,
    stored_state,
    wait_until,
)
from reference import decisions_of, expected_decisions
from wire import Tap

from ecg.alarms.active import AlarmServiceState
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import read_annotations
from edge.config import StorageSettings
from edge.service.publisher import ALARMS
from edge.storage.recorder import recording_folder
from edge.storage.ring import segment_paths

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Entry
    from reference import Decision

    from edge.config import Settings
    from tests.support.broker import Broker

__all__ = ["kill_broker", "kill_daemon"]

SCENARIO = "normal:8,asystole:7,vt:6,pause:8,electrode_off:3,bigeminy:14,run:8,normal:5,brady:10"
SPEED = 20.0
LIFE_S = 4.0
"""Longest life after the daemon is ready: 80 s of the stream, one round of the scenario."""

SYNC_S = 0.2
"""The recording is synced oftener than by default, so that kills hit it while it is being written."""

EARLY = 0.1
"""So many of the kills come before the daemon is ready."""

KILLS_PER_RUN = 4
"""The daemon waits longer after each loss of a broker, up to a minute; a new run of it begins with a second."""


def kill_daemon(folder: Path, *, count: int, seed: int) -> None:
    """Kill the daemon `count` times; the broker stays."""
    generator = random.Random(seed)  # noqa: S311 - no secret
    broker, tap, settings = _laboratory(folder)
    expected = expected_decisions(settings, 600)
    directory = folder / "storage"
    seen = readable = 0
    forgotten: set[str] = set()
    differing: list[int] = []
    for number in range(count):
        daemon = start_daemon(folder)
        if generator.random() < EARLY:
            time.sleep(generator.uniform(0, 0.8))
        else:
            daemon.wait_ready()
            time.sleep(generator.uniform(0, LIFE_S))
        daemon.stop(signal.SIGKILL)
        entries = read_ledger(directory, after=seen)
        seen = entries[-1].number if entries else seen
        decisions = decisions_of(entry.payload for entry in entries if entry.is_event)
        if decisions != expected[: len(decisions)]:
            differing.append(number)
            _show_difference(decisions, expected)
        forgotten |= _forgotten(directory)
        readable += _read_segments(settings)
    _drain(folder, directory)
    _report(f"{count} kills of the daemon (seed {seed})", read_ledger(directory), tap)
    print(
        f"  sessions whose decisions are not the beginning of those in one go: {len(differing)} {differing}\n"
        f"  alarms told as open, not as closed, of which the board that is kept knows nothing: {len(forgotten)}\n"
        f"  WFDB segments read back whole: {readable}"
    )
    broker.stop()


def kill_broker(folder: Path, *, count: int, seed: int) -> None:
    """Kill the broker `count` times; the daemon after every fourth."""
    generator = random.Random(seed)  # noqa: S311 - no secret
    broker, tap, settings = _laboratory(folder)
    expected = expected_decisions(settings, 6000)
    directory = folder / "storage"
    seen, killed = 0, 0
    differing: list[int] = []
    while killed < count:
        connects = tap.connects
        daemon = start_daemon(folder)
        for _ in range(min(KILLS_PER_RUN, count - killed)):
            wait_until(lambda before=connects: tap.connects > before, "the daemon connects")
            time.sleep(generator.uniform(0, LIFE_S))
            connects = tap.connects
            broker.stop(signal.SIGKILL)
            time.sleep(generator.uniform(0, 1))
            broker.start()
            killed += 1
        daemon.stop(signal.SIGKILL)  # an end in order would add what is decided because the stream ends
        entries = read_ledger(directory, after=seen)
        seen = entries[-1].number if entries else seen
        decisions = decisions_of(entry.payload for entry in entries if entry.is_event)
        if decisions != expected[: len(decisions)]:
            differing.append(killed)
            _show_difference(decisions, expected)
    _drain(folder, directory)
    _report(f"{count} kills of the broker (seed {seed})", read_ledger(directory), tap)
    print(f"  sessions whose decisions are not the beginning of those in one go: {len(differing)} {differing}")
    broker.stop()


def _laboratory(folder: Path) -> tuple[Broker, Tap, Settings]:
    broker = start_broker(folder)
    tap = Tap(broker.port)
    storage = StorageSettings(directory=str(folder / "storage"), recording_sync_s=SYNC_S)
    settings = configure(folder, port=tap.port, source=simulated(SCENARIO, speed=SPEED), storage=storage)
    keep_ledger(folder / "storage")
    return broker, tap, settings


def _drain(folder: Path, directory: Path) -> None:
    """Let the daemon run once more until the outbox is empty at its end."""
    for _ in range(20):
        daemon = start_daemon(folder)
        daemon.wait_ready()
        time.sleep(5)
        daemon.stop()
        if "Everything is delivered." in daemon.log.splitlines()[-1]:
            return
    print(f"  the outbox in {directory} was never empty at the end of a run")


def _forgotten(directory: Path) -> set[str]:
    """Alarms that were told as open and not as closed, and are not on the board that the next start will find."""
    open_alarms: dict[str, None] = {}
    for entry in read_ledger(directory):
        if entry.is_event:
            body = entry.body
            if body["state"] == "closed":
                open_alarms.pop(body["uuid"], None)
            else:
                open_alarms[body["uuid"]] = None
    kept = stored_state(directory, ALARMS, AlarmServiceState)
    return open_alarms.keys() - {alarm.uuid for alarm in kept.alarms} if kept else set(open_alarms)


def _read_segments(settings: Settings) -> int:
    """Read what the kill left of this session and of the one before; what cannot be read ends the campaign."""
    paths = segment_paths(recording_folder(settings.storage))[-2:]
    for path in paths:
        record = open_recording(path)
        if sum(len(block.samples_mv) for block in record.blocks()) != record.length:
            raise SystemExit(f"{path} cannot be read whole")
        read_annotations(path.with_suffix(".edge"))
    return len(paths[-1:])


def _show_difference(decisions: list[Decision], expected: list[Decision]) -> None:
    pairs = zip(decisions, expected, strict=False)
    place = next((place for place, (one, other) in enumerate(pairs) if one != other), len(expected))
    print(f"  decision {place} is {decisions[place]}, in one go {expected[place : place + 1]}")


def _report(title: str, entries: list[Entry], tap: Tap) -> None:
    events = [entry for entry in entries if entry.is_event]
    confirmed = {each.payload for each in tap.confirmed("")}
    lost = [entry for entry in events if entry.payload not in confirmed]
    lost_others = [entry for entry in entries if not entry.is_event and entry.payload not in confirmed]
    sent = [each.payload for each in tap.published if each.topic == f"ecg/{DEVICE}/event"]
    first = list(dict.fromkeys(sent))
    order = {entry.payload: entry.number for entry in events}
    numbers = [order[payload] for payload in first if payload in order]
    repeats = Counter(sent)
    print(
        f"{title}:\n"
        f"  events committed {len(events)}, lost {len(lost)}; summaries committed "
        f"{len(entries) - len(events)}, lost {len(lost_others)}\n"
        f"  sent more than once: {sum(count > 1 for count in repeats.values())}; of {len(events)} events "
        f"{len(events) - len(order)} cannot be told from another one\n"
        f"  first sent in the order of their commits: {numbers == sorted(numbers)}; "
        f"sent without a commit: {len(set(first) - order.keys())}"
    )
    for entry in lost[:5]:
        print(f"  lost: {entry.payload.decode()}")
