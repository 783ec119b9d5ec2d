"""The pages of a report: everything stands on them, and what is unknown says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState
from ecg.formats.wfdb.events import recorded_annotation
from ecg.paper.drawing import Page, Text
from ecg.paper.font import font
from ecg.samples import SampleBlock
from edge.frontends.timebase import UtcLine
from edge.report.day import read_day
from edge.report.event_pages import MOST_STRIPS
from edge.report.pages import pages_of_day
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.wfdb.annotations import Annotation

RATE_HZ = 50
DAY = date(2026, 5, 28)
LINE = UtcLine(0, datetime(2026, 5, 28, 12, tzinfo=UTC).timestamp(), 1 / 360)


def writer_at(folder: Path, device: str = "bed-3") -> SegmentWriter:
    ring = Ring(folder, max_bytes=10**9, max_age=timedelta(days=9), leave_free_bytes=0)
    return SegmentWriter(ring, Origin(device, "simulator", "one", Fraction(RATE_HZ)))


def alarm(second: float, kind: AlarmKind, **evidence: str) -> Annotation:
    index = round(second * 360)
    event = AlarmEvent(index, kind, PRIORITIES[kind], AlarmState.OPENED, index, {**evidence})
    note = recorded_annotation(event, Fraction(RATE_HZ), uuid=f"{kind.value}-{second:.0f}")
    assert note is not None
    return note


def texts(pages: list[Page]) -> list[str]:
    return [item.text for page in pages for item in page.items if isinstance(item, Text)]


def drawn(folder: Path) -> list[Page]:
    return list(pages_of_day(folder, read_day(folder, DAY)))


def test_a_day_without_a_beat_tells_unknown_never_0(tmp_path: Path) -> None:
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.full(600 * RATE_HZ, np.nan)), LINE)
    writer.sync(LINE)
    told = texts(drawn(tmp_path))
    assert {"mean unknown", "lowest unknown", "ventricular burden unknown", "SDNN unknown", "no events"} <= set(told)
    assert "good signal 0.0 %" in told
    assert not any(text.startswith(("mean 0", "lowest 0")) for text in told)


def test_everything_stands_on_its_page(tmp_path: Path) -> None:
    writer = writer_at(tmp_path, device="a very long pseudonym " * 12)
    writer.write(SampleBlock(0, np.sin(np.arange(3000 * RATE_HZ) / 8)), LINE)
    for second in range(0, 3000, 20):
        writer.annotate(alarm(second, AlarmKind.PATIENT_EVENT, text="so many words " * 20))
        writer.annotate(alarm(second + 1, AlarmKind.VENTRICULAR_TACHYCARDIA))
    writer.sync(LINE)
    for page in drawn(tmp_path):
        for item in page.items:
            if isinstance(item, Text):
                width_mm = font().width_mm(item.text, item.size_mm)
                left_mm = item.x_mm - {"start": 0, "middle": width_mm / 2, "end": width_mm}[item.anchor]
                assert left_mm >= 10
                assert left_mm + width_mm <= 290
                assert item.size_mm < item.y_mm < 203


def test_alarms_that_began_together_share_a_strip(tmp_path: Path) -> None:
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.sin(np.arange(600 * RATE_HZ) / 8)), LINE)
    writer.annotate(alarm(100, AlarmKind.VENTRICULAR_RUN))
    writer.annotate(alarm(101, AlarmKind.VENTRICULAR_TACHYCARDIA))
    writer.annotate(alarm(300, AlarmKind.PAUSE))
    writer.sync(LINE)
    told = texts(drawn(tmp_path))
    assert told.count("ECG") == 2
    assert [text for text in told if text.startswith(("1 ", "2 ", "3 "))] == [
        "1 \u00b7 V run \u00b7 medium \u00b7 12:01:40",
        "2 \u00b7 VT \u00b7 high \u00b7 12:01:41",
        "3 \u00b7 Pause \u00b7 medium \u00b7 12:05:00",
    ]


def test_heads_of_a_shared_strip_are_in_the_order_of_the_list(tmp_path: Path) -> None:
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.sin(np.arange(600 * RATE_HZ) / 8)), LINE)
    writer.annotate(alarm(101, AlarmKind.VENTRICULAR_RUN))
    writer.annotate(alarm(100, AlarmKind.VENTRICULAR_TACHYCARDIA))  # told later, of an earlier onset
    writer.sync(LINE)
    heads = [text for text in texts(drawn(tmp_path)) if text.startswith(("1 ", "2 "))]
    assert [head[0] for head in heads] == ["1", "2"]


def test_technical_alarms_stand_in_the_list_alone(tmp_path: Path) -> None:
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.zeros(600 * RATE_HZ)), LINE)
    writer.annotate(alarm(100, AlarmKind.POOR_SIGNAL))
    writer.sync(LINE)
    told = texts(drawn(tmp_path))
    assert "poor signal" in told
    assert "ECG" not in told


def test_of_very_many_alarms_the_urgent_ones_have_strips(tmp_path: Path) -> None:
    writer = writer_at(tmp_path)
    writer.write(SampleBlock(0, np.zeros(3600 * RATE_HZ)), LINE)
    for number in range(MOST_STRIPS + 20):
        writer.annotate(alarm(number * 20, AlarmKind.ASYSTOLE if number >= 20 else AlarmKind.BIGEMINY))
    writer.sync(LINE)
    told = texts(drawn(tmp_path))
    assert told.count("ECG") == MOST_STRIPS
    assert "20 further events stand in the list alone" in told
    assert sum(text == "bigeminy" for text in told) == 20
