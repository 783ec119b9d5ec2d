"""What becomes of alarms when power, network and disk fail: campaigns with real daemons, brokers and databases.

    python benchmarks/robustness CAMPAIGN [--count N] [--seed N] [--folder DIR]

Each campaign prints what it did and what it found. The folder should be on the disk to be measured.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).parents[2]))  # for `tests.support`

import day
import full_disk
import kills
import latency
import outage
import storage_faults
import throughput

if TYPE_CHECKING:
    from collections.abc import Callable

CAMPAIGNS: dict[str, tuple[Callable[..., None], int, str]] = {
    "kill-daemon": (kills.kill_daemon, 200, "kill -9 of the daemon at random instants"),
    "kill-broker": (kills.kill_broker, 200, "kill -9 of the broker at random instants"),
    "outage": (outage.outage, 24, "no broker, at full speed; count: hours"),
    "full-disk": (full_disk.full_disk, 24, "a disk that fills up at each write in turn; count: times"),
    "start-faults": (storage_faults.start_faults, 5, "disks that cannot be used at the start; count: starts on each"),
    "damaged-pages": (storage_faults.damaged_pages, 100, "an outbox with a damaged page; count: files, a page each"),
    "clock-steps": (storage_faults.clock_steps, 15, "a clock that is set while a monitor records; count: days"),
    "slow-card": (storage_faults.slow_card, 3, "8 s for each sync of the card; count: asystoles"),
    "day": (day.day, 24, "memory and summaries at full speed; count: hours"),
    "latency": (latency.latency, 12, "onset in the signal to PUBACK, in real time; count: minutes"),
    "throughput": (throughput.throughput, 2000, "durable events a second; count: events"),
}
"""Function, default count, what it does."""

if __name__ == "__main__":
    listed = "\n".join(f"  {name:12} {what} (count {count})" for name, (_, count, what) in CAMPAIGNS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"campaigns:\n{listed}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--count", type=int, help="kills, hours, steps or messages; default: see below")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="default: a temporary one")
    options = parser.parse_args()
    campaign, count, _ = CAMPAIGNS[options.campaign]
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        began_s = time.monotonic()
        campaign(Path(scratch), count=options.count or count, seed=options.seed)
        print(f"  took {time.monotonic() - began_s:.0f} s")
