"""A file that crashes, hangs or fills the process that reads it harms no other."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from reader.own_process import Request, read_all
from reader.worker import _what_happened
from tests.support.ecg_files import normal_steps, write_csv, write_wfdb

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A file that can be read."""
    return write_wfdb(tmp_path, normal_steps())


def hostile(folder: Path, deed: str) -> Path:
    """A device file that does harm when it is opened: a FIFO that nobody writes hangs whoever reads it."""
    path = folder / deed
    os.mkfifo(path)
    return path


def test_a_file_that_hangs_is_given_up_and_the_next_is_read(good: Path, tmp_path: Path) -> None:
    requests = [Request.of(hostile(tmp_path, "pipe.csv")), Request.of(good)]
    hung, read = read_all(requests, most_s=8.0)
    assert hung.refused is not None
    assert "not read within 8 s" in hung.refused
    assert read.refused is None


def test_a_reading_process_that_is_killed_is_started_anew(good: Path, tmp_path: Path) -> None:
    pipe = hostile(tmp_path, "pipe.csv")
    readings = read_all([Request.of(good), Request.of(pipe), Request.of(good)])
    assert next(readings).refused is None
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "reader.worker"], capture_output=True, check=True)
    (worker,) = map(int, found.stdout.split())
    os.kill(worker, signal.SIGKILL)
    killed = next(readings)
    assert killed.refused is not None
    assert "ends the process that reads it (SIGKILL)" in killed.refused
    assert next(readings).refused is None


def test_an_empty_list_starts_nothing() -> None:
    assert list(read_all([])) == []


def test_a_path_that_is_no_utf8_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path, normal_steps())
    odd = path.rename(tmp_path / os.fsdecode(b"\xff\xfe.csv"))
    (reading,) = read_all([Request.of(odd)])
    assert reading.refused is None
    assert reading.file.endswith("\N{REPLACEMENT CHARACTER}.csv")


def test_too_little_memory_is_an_answer_for_each_file(good: Path) -> None:
    readings = list(read_all([Request.of(good), Request.of(good)], most_bytes=30 << 20))
    assert all(reading.refused is not None for reading in readings)
    assert all("memory" in str(reading.refused) or "ends the process" in str(reading.refused) for reading in readings)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "needs more memory"),
        (RecursionError(), "nested too deeply"),
        (ModuleNotFoundError(name="pydicom"), "pip install"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (KeyError("x"), "please report it"),
    ],
)
def test_errors_that_are_none_of_ours_are_sentences(error: Exception, said: str) -> None:
    assert said in _what_happened(error)
    assert "\n" not in _what_happened(error)
