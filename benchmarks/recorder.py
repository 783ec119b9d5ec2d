"""The recorder: a day at full speed and its memory, what a call costs the monitor, what a kill costs the recording.

    python benchmarks/recorder.py [--hours 24] [--kills 200] [--folder DIR]

The day is 24 h of a simulated lead at 500 Hz with 72 beats a minute, in blocks of 10 s as a replay has them. Calls are
timed in real time, in blocks of 100 ms, with the default settings. Kills are kill -9 of processes that record in real
time with the default settings, twenty at a time, each at a random instant of its first 20 s; what is lost is the
signal that was handed to the recorder and is in no segment afterwards.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from ecg.formats.wfdb.annotations import Annotation, read_annotations
from ecg.formats.wfdb.reader import WfdbReader
from ecg.samples import FloatArray, SampleBlock
from edge.config import StorageSettings
from edge.frontends.timebase import UtcLine
from edge.storage.recorder import Recorder, recording_folder
from edge.storage.ring import segment_paths
from edge.storage.segment import Origin
from edge.storage.segment_info import parse_info

RATE_HZ = 500
AT_ONCE = 20
LONGEST_LIFE_S = 20.0


def start(folder: Path, *, live: bool) -> tuple[Recorder, UtcLine]:
    """A recorder with the default settings, and UTC that begins now."""
    origin = Origin("bench", "simulated", "session", Fraction(RATE_HZ))
    recorder = Recorder(StorageSettings(directory=str(folder)), origin, live=live)
    recorder.start()
    return recorder, UtcLine(0, time.time(), 1 / 360)


def signal_mv(seconds: float) -> FloatArray:
    """A sine, which costs the recorder as much as an ECG."""
    samples_mv: FloatArray = np.sin(np.arange(round(seconds * RATE_HZ)) / 40)
    return samples_mv


def resident_mb() -> float:
    """Memory of this process now."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def day(folder: Path, hours: int) -> None:
    """Record so many hours as fast as it goes."""
    before_mb = resident_mb()
    recorder, line = start(folder, live=False)
    samples_mv = signal_mv(10)
    memory_mb = {}
    started_s, used_s = time.perf_counter(), time.process_time()
    for second in range(0, hours * 3600, 10):
        recorder.record(SampleBlock(second * RATE_HZ, samples_mv), line)
        recorder.annotate([Annotation((second * RATE_HZ) + beat * 417, "N") for beat in range(12)])
        if (second + 10) % 3600 == 0:
            memory_mb[(second + 10) // 3600] = resident_mb()
    recorder.finish()
    recorder.wait(60)
    wall_s, used_s = time.perf_counter() - started_s, time.process_time() - used_s
    size_mb = sum(path.stat().st_size for path in recording_folder_of(folder).iterdir()) / 1e6
    length = sum(WfdbReader(path).length for path in segment_paths(recording_folder_of(folder)))
    if length != hours * 3600 * RATE_HZ or recorder.fault is not None:
        sys.exit(f"recorded {length} samples, fault {recorder.fault}")
    print(
        f"{hours} h at {RATE_HZ} Hz: {wall_s:.1f} s, {hours * 3600 / wall_s:.0f} times real time, processor time "
        f"{used_s:.1f} s; {len(memory_mb)} segments, {size_mb:.1f} MB; memory {before_mb:.1f} MB before, "
        + ", ".join(f"{mb:.1f} MB at {hour} h" for hour, mb in memory_mb.items() if hour in {1, 6, 12, hours})
    )


def recording_folder_of(folder: Path) -> Path:
    """Where the segments are."""
    return recording_folder(StorageSettings(directory=str(folder)))


def calls(folder: Path, seconds: int) -> None:
    """Time the calls that the monitor's main thread makes."""
    recorder, line = start(folder, live=True)
    samples_mv = signal_mv(0.1)
    took_us = []
    for block in range(seconds * 10):
        time.sleep(0.1)
        began_s = time.perf_counter()
        recorder.record(SampleBlock(block * len(samples_mv), samples_mv), line)
        took_us.append(1e6 * (time.perf_counter() - began_s))
    recorder.finish()
    recorder.wait(10)
    print(
        f"a call for a block of 100 ms, {len(took_us)} of them: median {np.median(took_us):.0f} us, 99th percentile "
        f"{np.percentile(took_us, 99):.0f} us, longest {max(took_us):.0f} us; dropped {recorder.dropped}"
    )


def record_for_ever(folder: Path) -> None:
    """Record in real time, and say after each block what was handed over."""
    recorder, line = start(folder, live=True)
    samples_mv = signal_mv(0.1)
    began_s, index = time.monotonic(), 0
    while True:
        time.sleep(max(0.0, began_s + index / RATE_HZ - time.monotonic()))
        recorder.record(SampleBlock(index, samples_mv), line)
        recorder.annotate([Annotation(index + 7, "N")])
        index += len(samples_mv)
        print(index, flush=True)


def lost_s(folder: Path, handed_over: int) -> float:
    """Read everything back; give how much of what was handed over is missing."""
    end = 0
    for path in segment_paths(recording_folder_of(folder)):
        record = WfdbReader(path)
        info = parse_info(record.header)
        if info is None or sum(block.samples_mv.shape[1] for block in record.blocks()) != record.length:
            sys.exit(f"{path} cannot be read whole")
        read_annotations(path.with_suffix(".edge"))
        end = max(end, info.first_index + record.length)
    return max(0.0, (handed_over - end) / RATE_HZ)


def kills(folder: Path, count: int) -> None:
    """Kill recording processes at random instants."""
    generator = np.random.default_rng(1)
    losses_s: list[float] = []
    while len(losses_s) < count:
        batch = []
        for number in range(min(AT_ONCE, count - len(losses_s))):
            where = folder / f"{len(losses_s) + number}"
            command = [sys.executable, __file__, "--for-ever", str(where)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            batch.append((generator.uniform(1, LONGEST_LIFE_S), where, process))
        began_s = time.monotonic()
        for life_s, where, process in sorted(batch, key=lambda entry: entry[0]):
            time.sleep(max(0.0, began_s + life_s - time.monotonic()))
            process.kill()
            said, _ = process.communicate()
            handed_over = [int(text) for text in said.splitlines(keepends=True) if text.endswith("\n")]
            losses_s.append(lost_s(where, handed_over[-1]) if handed_over else 0.0)
    print(
        f"{count} kills: every segment readable; lost at most {max(losses_s):.1f} s, "
        f"median {np.median(losses_s):.1f} s, of what was handed over (synced each 5 s)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured; default: a temporary one")
    parser.add_argument("--for-ever", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.for_ever is not None:
        record_for_ever(options.for_ever)
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        day(Path(scratch) / "day", options.hours)
        calls(Path(scratch) / "calls", 30)
        kills(Path(scratch) / "kills", options.kills)
