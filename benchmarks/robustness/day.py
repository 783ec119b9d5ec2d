"""A day of ECG at full speed: memory, and the summaries of its hours against figures from all beats in one go.

The beats are those of the same pipeline in this process; the figures are computed from them by numpy, hour by hour and
for the day, without the code that adds up minutes.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from lab import configure, simulated, start_broker, start_daemon, wait_until
from record import make_record
from wire import Tap

from ecg.samples import SAMPLE_RATE_HZ, Beat, Gap
from edge.config import ReplaySettings, SourceSettings
from edge.frontends import open_source
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from tests.support.daemon import resident_mb

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config import Settings

__all__ = ["day"]

SCENARIO = (
    "normal:600,pvc:120,normal:300,bigeminy:30,pac:60,af:240,normal:300,brady:60,run:20,tachy:120,pause:16,lost:2,"
    "normal:137"
)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600 * SAMPLE_RATE_HZ
FIGURES = {
    "heart_rate_min_bpm": 0.05,
    "heart_rate_mean_bpm": 0.05,
    "heart_rate_max_bpm": 0.05,
    "longest_rr_ms": 0.05,
    "sdnn_ms": 0.05,
    "rmssd_ms": 0.05,
    "pnn50": 0.00005,
    "ectopic_burden": 0.00005,
    "ventricular_burden": 0.00005,
    "lost_s": 0.0005,
}
"""What is compared, and half of the last digit that the message has of it."""


def day(folder: Path, *, count: int, seed: int) -> None:
    """Play `count` hours."""
    make_record(folder / "day", SCENARIO, hours=count, start=START, seed=seed)
    broker = start_broker(folder)
    tap = Tap(broker.port)
    source = SourceSettings(kind="replay", replay=ReplaySettings(record=str(folder / "day"), speed=0))
    settings = configure(folder, port=tap.port, source=source)
    began_s = time.monotonic()
    daemon = start_daemon(folder)
    memory_mb: dict[int, float] = {}
    peak_mb = 0.0
    while daemon.process.poll() is None:
        hours = sum(each.topic.endswith("/summary/hour") for each in list(tap.published))
        try:
            now_mb = resident_mb(daemon.process.pid)
        except (OSError, StopIteration):  # it ends just now
            break
        peak_mb = max(peak_mb, now_mb)
        memory_mb.setdefault(hours, now_mb)
        time.sleep(0.05)
    status = daemon.stop() if daemon.process.poll() is None else daemon.process.returncode
    took_s = time.monotonic() - began_s
    # The last hour and the day are given with the first minute after them, by the next run, whose time is now.
    configure(folder, port=tap.port, source=simulated("normal:600", speed=20.0))
    final = start_daemon(folder)
    wait_until(lambda: any(each.topic.endswith("/summary/day") for each in tap.confirmed("")), "the day is told")
    final.stop()
    broker.stop()
    told = {
        (body["schema"], body["start"]): body
        for each in tap.confirmed("")
        if each.topic.endswith(("/summary/hour", "/summary/day"))
        for body in [json.loads(each.payload)]
        if body["start"] < START.isoformat()[:10] + "T23:59:59"
    }
    steps = ", ".join(
        f"{memory_mb[hour]:.1f} MB at {hour} h" for hour in sorted(memory_mb) if hour in {1, 6, 12, count - 1}
    )
    print(
        f"{count} h at full speed: {took_s:.0f} s, {count * 3600 / took_s:.0f} times real time, exit status {status}; "
        f"memory {steps}, peak {peak_mb:.1f} MB"
    )
    _compare(told, _expected(settings, count), count)


def _expected(settings: Settings, hours: int) -> dict[str, dict[str, Any]]:
    """Figures of each hour and of the day, from all beats in one go."""
    source = open_source(settings.source)
    pipeline = Pipeline(
        rate_hz=source.rate_hz, settings=settings.rhythm, classifier=load_classifier(settings.model.path)
    )
    beats: list[Beat] = []
    lost = np.zeros(hours * HOUR, dtype=bool)
    for events in (*map(pipeline.push, source.blocks()), pipeline.finish()):
        for event in events:
            if isinstance(event, Beat):
                beats.append(event)
            elif isinstance(event, Gap):
                lost[event.index : event.index + event.length] = True
    index = np.array([beat.index for beat in beats])
    rr = np.array([0 if beat.rr_ms is None else round(beat.rr_ms * SAMPLE_RATE_HZ / 1000) for beat in beats])
    normal = np.array([beat.label in "NLR" for beat in beats])
    nn = (rr > 0) & normal & np.r_[False, normal[:-1]]
    pair = nn & np.r_[False, nn[:-1]]
    step = np.abs(np.diff(rr, prepend=0))
    window = np.convolve(rr, np.ones(8, dtype=int))[: len(rr)]
    whole = np.convolve(rr > 0, np.ones(8, dtype=int))[: len(rr)] == 8
    found = {}
    for name, first, last in [
        ("day", 0, hours * HOUR),
        *((f"{h:02d}", h * HOUR, (h + 1) * HOUR) for h in range(hours)),
    ]:
        here = (index >= first) & (index < last)
        labels = Counter(beat.label for beat, inside in zip(beats, here, strict=True) if inside)
        classified = sum(count for label, count in labels.items() if label != "unclassified")
        bpm = 60 * SAMPLE_RATE_HZ
        ms = 1000 / SAMPLE_RATE_HZ
        found[name] = {
            "beats": dict(labels),
            "heart_rate_min_bpm": 8 * bpm / window[here & whole].max(),
            "heart_rate_mean_bpm": bpm / rr[here & (rr > 0)].mean(),
            "heart_rate_max_bpm": 8 * bpm / window[here & whole].min(),
            "longest_rr_ms": ms * rr[here].max(),
            "sdnn_ms": ms * rr[here & nn].std(ddof=1),
            "rmssd_ms": ms * np.sqrt((step[here & pair] ** 2).mean()),
            "pnn50": (step[here & pair] > 0.05 * SAMPLE_RATE_HZ).mean(),
            "ectopic_burden": sum(labels[label] for label in "SAV") / classified,
            "ventricular_burden": labels["V"] / classified,
            "lost_s": lost[first:last].sum() / SAMPLE_RATE_HZ,
        }
    return found


def _compare(told: dict[tuple[str, str], dict[str, Any]], expected: dict[str, dict[str, Any]], hours: int) -> None:
    largest = dict.fromkeys(FIGURES, 0.0)
    compared = wrong_beats = wrong = 0
    for (schema, start), body in told.items():
        name = "day" if schema.startswith("summary.day") else start[11:13]
        figures = expected[name]
        compared += 1
        wrong_beats += body["beats"] != figures["beats"]
        for figure, rounding in FIGURES.items():
            off = abs(body[figure] - figures[figure])
            largest[figure] = max(largest[figure], off)
            wrong += off > rounding * 1.000001
    differences = ", ".join(f"{figure} {off:.2g}" for figure, off in largest.items())
    print(
        f"  summaries told: {compared} of {hours + 1} (each hour and the day); with other beats by class than in one "
        f"go: {wrong_beats}; other figures, beyond the rounding of the message: {wrong} of {len(FIGURES) * compared}\n"
        f"  largest differences: {differences}"
    )
