"""The recorder on its thread: a full, slow or missing disk is a fault that ends by itself."""

from __future__ import annotations

import logging
import os
import shutil
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.formats.wfdb.annotations import Annotation, read_annotations
from ecg.samples import SampleBlock
from edge.config import StorageSettings
from edge.storage.recorder import FaultKind, Recorder
from edge.storage.ring import segment_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from edge.frontends.timebase import UtcLine

PAGE_MB = 4096 / 1e6


def ramp(first: int, length: int) -> SampleBlock:
    return SampleBlock(first, np.arange(first, first + length) % 1000 / 400)


def test_a_disk_full_at_any_write_keeps_the_last_sync_and_loses_nothing_later(
    *, new_writer: Any, read_segments: Any, line: UtcLine, small_disk: Any
) -> None:
    length, refused = 1500, 0
    for pages in range(12):
        folder = small_disk.path / str(pages)
        writer = new_writer(folder)
        writer.write(ramp(0, length), line)
        writer.annotate(Annotation(3, "N"))
        writer.sync(line)
        with small_disk.only_free(pages):
            writer.write(ramp(length, 8000), line)
            writer.annotate(Annotation(length + 3, "V"))
            for _ in range(2):
                try:
                    writer.sync(line)
                except OSError:
                    refused += 1
            first, *_ = read_segments(folder).values()
            assert first.tolist() == ramp(0, len(first)).samples_mv.tolist()
            assert len(first) in {length, length + 8000}
            assert read_annotations(folder.joinpath(segment_paths(folder)[0].name + ".edge"))[0].sample == 3
        writer.sync(line)
        assert read_segments(folder)[0].tolist() == ramp(0, length + 8000).samples_mv.tolist()
        for path in folder.iterdir():
            path.unlink()
    assert 4 < refused < 24  # full at some writes and not at others, or this shows nothing


@pytest.fixture
def start(tmp_path: Path, new_origin: Any) -> Iterator[Callable[..., Recorder]]:
    recorders = []

    def begin(directory: Path = tmp_path, *, live: bool = True, **settings: Any) -> Recorder:
        storage = StorageSettings(
            directory=str(directory), **({"recording_sync_s": 0.05, "recording_leave_free_mb": 0} | settings)
        )
        recorders.append(Recorder(storage, new_origin(), live=live))
        recorders[-1].start()
        return recorders[-1]

    yield begin
    for recorder in recorders:
        recorder.finish()
        recorder.wait(10)


def test_a_full_disk_is_logged_once_and_recording_continues_by_itself(
    *, start: Any, wait_until: Any, read_segments: Any, line: UtcLine, small_disk: Any, caplog: Any
) -> None:
    recorder = start(small_disk.path)
    recorder.record(ramp(0, 100), line)
    wait_until(lambda: segment_paths(small_disk.path / "recording"))
    assert recorder.fault is None
    with small_disk.only_free(0):
        for first in range(100, 20_000, 100):
            recorder.record(ramp(first, 100), line)
        wait_until(lambda: recorder.fault)
        assert recorder.fault.kind is FaultKind.RECORDING_STOPPED
        assert "space" in recorder.fault.text
    wait_until(lambda: recorder.fault is None)
    recorder.finish()
    recorder.wait(10)
    assert read_segments(small_disk.path / "recording")[0].tolist() == ramp(0, 20_000).samples_mv.tolist()
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


def test_free_space_is_left_and_the_lack_of_it_is_a_fault(
    *, start: Any, wait_until: Any, line: UtcLine, small_disk: Any
) -> None:
    recorder = start(small_disk.path, recording_leave_free_mb=32 * PAGE_MB)
    with small_disk.only_free(20):
        recorder.record(ramp(0, 100), line)
        wait_until(lambda: recorder.fault)
        assert recorder.fault.kind is FaultKind.RECORDING_STOPPED
        assert not segment_paths(small_disk.path / "recording")
    wait_until(lambda: recorder.fault is None or recorder.fault.kind is FaultKind.STORAGE_NEARLY_FULL)
    wait_until(lambda: segment_paths(small_disk.path / "recording"))


def test_a_replay_does_not_wait_for_ever_for_a_blocked_disk(
    *, start: Any, line: UtcLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.storage.recorder.UNRESPONSIVE_S", 0.1)
    (tmp_path / "recording").write_text("in the way")
    recorder = start(live=False)
    for first in range(0, 500_000, 5000):
        recorder.record(ramp(first, 5000), line)
    assert recorder.dropped > 0
    (tmp_path / "recording").unlink()


def test_a_folder_that_cannot_be_created_is_a_fault_until_it_can(
    *, start: Any, wait_until: Any, line: UtcLine, tmp_path: Path
) -> None:
    (tmp_path / "recording").write_text("in the way")
    recorder = start()
    recorder.record(ramp(0, 100), line)
    wait_until(lambda: recorder.fault)
    (tmp_path / "recording").unlink()
    wait_until(lambda: recorder.fault is None)
    wait_until(lambda: segment_paths(tmp_path / "recording"))


def test_a_folder_deleted_while_recording_is_a_fault_and_made_anew(
    *, start: Any, wait_until: Any, read_segments: Any, line: UtcLine, tmp_path: Path, caplog: Any
) -> None:
    folder = tmp_path / "recording"
    recorder = start()
    recorder.record(ramp(0, 100), line)
    wait_until(lambda: segment_paths(folder))
    shutil.rmtree(folder)
    first = 100
    while not segment_paths(folder):
        recorder.record(ramp(first, 100), line)
        first += 100
        time.sleep(0.05)
    assert "was deleted" in caplog.text
    wait_until(lambda: recorder.fault is None)
    for index, samples_mv in read_segments(folder).items():  # no hole that reads as a flat line
        assert samples_mv[:100].tolist() == ramp(index, 100).samples_mv.tolist()


def test_others_may_not_read_the_recording(*, start: Any, wait_until: Any, line: UtcLine, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        recorder = start()
        recorder.record(ramp(0, 100), line)
        wait_until(lambda: segment_paths(tmp_path / "recording"))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "recording").glob("*_*")} == {0o640}


