"""The acquisition process in real time on a loaded machine: samples lost, and what it costs.

    python benchmarks/acquisition.py [--minutes 60] [--load 2] [--nice 0]

The real driver in its own process reads a simulated ADS1292R at 500 samples a second, while busy loops load the cores.
The electrodes carry a ramp, so that each sample tells when it was taken: one that bears the index of another would be
seen. A process that is started again has a new chip and so a new ramp, which is compared from its own first sample on.
Whatever else runs on the machine loads it too.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path

import numpy as np

from edge.config import SourceSettings
from edge.frontends import open_source

CHIPS = Path(__file__).parents[1] / "tests" / "support" / "chips"
CLOCK_ERROR = 0.007
RAMP_S = 8
SLOPE_MV_S = 20.0
DENSE_HZ = 1000


def prepare(folder: Path) -> None:
    """The simulated front end, for the processes that are started from here."""
    ramp = array("d", [n / DENSE_HZ * SLOPE_MV_S for n in range(RAMP_S * DENSE_HZ + 1)])
    (folder / "ramp.f64").write_bytes(ramp.tobytes())
    settings = {"recording": str(folder / "ramp.f64"), "rate_hz": DENSE_HZ, "clock_error": CLOCK_ERROR}
    (folder / "front_end.json").write_text(json.dumps(settings))
    os.environ["SIMULATED_FRONT_END"] = str(folder / "front_end.json")
    os.environ["PYTHONPATH"] = f"{CHIPS}{os.pathsep}{CHIPS / 'standins'}"


def processor_s() -> dict[int, float]:
    """Processor time of each acquisition process that runs now."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
            if int(fields[1]) == os.getpid() and b"acquisition.process" in (stat.parent / "cmdline").read_bytes():
                found[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    return found


def stolen_s() -> float:
    """Time for which a virtual machine's cores were not run by their host, of all cores together."""
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


def main(minutes: float, load: int, nice: int) -> None:
    """Measure and print."""
    logging.basicConfig(format="%(asctime)s %(message)s")
    busy = [
        subprocess.Popen([sys.executable, "-c", f"import os; os.nice({nice})\nwhile True: pass"]) for _ in range(load)
    ]
    samples, displaced, largest_gap = 0, 0, 0
    spent: dict[int, float] = {}
    origin_s: float | None = None
    faults: set[str] = set()
    period_s = 1 / (500 * (1 + CLOCK_ERROR))
    stolen_before_s = stolen_s()
    began_s = time.monotonic()
    looked_s = began_s
    first = end = 0
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        source = open_source(SourceSettings(kind="ads1292"))
        try:
            for block in source.blocks():
                whole = np.isfinite(block.samples_mv)
                index = block.first_index + np.flatnonzero(whole)
                if not len(index) and block.fault is not None:
                    origin_s, faults = None, faults | {block.fault}
                if len(index):
                    taken_s = block.samples_mv[whole] / SLOPE_MV_S - index * period_s
                    if origin_s is None:
                        origin_s = float(taken_s[0])
                        if not samples:
                            first = end = int(index[0])
                    off_s = (taken_s - origin_s + RAMP_S / 2) % RAMP_S - RAMP_S / 2
                    displaced += int(np.count_nonzero(np.abs(off_s) > 0.6 * period_s))
                    samples += len(index)
                    largest_gap = max(largest_gap, int(index[0]) - end)
                    end = int(index[-1]) + 1
                now_s = time.monotonic()
                if now_s > looked_s + 1:
                    looked_s = now_s
                    spent |= processor_s()
                if now_s > began_s + 60 * minutes:
                    break
        finally:
            for each in busy:
                each.kill()
    elapsed_s = time.monotonic() - began_s
    lost = end - first - samples
    for fault in sorted(faults):
        print(f"fault: {fault}")
    print(
        f"{elapsed_s / 60:.1f} min, {samples} samples, {load} busy loops at nice {nice}: lost unnoticed {displaced}, "
        f"lost and counted {lost} ({100 * lost / (end - first):.4f} %, longest gap {largest_gap} samples), "
        f"processor time {sum(spent.values()) / elapsed_s:.1%} of one core with the simulated chip, "
        f"{len(spent)} process(es), load average {os.getloadavg()[0]:.1f}, "
        f"stolen by the host {(stolen_s() - stolen_before_s) / elapsed_s / (os.cpu_count() or 1):.1%}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument(
        "--load", type=int, default=os.cpu_count() or 1, help="busy loops, one for each core by default"
    )
    parser.add_argument("--nice", type=int, default=0, help="of the busy loops")
    options = parser.parse_args()
    main(options.minutes, options.load, options.nice)
