"""Strips: the ECG around an event, from memory, or on request from the recording."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.errors import InputError
from ecg.formats.wfdb.events import annotation_of
from ecg.recording import read_whole
from ecg.samples import SampleBlock
from edge.config import StorageSettings
from edge.frontends.playback import split_block
from edge.storage.excerpt import excerpt
from edge.storage.strips import StripCutter, requested_strip

if TYPE_CHECKING:
    from edge.frontends.timebase import UtcLine

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)
UUID = "0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e"


def opened(index: int, onset: int) -> AlarmEvent:
    return AlarmEvent(index, AlarmKind.PAUSE, Priority.MEDIUM, AlarmState.OPENED, onset)


def ramp(first: int, length: int) -> SampleBlock:
    return SampleBlock(first, np.arange(first, first + length) / 1000)


def cutter(rate_hz: int = 100) -> StripCutter:
    return StripCutter(
        rate_hz=Fraction(rate_hz),
        before_s=10,
        after_s=20,
        utc_of_index=lambda index: BEGAN + timedelta(seconds=index / 360),
    )


@given(piece=st.integers(1, 4000))
def test_a_strip_is_the_same_however_the_stream_is_cut(piece: int) -> None:
    strips = cutter()
    got = []
    asked = False
    for block in split_block(ramp(0, 10_000), piece):
        strips.push(block)
        if not asked and block.first_index + len(block.samples_mv) >= 5100:
            strips.request(UUID, opened(51 * 360, 50 * 360))
            asked = True
        got += list(strips.due())
    (strip,) = got
    assert strip.samples_mv.tolist() == ramp(4000, 3000).samples_mv.tolist()
    assert (strip.uuid, strip.rate_hz, strip.index) == (UUID, 100.0, 40 * 360)
    assert strip.start == BEGAN + timedelta(seconds=40)


def test_lost_samples_stay_lost_and_the_beginning_of_the_stream_is_the_beginning() -> None:
    strips = cutter()
    strips.push(ramp(0, 300))
    strips.request(UUID, opened(300, 0))
    strips.push(ramp(500, 2000))
    (strip,) = strips.due()
    assert strip.index == 0
    assert len(strip.samples_mv) == 2000
    assert np.flatnonzero(np.isnan(strip.samples_mv)).tolist() == list(range(300, 500))


def test_an_onset_too_long_ago_gives_the_strip_of_the_decision() -> None:
    strips = cutter()
    for first in range(0, 100_000, 1000):
        strips.push(ramp(first, 1000))
    strips.request(UUID, opened(1000 * 360, 360))
    strips.push(ramp(100_000, 2000))
    (strip,) = strips.due()
    assert strip.index == 990 * 360


def test_at_the_end_of_the_stream_an_unfinished_strip_is_cut_short() -> None:
    strips = cutter()
    strips.push(ramp(0, 2000))
    strips.request(UUID, opened(15 * 360, 14 * 360))
    assert list(strips.due()) == []
    (strip,) = strips.finish()
    assert strip.samples_mv.tolist() == ramp(400, 1600).samples_mv.tolist()
    assert list(strips.finish()) == []


@pytest.fixture
def recorded(new_writer: Any, line: UtcLine, tmp_path: Path) -> StorageSettings:
    """Two sessions at 100 Hz: 200 s with an event at 100 s; 30 s of nothing; 60 s."""
    folder = tmp_path / "recording"
    writer = new_writer(folder, Fraction(100), "first")
    for block in split_block(ramp(0, 20_000), 1000):
        writer.write(block, line)
    writer.annotate(annotation_of(opened(101 * 360, 100 * 360), Fraction(100), uuid=UUID))
    writer.sync(line)
    later = type(line)(line.index, line.utc_s + 230, line.step_s)
    writer = new_writer(folder, Fraction(100), "second")
    writer.write(ramp(0, 6000), later)
    writer.sync(later)
    return StorageSettings(directory=str(tmp_path))


def test_a_strip_requested_by_event_is_cut_from_the_recording(recorded: StorageSettings, line: UtcLine) -> None:
    strip = requested_strip(recorded, event=UUID)
    assert strip.uuid == UUID
    assert strip.start == line.utc(90 * 360)
    np.testing.assert_allclose(strip.samples_mv, ramp(9000, 3000).samples_mv, atol=0.00126)


def test_a_strip_requested_by_time_or_as_the_last_seconds(recorded: StorageSettings, line: UtcLine) -> None:
    moment = line.utc(50 * 360)
    strip = requested_strip(recorded, start=moment, end=moment + timedelta(seconds=2))
    np.testing.assert_allclose(strip.samples_mv, ramp(5000, 200).samples_mv, atol=0.00126)
    last = requested_strip(recorded, last_s=5)
    np.testing.assert_allclose(last.samples_mv, ramp(5500, 500).samples_mv, atol=0.00126)
    assert last.uuid != strip.uuid


def test_the_time_between_two_sessions_is_a_gap(recorded: StorageSettings, line: UtcLine) -> None:
    start = line.utc(190 * 360)
    found = excerpt(Path(recorded.directory) / "recording", start, start + timedelta(seconds=50))
    samples_mv = read_whole(found).samples_mv[0]
    assert (len(samples_mv), found.length, found.start_utc) == (5000, 5000, start)
    assert np.flatnonzero(np.isnan(samples_mv)).tolist() == list(range(1000, 4000))
    np.testing.assert_allclose(samples_mv[4000:], ramp(0, 1000).samples_mv, atol=0.00126)


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        ({}, "give one of them"),
        ({"event": UUID, "last_s": 5}, "give one of them"),
        ({"event": "no-such"}, "no event no-such"),
        ({"last_s": 1e9}, "ecg-edge export"),
        ({"last_s": -1}, "a strip of -1 s"),
        ({"start": BEGAN, "end": BEGAN}, "a strip of 0 s"),
        ({"start": BEGAN, "end": BEGAN + timedelta(seconds=9)}, "nothing is recorded from 2026-05-01 12:00:00"),
    ],
)
def test_a_request_that_cannot_be_met_names_the_cause(
    recorded: StorageSettings, request_: dict[str, Any], cause: str
) -> None:
    with pytest.raises(InputError, match=cause) as raised:
        requested_strip(recorded, **request_)
    assert "\n" not in str(raised.value)


def test_without_a_recording_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"storage\.recording"):
        requested_strip(StorageSettings(directory=str(tmp_path)), last_s=5)


@pytest.mark.parametrize("back_s", [60, 3600, 12 * 3600])
def test_a_clock_that_is_set_back_makes_no_strip_longer(
    tmp_path: Path, line: UtcLine, new_writer: Any, back_s: int
) -> None:
    """The time of the last seconds came before, when the clock was ahead."""
    writer = new_writer(tmp_path / "recording", Fraction(10), "first")
    now = line
    for minute in range(back_s // 60 + 30):
        if minute == back_s // 60 + 15:
            now = type(line)(line.index, line.utc_s - back_s, line.step_s)
        writer.write(ramp(minute * 600, 600), now)
        writer.sync(now)
    strip = requested_strip(StorageSettings(directory=str(tmp_path)), last_s=30)
    end = (back_s // 60 + 30) * 600
    assert abs(len(strip.samples_mv) - 300) <= 1
    assert not np.isnan(strip.samples_mv).any()
    np.testing.assert_allclose(strip.samples_mv[-1], (end - 1) / 1000, atol=0.01)
