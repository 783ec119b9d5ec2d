"""`ecg-edge record` as a real process: a complete record however it ends, with notes on what happened."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import read_annotations

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import FloatArray


def samples_of(path: Path) -> FloatArray:
    """All samples of a whole record, NaN where one is invalid; refuses a wrong checksum or a short file."""
    record = open_recording(path)
    assert record.length is not None
    samples_mv = np.full(record.length, np.nan)
    for block in record.blocks():
        samples_mv[block.first_index : block.first_index + len(block.samples_mv)] = block.samples_mv
    assert path.with_suffix(".dat").stat().st_size == 4 * record.length
    return samples_mv


def notes_of(path: Path) -> list[str]:
    return [annotation.aux for annotation in read_annotations(path.with_suffix(".edge"))]


def test_a_source_is_recorded_at_its_own_rate_and_resolution_for_the_time_asked(tmp_path: Path, start: Any) -> None:
    config = tmp_path / "edge.toml"
    config.write_text('[source.simulator]\nscenario = "normal:20"\nspeed = 0\nnoise_uv = 0\n')
    out = tmp_path / "bench" / "sim"
    process = start("record", str(out), str(config), "--duration", "4s", "--json")
    said, errors = process.communicate()
    assert process.returncode == ExitCode.DONE, errors
    facts = json.loads(said)
    assert facts["file"] == str(out.with_suffix(".hea"))
    samples_mv = samples_of(out)
    assert len(samples_mv) == facts["samples"] == 4 * facts["rate_hz"]
    assert facts["invalid"] == 0
    assert np.isfinite(samples_mv).all()
    steps = samples_mv * 100_000
    assert np.allclose(steps, np.rint(steps), atol=1e-6)  # 10 nV
    assert len(np.unique(steps)) > len(np.unique(np.rint(samples_mv * 400)))  # finer than the monitor's recording


def test_faults_are_noted_and_lost_samples_are_invalid(tmp_path: Path, start: Any) -> None:
    file = FrontEndFile(tmp_path)
    out = tmp_path / "r"
    process = start("record", str(out), "--source", "ads1292", "--duration", "5s", environment=file.environment)
    wait_for(out.with_suffix(".hea"), process)  # two seconds have been recorded
    file.set(faults={"electrodes_off": 0b0100})
    said, errors = process.communicate()
    assert process.returncode == ExitCode.DONE, errors
    assert "500 Hz" in said
    assert "of 2500 samples lost or clipped" in said
    assert notes_of(out)[:2] == ["electrode on", "electrode off"]
    assert len(samples_of(out)) == 2500


def test_a_recording_that_is_stopped_early_is_complete(tmp_path: Path, start: Any) -> None:
    config = tmp_path / "edge.toml"
    config.write_text('[source.simulator]\nscenario = "normal:60"\n')
    out = tmp_path / "r"
    process = start("record", str(out), str(config), "--duration", "10min")
    wait_for(out.with_suffix(".hea"), process)
    process.send_signal(signal.SIGTERM)  # Ctrl-C: see the scope
    said, _ = process.communicate()
    assert process.returncode == ExitCode.DONE
    samples_mv = samples_of(out)
    assert np.isfinite(samples_mv).all()
    assert f"of {len(samples_mv)} samples" in said


def test_a_front_end_without_samples_is_a_hardware_error_with_its_cause(tmp_path: Path, start: Any) -> None:
    file = FrontEndFile(tmp_path)
    file.set(faults={"stuck_miso": 255})
    out = tmp_path / "r"
    process = start("record", str(out), "--source", "ads1292", "--duration", "2s", environment=file.environment)
    _, errors = process.communicate()
    assert process.returncode == ExitCode.HARDWARE
    assert "gave no sample: the ID register reads 0xFF: MISO (DOUT) stays high" in errors
    assert np.isnan(samples_of(out)).all()


@pytest.mark.parametrize(
    ("out", "options", "warning"),
    [
        ("there", (), "exists already; choose another name"),
        ("no name!", (), "no name for a WFDB record"),
        ("new", ("--duration", "long"), "--duration: 'long' is not a duration"),
    ],
)
def test_wrong_usage_is_one_line_and_nothing_is_overwritten(
    tmp_path: Path, start: Any, out: str, options: tuple[str, ...], warning: str
) -> None:
    (tmp_path / "there.hea").write_text("dear")
    process = start("record", str(tmp_path / out), *options)
    _, errors = process.communicate()
    assert process.returncode == ExitCode.USAGE
    assert warning in errors
    assert errors.count("\n") == 1
    assert (tmp_path / "there.hea").read_text() == "dear"


def test_the_live_trace_shows_scale_heart_rate_and_electrodes(tmp_path: Path) -> None:
    file = FrontEndFile(tmp_path)
    out = tmp_path / "r"
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "record", str(out), "--source", "ads1292", "--duration", "10min"],
        stdout=terminal,
        stderr=terminal,
        env=os.environ | file.environment | {"TERM": "xterm"},
    )
    os.close(terminal)
    seen = b""
    while b"heart rate 75 bpm" not in seen:  # the simulated heart's
        seen += os.read(main, 65536)
    process.send_signal(signal.SIGINT)
    try:
        while rest := os.read(main, 65536):
            seen += rest
    except OSError:  # a terminal that nobody has open any more ends so
        pass
    os.close(main)
    assert process.wait() == ExitCode.DONE
    picture = seen.decode(errors="replace")
    for expected in ("ads1292 CJMCU-1292 module  500 Hz", "heart rate ? bpm", "+1.00", "mV", "electrodes on", "lost 0"):
        assert expected in picture
    assert any(0x2801 <= ord(character) <= 0x28FF for character in picture)
    assert samples_of(out).max() == pytest.approx(1.0, abs=0.05)


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a file is there; a process that ends before that has failed."""
    while not path.exists():
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"it ended: {process.communicate()}")
