"""Pictures of the pages about the recording, made while the site is built: a strip, and the first page of a report.

The strip is a minute of the simulator through the monitor's own pipeline. The report is of an invented day, whose beats
and notes are written as the recorder writes them.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from itertools import takewhile
from math import pi, sin
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON, GOOD, recorded_annotation
from ecg.paper.picture import write_picture
from ecg.paper.svg import write_svg
from ecg.recording import Lead, Recording
from ecg.samples import SampleBlock
from edge.frontends.timebase import UtcLine
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.report.day import read_day
from edge.report.pages import pages_of_day
from edge.rhythm.settings import RhythmSettings
from edge.simulator.source import Simulator
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PICTURES"]

START: Final = datetime(2026, 5, 1, tzinfo=UTC)
DEVICE: Final = "bed-3"
DAY_S: Final = 86400
RATE_HZ: Final = 10
"""Enough for a day of which only beats and gaps are shown."""

RHYTHMS: Final = (  # first and last second, rhythm, mean heart rate
    (0, 23_400, "N", 58),
    (23_400, 50_400, "N", 74),
    (50_400, 58_800, "AFIB", 104),
    (58_800, 79_200, "N", 71),
    (79_200, 79_224, "VT", 160),
    (79_224, DAY_S, "N", 61),
)
OFF_S: Final = (66_000, 67_800)


def strip() -> str:
    """A strip around the beginning of a ventricular tachycardia."""
    source = Simulator(scenario="normal:30,pvc:20,vt:9,normal:20", heart_rate_bpm=72.0, noise_uv=15.0, seed=1)
    pipeline = Pipeline(rate_hz=source.rate_hz, settings=RhythmSettings(), classifier=load_classifier(""))
    blocks = list(takewhile(lambda block: block.first_index < 80 * source.rate_hz, source.blocks()))
    found = [
        recorded_annotation(event, source.rate_hz)
        for events in (*map(pipeline.push, blocks), pipeline.finish())
        for event in events
    ]
    samples_mv = np.concatenate([block.samples_mv for block in blocks])[np.newaxis]
    first, last = (round(second * source.rate_hz) for second in (42, 72))
    recording = Recording(
        samples_mv=samples_mv[:, first:last],
        leads=(Lead("ECG"),),
        rate_hz=source.rate_hz,
        start_utc=START + timedelta(hours=18, minutes=55, seconds=16),
        name="ads1292 CJMCU-1292 module",
        device=DEVICE,
    )
    annotations = [
        each._replace(sample=each.sample - first) for each in found if each is not None and first <= each.sample < last
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = write_picture(Path(folder) / "strip.svg", recording, annotations=annotations)
        return path.read_text(encoding="utf-8")


def report() -> str:
    """The first page of a report."""
    line = UtcLine(0, START.timestamp(), 1 / 360)
    with tempfile.TemporaryDirectory() as folder:
        ring = Ring(Path(folder), max_bytes=10**9, max_age=timedelta(days=9), leave_free_bytes=0)
        writer = SegmentWriter(ring, Origin(DEVICE, "ads1292", "session", Fraction(RATE_HZ)))
        for first in range(0, DAY_S, 600):
            off = OFF_S[0] <= first < OFF_S[1]
            writer.write(SampleBlock(first * RATE_HZ, np.zeros(600 * RATE_HZ), electrode_off=off), line)
            for annotation in _annotations(first, first + 600):
                writer.annotate(annotation)
            writer.sync(line)
        page = next(pages_of_day(Path(folder), read_day(Path(folder), START.date())))
    content = BytesIO()
    write_svg(content, page, title="Report of a day")
    return content.getvalue().decode()


def _annotations(first_s: int, last_s: int) -> Iterator[Annotation]:
    """What the recorder would have written of ten minutes."""
    dice = Random(first_s)  # noqa: S311 - a drawing
    if first_s in OFF_S:
        yield Annotation(first_s * RATE_HZ, NOTE, ELECTRODE_OFF if first_s == OFF_S[0] else ELECTRODE_ON)
    yield Annotation(first_s * RATE_HZ, "~", "poor signal: muscle" if first_s in {27_000, 43_800} else GOOD)
    for start_s, end_s, rhythm, mean_bpm in RHYTHMS:
        if first_s <= start_s < last_s:
            yield Annotation(start_s * RATE_HZ + 1, "+", f"({rhythm}")
            yield from _alarm(rhythm, start_s, end_s)
        second = float(max(first_s, start_s))
        while second < min(last_s, end_s):
            premature = rhythm == "N" and dice.random() < 0.012
            yield Annotation(round(second * RATE_HZ) + 2, "V" if premature or rhythm == "VT" else "N")
            spread = 0.18 if rhythm == "AFIB" else 0.02
            bpm = mean_bpm * (1 + 0.12 * sin(2 * pi * second / 5400)) * (0.6 if premature else 1)
            second += 60 / bpm * (1 + dice.gauss(0, spread))


def _alarm(rhythm: str, start_s: int, end_s: int) -> Iterator[Annotation]:
    kinds = {"AFIB": AlarmKind.ATRIAL_FIBRILLATION, "VT": AlarmKind.VENTRICULAR_TACHYCARDIA}
    if rhythm not in kinds:
        return
    for state, second in ((AlarmState.OPENED, start_s + 3), (AlarmState.CLOSED, end_s)):
        event = AlarmEvent(second * 360, kinds[rhythm], PRIORITIES[kinds[rhythm]], state, start_s * 360)
        note = recorded_annotation(event, Fraction(RATE_HZ), uuid=rhythm)
        if note is not None:
            yield note


PICTURES: Final = {"strip": strip, "report": report}
"""What makes each picture, by its name."""
