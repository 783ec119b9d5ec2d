"""The recording's files: our reader and wfdb read samples back at the right index."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.formats.wfdb.annotations import Annotation, read_annotations
from ecg.formats.wfdb.header import read_header
from ecg.samples import SampleBlock
from ecg.scale import GAIN_PER_MV, Scale
from edge.frontends.timebase import UtcLine
from edge.storage.ring import segment_paths
from edge.storage.segment_info import parse_info

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_STEP_MV = 0.5 / GAIN_PER_MV * (1 + 1e-9)
HOUR = 3600
KILLS = 12

# Gaps before a block: none, short ones that are filled, and ones after which a new segment begins (at 20 Hz).
BLOCKS = st.lists(
    st.tuples(
        st.one_of(st.just(0), st.integers(1, 300), st.integers(1201, 100_000)),
        st.integers(1, 400),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(blocks=BLOCKS, seed=st.integers(0, 1000), offset_mv=st.integers(-400, 400))
def test_samples_are_read_back_at_their_index(
    *, new_writer: Any, read_segments: Any, line: UtcLine, blocks: list[Any], seed: int, offset_mv: int
) -> None:
    random = np.random.default_rng(seed)
    index, written = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        writer = new_writer(Path(folder), Fraction(20))
        for gap, length, lossy, sync in blocks:
            index += gap
            samples_mv = offset_mv + random.uniform(-40, 40, length)
            if lossy:
                samples_mv[random.integers(0, length, 3)] = np.nan
            writer.write(SampleBlock(index, samples_mv), line)
            written.update(zip(range(index, index + length), samples_mv.tolist(), strict=True))
            index += length
            if sync:
                writer.sync(line)
        writer.sync(line)

        read: dict[int, float] = {}
        for first, samples_mv in read_segments(Path(folder)).items():
            read.update(zip(range(first, first + len(samples_mv)), samples_mv.tolist(), strict=True))
    assert set(written) <= set(read)
    for sample, value in read.items():
        expected = written.get(sample, np.nan)
        assert (np.isnan(expected) and np.isnan(value)) or abs(value - expected) <= HALF_STEP_MV


@settings(max_examples=40)
@given(
    rate_hz=st.sampled_from([Fraction(1, 3), Fraction(1000, 999), Fraction(2)]),
    cuts=st.lists(st.integers(1, 3000), min_size=1, max_size=8),
)
def test_segments_begin_at_full_hours_of_the_stream(
    new_writer: Any, read_segments: Any, line: UtcLine, rate_hz: Fraction, cuts: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = new_writer(Path(folder), rate_hz)
        index = 0
        for length in cuts:
            writer.write(SampleBlock(index, np.zeros(length)), line)
            index += length
        writer.sync(line)
        firsts = list(read_segments(Path(folder)))
    assert firsts == [-(-hour * HOUR * rate_hz // 1) for hour in range(len(firsts))]
    assert index > firsts[-1]
    assert index <= -(-len(firsts) * HOUR * rate_hz // 1)


def test_wfdb_reads_samples_times_and_annotations_while_the_segment_grows(
    new_writer: Any, line: UtcLine, tmp_path: Path
) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    warnings.simplefilter("ignore")  # pandas warns of what wfdb does
    writer = new_writer(tmp_path)
    samples_mv = 150 + np.sin(np.arange(3000) / 20)
    samples_mv[700:720] = np.nan
    for start in range(0, 3000, 1000):
        writer.write(SampleBlock(start, samples_mv[start : start + 1000]), line)
        writer.annotate(Annotation(start + 5, "V"))
        writer.annotate(Annotation(start + 5, '"', "high asystole opened, onset 0.0 s"))
        writer.sync(line)
        (path,) = segment_paths(tmp_path)
        record = wfdb.rdrecord(str(path))
        annotations = wfdb.rdann(str(path), "edge")
        assert record.fs == 500
        assert record.base_datetime == line.utc(0).replace(tzinfo=None)
        np.testing.assert_allclose(record.p_signal[:, 0], samples_mv[: start + 1000], atol=HALF_STEP_MV)
        assert annotations.sample.tolist() == [
            at for first in range(0, start + 1, 1000) for at in (first + 5, first + 6)
        ]
        assert annotations.symbol[:2] == ["V", '"']


def test_the_header_has_device_source_true_rate_and_utc_of_the_regression(new_writer: Any, tmp_path: Path) -> None:
    writer = new_writer(tmp_path)
    first, later = UtcLine(0, 1_000_000_000.0, 1 / 360), UtcLine(0, 1_780_000_000.25, 1 / 365)
    writer.write(SampleBlock(0, np.zeros(500)), first)
    writer.sync(first)
    writer.write(SampleBlock(500, np.zeros(500)), later)  # the clock was set meanwhile
    writer.sync(later)

    (path,) = segment_paths(tmp_path)
    header = read_header(path.with_suffix(".hea"))
    info = parse_info(header)
    assert info is not None
    assert header.start_utc == info.start == later.utc(0)
    assert info.end == later.utc(720)
    assert (info.device, info.source, info.session, info.first_index) == ("bed-3", "simulator", "first", 0)
    assert info.true_rate_hz == pytest.approx(500 * 365 / 360)


def test_an_electrode_off_is_noted_again_at_the_start_of_the_next_segment(
    new_writer: Any, line: UtcLine, tmp_path: Path
) -> None:
    writer = new_writer(tmp_path, Fraction(2))
    writer.write(SampleBlock(0, np.zeros(100), electrode_off=False), line)
    writer.write(SampleBlock(100, np.full(2 * HOUR, 40.0), electrode_off=True), line)
    writer.write(SampleBlock(2 * HOUR + 100, np.zeros(10), electrode_off=False), line)
    writer.sync(line)

    found = [read_annotations(path.with_suffix(".edge")) for path in segment_paths(tmp_path)]
    assert found == [
        [Annotation(100, '"', "electrode off")],
        [Annotation(1, '"', "electrode off"), Annotation(100, '"', "electrode on")],
    ]


def test_annotations_that_come_late_find_the_segment_before(new_writer: Any, line: UtcLine, tmp_path: Path) -> None:
    writer = new_writer(tmp_path, Fraction(2))
    writer.write(SampleBlock(0, np.zeros(2 * HOUR + 10)), line)
    writer.sync(line)
    writer.annotate(Annotation(2 * HOUR - 1, "N"))
    writer.annotate(Annotation(2 * HOUR + 1, "+", "(AFIB"))
    writer.sync(line)

    found = [read_annotations(path.with_suffix(".edge")) for path in segment_paths(tmp_path)]
    assert found == [[Annotation(2 * HOUR - 1, "N")], [Annotation(1, "+", "(AFIB")]]


def test_a_signal_that_leaves_the_range_gets_a_new_segment_and_keeps_its_values(
    new_writer: Any, read_segments: Callable[[Path], dict[int, Any]], line: UtcLine, tmp_path: Path
) -> None:
    writer = new_writer(tmp_path)
    for block in range(4):
        level_mv = 0.0 if block < 2 else 250.0
        writer.write(SampleBlock(block * 5000, np.full(5000, level_mv)), line)
    writer.sync(line)

    segments = read_segments(tmp_path)
    assert list(segments) == [0, 10_000]
    assert set(segments[10_000]) == {250.0}


def test_a_signal_beyond_every_range_stays_at_its_end() -> None:
    adc = Scale.around(np.array([1e9, np.nan])).to_numbers(np.array([1e9, -1e9, np.inf, np.nan]))

    assert adc.tolist() == [32767, -32767, 32767, -32768]


RECORD_FOR_EVER = """
import sys
from fractions import Fraction
from pathlib import Path
from datetime import timedelta
import numpy as np
from ecg.formats.wfdb.annotations import Annotation
from ecg.samples import SampleBlock
from edge.frontends.timebase import UtcLine
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter
ring = Ring(Path(sys.argv[1]), max_bytes=10**9, max_age=timedelta(days=9), leave_free_bytes=0)
writer, line, index = SegmentWriter(ring, Origin("d", "s", "x", Fraction(100))), UtcLine(0, 1.78e9, 1 / 360), 0
while True:
    for _ in range(8):
        writer.write(SampleBlock(index, np.arange(index, index + 50) % 100 / 4), line)
        writer.annotate(Annotation(index + 3, "N"))
        writer.sync(line)
        index += 50
        print(index, flush=True)
    index += 6001  # a new segment
