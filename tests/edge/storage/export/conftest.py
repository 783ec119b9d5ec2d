"""A recording of two minutes with a gap, beats and an alarm."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.formats.wfdb.annotations import Annotation
from ecg.formats.wfdb.events import annotation_of
from ecg.samples import SampleBlock
from edge.config import DeviceSettings, Settings, StorageSettings, render
from edge.frontends.timebase import UtcLine
from edge.storage.excerpt import Excerpt, excerpt
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecg.samples import FloatArray

LINE = UtcLine(0, 1_780_000_000.0, 1 / 360)
RATE_HZ = 250
UUID = "0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e"
STEP_MV = 1 / 400


@pytest.fixture(scope="session")
def signal_mv() -> FloatArray:
    """What is recorded: 120 s; 10.0 to 10.4 s are lost, and so are 60 to 62 s."""
    samples_mv = np.rint(400 * (3 + np.sin(np.arange(120 * RATE_HZ) / 40))) / 400
    samples_mv[10 * RATE_HZ : 10 * RATE_HZ + 100] = np.nan
    samples_mv[60 * RATE_HZ : 62 * RATE_HZ] = np.nan
    return samples_mv


@pytest.fixture
def folder(tmp_path: Path, signal_mv: FloatArray) -> Path:
    """The recording's folder; beats at each second, an alarm at 70 s."""
    folder = tmp_path / "recording"
    ring = Ring(folder, max_bytes=10**9, max_age=timedelta(days=1), leave_free_bytes=0)
    writer = SegmentWriter(ring, Origin("bed-3", "simulator", "one", Fraction(RATE_HZ)))
    for first in (0, 62 * RATE_HZ):
        end = 60 * RATE_HZ if first == 0 else len(signal_mv)
        writer.write(SampleBlock(first, signal_mv[first:end]), LINE)
    for second in range(1, 120):
        writer.annotate(Annotation(second * RATE_HZ, "V" if second % 7 == 0 else "N"))
    alarm = AlarmEvent(71 * 360, AlarmKind.PAUSE, Priority.MEDIUM, AlarmState.OPENED, 70 * 360)
    note = annotation_of(alarm, Fraction(RATE_HZ), uuid=UUID)
    assert note is not None
    writer.annotate(note)
    writer.sync(LINE)
    return folder


@pytest.fixture
def stretch(folder: Path) -> Callable[[float, float], Excerpt]:
    """Give `stretch(from_s, to_s)`, seconds of the recording."""
    return lambda first_s, last_s: excerpt(folder, LINE.utc(first_s * 360), LINE.utc(last_s * 360))


@pytest.fixture
def config(folder: Path) -> Path:
    """A settings file that names the recording."""
    path = folder.parent / "edge.toml"
    settings = Settings(device=DeviceSettings(id="bed-3"), storage=StorageSettings(directory=str(folder.parent)))
    path.write_text(render(settings))
    return path
