"""The figures of a day, from a recording whose content is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.events import GOOD
from ecg.samples import SampleBlock
from edge.frontends.timebase import UtcLine
from edge.report.day import read_day
from edge.report.pages import pages_of_day
from edge.report.session import SIGNAL_GOOD, SIGNAL_LOST, SIGNAL_OFF, SIGNAL_POOR
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 50
DAY = date(2026, 5, 28)
NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)


def writer_at(folder: Path, session: str = "one") -> SegmentWriter:
    ring = Ring(folder, max_bytes=10**9, max_age=timedelta(days=9), leave_free_bytes=0)
    return SegmentWriter(ring, Origin("bed-3", "simulator", session, Fraction(RATE_HZ)))


def line_from(start: datetime) -> UtcLine:
    return UtcLine(0, start.timestamp(), 1 / 360)


def write(folder: Path, start: datetime, seconds: int, *, lost: range = range(0), session: str = "one") -> None:
    """A beat a second; every tenth is ventricular; good quality from the first second on."""
    line = line_from(start)
    writer = writer_at(folder, session)
    samples_mv = np.tile(np.sin(np.arange(RATE_HZ) / 8), seconds)
    samples_mv[lost.start * RATE_HZ : lost.stop * RATE_HZ] = np.nan
    for first in range(0, seconds * RATE_HZ, 600 * RATE_HZ):
        writer.write(SampleBlock(first, samples_mv[first : first + 600 * RATE_HZ]), line)
    writer.annotate(Annotation(0, "~", GOOD))
    for second in range(seconds):
        if second not in lost:
            writer.annotate(Annotation(second * RATE_HZ + 5, "V" if second % 10 == 0 else "N"))
    writer.sync(line)


def seconds_of_signal(folder: Path, day: date = DAY) -> dict[str, float]:
    told: dict[str, float] = {}
    for stretch in read_day(folder, day).signal:
        told[stretch.name] = told.get(stretch.name, 0.0) + (stretch.end - stretch.start).total_seconds()
    return told


def test_beats_rate_and_burden_are_counted(tmp_path: Path) -> None:
    write(tmp_path, NOON, 1200)
    told = read_day(tmp_path, DAY)
    tally = told.summary.tally
    assert tally.beats == {"N": 1080, "V": 120}
    assert tally.ventricular_burden == pytest.approx(0.1)
    assert tally.heart_rate_mean_bpm == pytest.approx(60)
    assert tally.duration_s == 1200
    assert tally.good_signal_share == pytest.approx(1, abs=0.001)
    assert len(told.minutes) == 20
    assert {minute.mean_bpm for minute in told.minutes} == {60}
    assert told.minutes[0].start == NOON
    assert told.device == "bed-3"


def test_lost_samples_count_as_lost_and_no_interval_spans_them(tmp_path: Path) -> None:
    write(tmp_path, NOON, 600, lost=range(100, 130))
    tally = read_day(tmp_path, DAY).summary.tally
    assert tally.lost_s == 30
    assert tally.good_signal_s == pytest.approx(570, abs=0.1)
    assert tally.longest_rr_ms == 1000
    told = seconds_of_signal(tmp_path)
    assert told == pytest.approx({SIGNAL_GOOD: 570, SIGNAL_LOST: 30})


def test_poor_signal_and_a_loose_electrode_are_told_apart(tmp_path: Path) -> None:
    line = line_from(NOON)
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.zeros(600 * RATE_HZ), electrode_off=False), line)
    for second, text in ((0, GOOD), (200, "poor signal: mains"), (300, GOOD)):
        writer.annotate(Annotation(second * RATE_HZ, "~", text))
    writer.annotate(Annotation(400 * RATE_HZ, NOTE, "electrode off"))
    writer.annotate(Annotation(420 * RATE_HZ, NOTE, "electrode on"))
    writer.sync(line)
    told = seconds_of_signal(tmp_path)
    assert told == pytest.approx({SIGNAL_GOOD: 480, SIGNAL_POOR: 100, SIGNAL_OFF: 20}, abs=0.1)


def test_atrial_fibrillation_is_the_time_of_its_rhythm(tmp_path: Path) -> None:
    line = line_from(NOON)
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.zeros(600 * RATE_HZ)), line)
    for second, text in ((1, "(N"), (100, "(AFIB"), (250, "(N")):
        writer.annotate(Annotation(second * RATE_HZ, "+", text))
    writer.annotate(Annotation(0, "~", GOOD))
    writer.sync(line)
    told = read_day(tmp_path, DAY)
    assert told.summary.tally.atrial_fibrillation_s == pytest.approx(150, abs=0.1)
    assert [(each.name, round((each.end - each.start).total_seconds())) for each in told.rhythms] == [
        ("N", 99),
        ("AFIB", 150),
        ("N", 350),
    ]


def test_a_day_ends_at_midnight(tmp_path: Path) -> None:
    midnight = datetime(2026, 5, 29, tzinfo=UTC)
    write(tmp_path, midnight - timedelta(minutes=10), 1800)
    before = read_day(tmp_path, DAY).summary.tally
    after = read_day(tmp_path, DAY + timedelta(days=1)).summary.tally
    assert before.duration_s == pytest.approx(600)
    assert after.duration_s == pytest.approx(1200)
    assert sum(before.beats.values()) + sum(after.beats.values()) == 1800


def test_sessions_are_added_up_and_the_time_between_them_is_not_watched(tmp_path: Path) -> None:
    write(tmp_path, NOON, 300)
    write(tmp_path, NOON + timedelta(hours=2), 300, session="two")
    told = read_day(tmp_path, DAY)
    assert told.summary.tally.duration_s == 600
    assert told.summary.tally.lost_s == 0
    assert told.summary.tally.longest_rr_ms == 1000


def test_a_day_without_a_recording_is_refused_and_says_what_there_is(tmp_path: Path) -> None:
    write(tmp_path, NOON, 60)
    with pytest.raises(InputError, match=r"nothing is recorded from 2026-05-27 .* begins 2026-05-28 12:00:00"):
        read_day(tmp_path, DAY - timedelta(days=1))


def test_a_damaged_hour_is_left_out_and_reported(tmp_path: Path) -> None:
    write(tmp_path, NOON, 7200)
    samples = min(tmp_path.glob("*.dat"))
    samples.write_bytes(samples.read_bytes()[:-500])
    told = read_day(tmp_path, DAY)
    assert len(told.complaints) == 1
    assert told.summary.tally.duration_s == pytest.approx(3600)
    assert len(list(pages_of_day(tmp_path, told))) == 2
