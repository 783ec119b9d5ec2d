"""Pictures and the report of a day: peak memory and time of each command, and the size of its file.

    python benchmarks/paper.py [--hours 24]

The recording is a simulated lead at 500 Hz with 72 beats a minute, a change of rhythm each ten minutes and an alarm
each twenty. Each command is a process of its own; its memory is the most that it had resident. The first row is the
program with the recording's events alone, which every other row contains.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState
from ecg.formats.wfdb.annotations import Annotation
from ecg.formats.wfdb.events import GOOD, recorded_annotation
from ecg.samples import SampleBlock
from edge.config import Settings, StorageSettings, render
from edge.frontends.timebase import UtcLine
from edge.simulator.source import Simulator
from edge.storage.recorder import recording_folder
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter

RATE_HZ = 500
DAY = "2026-05-01"
START = datetime.fromisoformat(f"{DAY}T00:00:00+00:00")
BEAT_S = 60 / 72
RHYTHM_S, ALARM_S = 600, 1200


def store(folder: Path, hours: int) -> Path:
    """Write the recording; the settings that name it."""
    settings = Settings(storage=StorageSettings(directory=str(folder)))
    ring = Ring(recording_folder(settings.storage), max_bytes=10**10, max_age=timedelta(days=9), leave_free_bytes=0)
    writer = SegmentWriter(ring, Origin("bench", "simulated", "session", Fraction(RATE_HZ)))
    line = UtcLine(0, START.timestamp(), 1 / 360)
    blocks = Simulator(scenario="normal:60", heart_rate_bpm=72.0, noise_uv=15.0, seed=1).blocks()
    minute_mv = np.concatenate([next(blocks).samples_mv for _ in range(600)])[: 60 * RATE_HZ]
    writer_end = 0
    for minute in range(hours * 60):
        writer.write(SampleBlock(writer_end, minute_mv), line)
        writer_end += len(minute_mv)
        for annotation in annotations(minute * 60.0, minute * 60.0 + 60):
            writer.annotate(annotation)
        if minute % 10 == 9:
            writer.sync(line)
    writer.sync(line)
    config = folder / "edge.toml"
    config.write_text(render(settings))
    return config


def annotations(start_s: float, end_s: float) -> list[Annotation]:
    """What the monitor would have told of a minute."""
    found = [
        Annotation(round(beat * BEAT_S * RATE_HZ), "V" if beat % 50 == 0 else "N")
        for beat in range(int(np.ceil(start_s / BEAT_S)), int(np.ceil(end_s / BEAT_S)))
    ]
    first = round(start_s * RATE_HZ)
    found.append(Annotation(first, "~", GOOD))
    if start_s % RHYTHM_S == 0:
        found.append(Annotation(first, "+", "(AFIB" if start_s % (2 * RHYTHM_S) == 0 else "(N"))
    if start_s % ALARM_S == 0:
        kind = AlarmKind.ATRIAL_FIBRILLATION
        index = round(start_s * 360)
        for state, at in ((AlarmState.OPENED, index), (AlarmState.CLOSED, index + 30 * 360)):
            event = AlarmEvent(at, kind, PRIORITIES[kind], state, index)
            note = recorded_annotation(event, Fraction(RATE_HZ), uuid=f"event-{start_s:.0f}")
            assert note is not None
            found.append(note)
    return found


LAUNCHER = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "edge.cli", *sys.argv[1:]], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
sys.exit(done.returncode)
"""
"""A small process between: Linux counts the memory of whoever starts a program as the program's own."""


def measure(arguments: list[str]) -> tuple[float, float]:
    """Peak memory in MB and processor time in s of a command."""
    done = subprocess.run([sys.executable, "-c", LAUNCHER, *arguments], capture_output=True, text=True, check=True)
    megabytes, seconds = map(float, done.stdout.split())
    return megabytes, seconds


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=24)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began_s = time.monotonic()
        config = str(store(folder, given.hours))
        print(f"recording of {given.hours} h, written in {time.monotonic() - began_s:.0f} s")
        print("| command | peak memory | processor time | file |\n|---|---|---|---|")
        commands = [["events", config]]
        commands += [
            ["export", config, str(folder / f"strip.{suffix}"), "--last", last]
            for suffix, last in (
                ("csv", "30s"), ("svg", "30s"), ("png", "30s"), ("pdf", "30s"),
                ("png", "3min"), ("svg", "10min"), ("pdf", "1h"),
            )
        ]  # fmt: skip
        commands.append(["report", config, "--day", DAY, "--out", str(folder / "day.pdf")])
        for arguments in commands:
            megabytes, seconds = measure(arguments)
            written = next((Path(each) for each in arguments[2:] if each.startswith(name)), None)
            size = "" if written is None else f"{written.stat().st_size / 1e6:.2f} MB"
            said = " ".join(each for each in arguments if each != config).replace(f"{name}/", "")
            print(f"| {said} | {megabytes:.0f} MB | {seconds:.1f} s | {size} |")


if __name__ == "__main__":
    main()
