"""Speed and memory of the daemon's own work, as whole processes on one core.

    python benchmarks/daemon.py mitdb/100 [--seconds 60]

Replays a WFDB record as fast as it goes (times real time, start-up included), then runs the daemon on it at speed 1
against a broker on this machine and reads its time to READY and its peak memory.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # for `tests.support`
from tests.support.broker import Broker, mosquitto_program
from tests.support.waiting import free_port

COMMAND = [str(Path(sys.executable).with_name("ecg-edge"))]
RUNS = 5


def seconds_of(record: Path) -> float:
    """Length of a WFDB record, from the first line of its header."""
    fields = record.with_suffix(".hea").read_text().splitlines()[0].split()
    return int(fields[3]) / float(fields[2].split("/")[0])


def one_core(arguments: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of one process on one core."""
    started = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} ended with status {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def replay(records: list[Path]) -> None:
    """Whole path over each record alone, then over all of them in one process."""
    with tempfile.TemporaryDirectory() as out:
        for chosen in [[records[0]], records] if len(records) > 1 else [records]:
            arguments = [*COMMAND, "replay", *map(str, chosen), "--annotations", out, "--events", f"{out}/events.jsonl"]
            runs = [one_core(arguments) for _ in range(RUNS if len(chosen) == 1 else 1)]
            wall_s = statistics.median(run[0] for run in runs)
            length_s = sum(map(seconds_of, chosen))
            print(
                f"replay of {len(chosen)} record(s), {length_s / 60:.1f} min: {wall_s:.2f} s, "
                f"{length_s / wall_s:.0f} times real time, peak memory {max(run[1] for run in runs):.0f} MB "
                f"(median of {len(runs)} runs, {min(r[0] for r in runs):.2f} to {max(r[0] for r in runs):.2f} s)"
            )


def daemon(record: Path, seconds: float) -> None:
    """`ecg-edge run` at speed 1 against a real broker: time to READY, peak memory, processor time."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        broker = Broker(here / "broker") if mosquitto_program() else None
        port = broker.port if broker else free_port()
        if broker:
            broker.start()
        (here / "edge.toml").write_text(
            f'[source]\nkind = "replay"\n[source.replay]\nrecord = "{record.resolve()}"\nspeed = 1.0\n'
            f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n[storage]\ndirectory = "{here / "state"}"\n'
        )
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(here / "notify"))
        notify.settimeout(30)
        started = time.perf_counter()
        process = subprocess.Popen(
            [*COMMAND, "run", str(here / "edge.toml")],
            env={**os.environ, "NOTIFY_SOCKET": str(here / "notify")},
            stderr=subprocess.DEVNULL,
        )
        while b"READY=1" not in notify.recv(4096):
            pass
        ready_s = time.perf_counter() - started
        time.sleep(seconds)
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak_mb = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
        process.terminate()
        _, code, usage = os.wait4(process.pid, 0)
        if broker:
            broker.stop()
        print(
            f"run at speed 1 for {seconds:.0f} s ({'mosquitto' if broker else 'no broker'}): "
            f"ready after {ready_s:.2f} s, "
            f"peak memory {peak_mb:.0f} MB, processor time {usage.ru_utime + usage.ru_stime:.2f} s, exit status {code}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, nargs="+", help="WFDB records, without ending")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the daemon runs at speed 1")
    options = parser.parse_args()
    os.sched_setaffinity(0, {0})  # inherited by every process below
    replay(options.records)
    daemon(options.records[0], options.seconds)