def test_a_blocked_disk_delays_nobody_and_dropped_blocks_are_a_gap(
    *, start: Any, wait_until: Any, read_segments: Any, line: UtcLine, tmp_path: Path
) -> None:
    folder = tmp_path / "recording"
    recorder = start()
    recorder.record(ramp(0, 10), line)
    wait_until(lambda: segment_paths(folder))
    trap = segment_paths(folder)[0].with_suffix(".hea.part")
    os.mkfifo(trap)  # to open it for writing waits for a reader, for ever
    end = 10
    while not recorder.dropped:
        recorder.record(ramp(end, 10), line)
        end += 10
    reader = os.open(trap, os.O_RDONLY | os.O_NONBLOCK)
    wait_until(lambda: not trap.exists())
    os.close(reader)

    def recorded() -> NDArray[np.float64]:
        recorder.record(ramp(end, 10), line)
        samples_mv: NDArray[np.float64] = read_segments(folder)[0]
        return samples_mv

    wait_until(lambda: len(recorded()) == end + 10)
    samples_mv = recorded()
    known = ~np.isnan(samples_mv)
    assert samples_mv[known].tolist() == ramp(0, end + 10).samples_mv[known].tolist()
    assert 0 < np.count_nonzero(~known) <= recorder.dropped


def test_a_replayed_recording_is_written_completely_at_any_speed(
    *, start: Any, read_segments: Any, line: UtcLine, tmp_path: Path
) -> None:
    recorder = start(live=False)
    for first in range(0, 5_000_000, 5000):
        recorder.record(ramp(first, 5000), line)
        recorder.annotate([Annotation(first + 9, "N")])
    recorder.finish()
    recorder.wait(30)
    segments = read_segments(tmp_path / "recording")
    assert [(first, len(samples_mv)) for first, samples_mv in segments.items()] == [
        (0, 1_800_000),
        (1_800_000, 1_800_000),
        (3_600_000, 1_400_000),
    ]


def test_the_oldest_segments_are_deleted_first_and_the_log_names_them(
    *, new_ring: Any, new_writer: Any, line: UtcLine, tmp_path: Path, caplog: Any
) -> None:
    caplog.set_level(logging.INFO)
    for hour in range(5):
        writer = new_writer(tmp_path, session=str(hour))
        writer.write(ramp(0, 10_000), line)
        writer.sync(line)
    names = [path.name for path in segment_paths(tmp_path)]
    assert len(names) == 5

    new_ring(tmp_path, max_bytes=65_000).trim(growing_bytes=0, growing_s=0)
    assert [path.name for path in segment_paths(tmp_path)] == names[2:]
    assert len(list(tmp_path.iterdir())) == 9
    assert [name in caplog.text for name in names] == [True, True, False, False, False]
    assert "larger than" in caplog.text

    # 20 s each: the age of a segment is what was recorded after it.
    new_ring(tmp_path, max_age=timedelta(seconds=61)).trim(growing_bytes=0, growing_s=20)
    assert [path.name for path in segment_paths(tmp_path)] == names[2:]
    new_ring(tmp_path, max_age=timedelta(seconds=59)).trim(growing_bytes=0, growing_s=20)
    assert [path.name for path in segment_paths(tmp_path)] == names[3:]
    new_ring(tmp_path, max_age=timedelta(seconds=59)).trim(growing_bytes=0, growing_s=60)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("days", [15, -400])
def test_a_clock_that_is_set_deletes_no_recording(days: int, *, new_writer: Any, line: UtcLine, tmp_path: Path) -> None:
    writer = new_writer(tmp_path, session="before")
    writer.write(ramp(0, 10_000), line)
    writer.sync(line)
    writer = new_writer(tmp_path, session="after")
    writer.write(ramp(0, 10_000), line)
    writer.sync(type(line)(line.index, line.utc_s + days * 86400, line.step_s))
    assert len(segment_paths(tmp_path)) == 2


def test_segment_numbers_grow_even_when_the_clock_is_set_back(
    *, new_writer: Any, line: UtcLine, tmp_path: Path
) -> None:
    for step_s in (0.0, -1e6):
        earlier = type(line)(line.index, line.utc_s + step_s, line.step_s)
        writer = new_writer(tmp_path)
        writer.write(ramp(0, 10), earlier)
        writer.sync(earlier)

    assert [path.name[:9] for path in segment_paths(tmp_path)] == ["00000001_", "00000002_"]


def test_unfinished_files_are_deleted_and_others_are_not(new_ring: Any, tmp_path: Path) -> None:
    for name in ("00000007_20260101T000000Z.dat", "00000007_20260101T000000Z.hea.part", "notes.txt"):
        (tmp_path / name).touch()
    new_ring(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
