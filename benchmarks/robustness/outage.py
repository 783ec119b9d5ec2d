"""A day without a broker: what waits keeps within its limits, and all of it arrives in order on return.

The day is a recording with alarms each few seconds, at full speed. The monitor ends with it; the next one, with a
broker, delivers. What was committed is read from the outbox in between.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab import configure, simulated, start_broker, start_daemon
from record import make_record
from wire import Tap

from edge.config import ReplaySettings, SourceSettings
from tests.support.daemon import resident_mb
from tests.support.waiting import free_port

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["outage"]


def outage(folder: Path, *, count: int, seed: int) -> None:
    """Play `count` hours of the demo scenario without a broker, then deliver."""
    make_record(folder / "day", "demo", hours=count, start=datetime.now(UTC) - timedelta(hours=count), seed=seed)
    source = SourceSettings(kind="replay", replay=ReplaySettings(record=str(folder / "day"), speed=0))
    settings = configure(folder, port=free_port(), source=source)
    daemon = start_daemon(folder)
    began_s = time.monotonic()
    memory_mb: dict[int, float] = {}  # by hours begun: each has its segment in the recording
    while daemon.process.poll() is None:
        hours = len(list((folder / "storage" / "recording").glob("*.hea")))
        try:
            memory_mb[hours] = resident_mb(daemon.process.pid)
        except (OSError, StopIteration):  # it ends just now
            break
        time.sleep(0.2)
    daemon.process.wait()
    took_s = time.monotonic() - began_s
    directory = folder / "storage"
    with closing(sqlite3.connect(directory / "outbox.sqlite")) as database:
        rows = database.execute("SELECT urgent, payload, bytes FROM message ORDER BY urgent DESC, id").fetchall()
        (last_id,) = database.execute("SELECT seq FROM sqlite_sequence").fetchone()
    disk_mb = sum(path.stat().st_size for path in directory.glob("outbox.sqlite*")) / 1e6
    recording_mb = sum(path.stat().st_size for path in (directory / "recording").iterdir()) / 1e6
    waiting = [payload for _, payload, _ in rows]
    events = sum(urgent == 1 for urgent, _, _ in rows)
    strips = sum(urgent == -1 for urgent, _, _ in rows)
    print(
        f"{count} h without a broker in {took_s:.0f} s: {last_id} messages committed; waiting {events} events, "
        f"{len(rows) - events - strips} summaries, {strips} strips, {sum(size for *_, size in rows) / 1e6:.1f} MB of "
        f"{settings.storage.outbox_max_mb:.0f} MB, {disk_mb:.1f} MB on disk; recording {recording_mb:.0f} MB of "
        f"{settings.storage.recording_max_mb:.0f} MB\n"
        f"  memory {memory_mb.get(1, 0):.1f} MB in the first hour, {memory_mb[max(memory_mb)]:.1f} MB in the last, "
        f"peak {max(memory_mb.values()):.1f} MB"
    )
    for line in [line for line in daemon.log.splitlines() if "outbox is full" in line][-1:]:
        print(f"  the last of {daemon.log.count('outbox is full')} such lines: {line}")
    broker = start_broker(folder)
    tap = Tap(broker.port)
    configure(folder, port=tap.port, source=simulated("normal:600", speed=1.0))
    returned = datetime.now(UTC)
    began_s = time.monotonic()
    daemon = start_daemon(folder)
    known = set(waiting)
    while time.monotonic() < began_s + 300:
        if known <= {each.payload for each in tap.confirmed("")}:
            break
        time.sleep(0.5)
    delivered_s = time.monotonic() - began_s
    daemon.stop()
    broker.stop()
    confirmed = {each.payload for each in tap.confirmed("")}
    order = list(dict.fromkeys(each.payload for each in tap.published if each.payload in known))
    vitals = [json.loads(each.payload)["time"] for each in tap.published if each.topic.endswith("/vitals")]
    stale = sum(datetime.fromisoformat(moment) < returned - timedelta(seconds=10) for moment in vitals)
    print(
        f"  on return, in {delivered_s:.0f} s: delivered {len(known & confirmed)} of {len(known)}; in the order "
        f"alarms, summaries, strips, each oldest first: {order == waiting}; vitals of the outage sent: {stale} of "
        f"{len(vitals)}"
    )