"""


def killed_at(folder: Path, syncs: int, delay_s: float) -> int:
    """Record until so many syncs are done, kill a moment later; give the index that was synced last."""
    process = subprocess.Popen([sys.executable, "-c", RECORD_FOR_EVER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        lines = [said.readline() for _ in range(syncs)]
        try:
            process.wait(delay_s)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        lines += said.readlines()
        return int([text for text in lines if text.endswith("\n")][-1])


def test_a_kill_at_any_moment_leaves_every_segment_complete_up_to_the_last_sync(
    new_ring: Any, read_segments: Any, tmp_path: Path
) -> None:
    random = Random(1)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        synced = killed_at(folder, random.randint(1, 40), random.uniform(0, 0.02))
        new_ring(folder)  # the next start
        for path in segment_paths(folder):
            assert read_annotations(path.with_suffix(".edge"))
        segments = read_segments(folder)
        assert max(first + len(samples_mv) for first, samples_mv in segments.items()) >= synced
        for first, samples_mv in segments.items():
            assert samples_mv.tolist() == (np.arange(first, first + len(samples_mv)) % 100 / 4).tolist()
        names = {path.name for path in folder.iterdir()}
        assert names == {f"{path.name}.{kind}" for path in segment_paths(folder) for kind in ("hea", "dat", "edge")}


def test_a_change_of_quality_is_kept_once_and_told_again_in_the_next_segment(
    new_writer: Any, line: UtcLine, tmp_path: Path
) -> None:
    writer = new_writer(tmp_path, Fraction(2))
    writer.write(SampleBlock(0, np.zeros(2 * HOUR)), line)
    for second, text in ((5, "good"), (10, "good"), (15, "poor: mains"), (20, "poor: mains")):
        writer.annotate(Annotation(second * 2, "~", text))
    writer.write(SampleBlock(2 * HOUR, np.zeros(100)), line)
    writer.sync(line)
    found = [read_annotations(path.with_suffix(".edge")) for path in segment_paths(tmp_path)]
    assert found == [
        [Annotation(10, "~", "good"), Annotation(30, "~", "poor: mains")],
        [Annotation(1, "~", "poor: mains")],
    ]
