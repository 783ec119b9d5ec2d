"""`ecg-reader`: an object for each file in its order, one line for each that is refused, and the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from reader.reading import reading_schema
from tests.support import dicom_files
from tests.support.ecg_files import WRITERS, normal_steps, write_csv, write_wfdb

STEPS = normal_steps()


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reader.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def read(*arguments: str | Path) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
    done = run("read", *arguments, "--json")
    readings = json.loads(done.stdout)
    assert not list(Draft202012Validator(reading_schema()).iter_errors(readings))
    return readings, done


def folder(parent: Path, name: str) -> Path:
    path = parent / name
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that can be read."""
    return write_wfdb(tmp_path_factory.mktemp("good"), STEPS)


def test_every_format_in_one_call(tmp_path: Path) -> None:
    paths = [write(folder(tmp_path, name.replace(" ", "")), STEPS) for name, write in WRITERS.items()]
    readings, done = read(*paths)
    assert (done.returncode, done.stderr) == (0, "")
    assert [reading["file"] for reading in readings] == [str(path) for path in paths]
    assert [reading["route"] for reading in readings] == list(WRITERS)
    for reading in readings:
        assert reading["rhythm"] == "sinus rhythm"
        assert reading["duration_s"] == 10.0
        assert set(reading["superclasses"]) == {"NORM", "MI", "STTC", "CD", "HYP"}
        assert 0 <= reading["mi_or_ischaemia"] <= 1
        assert 70 < reading["measurements"]["heart_rate_bpm"] < 80
        assert reading["unknown"] == {}
        assert len(reading["leads"]) == 12


def test_a_refused_file_is_one_line_and_the_others_are_read(good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"")
    readings, done = read(bad, good, tmp_path / "nothere")
    assert done.returncode == 1
    assert [reading["refused"] is None for reading in readings] == [False, True, False]
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("ecg-reader: ") and "; " in line for line in lines)


def test_nothing_read_is_2(tmp_path: Path) -> None:
    readings, done = read(tmp_path / "nothere")
    assert (done.returncode, len(readings)) == (2, 1)


def test_bad_input_of_every_kind_beside_a_good_file(good: Path, tmp_path: Path) -> None:
    """0 and 37 leads, 1 s and 24 h, all lost, saturated, an EEG, each format cut short; none of it stops the last."""
    eeg = [f"EEG {number}" for number in range(12)]
    day = folder(tmp_path, "day")
    write_wfdb(day, STEPS[:, :500])
    header = (day / "r.hea").read_text().replace("r 12 250 500", f"r 12 250 {86400 * 250}")
    (day / "r.hea").write_text(header)
    bad = [
        write_wfdb(folder(tmp_path, "none"), STEPS[:0], names=()),
        write_wfdb(folder(tmp_path, "many"), np.tile(STEPS[:1], (37, 1)), names=[f"X{each}y" for each in range(37)]),
        write_wfdb(folder(tmp_path, "short"), STEPS[:, :250]),
        day / "r.hea",
        write_wfdb(folder(tmp_path, "lost"), np.full((12, 2500), -32768, np.int64)),
        write_wfdb(folder(tmp_path, "saturated"), np.full((12, 2500), 32767, np.int64)),
        write_wfdb(folder(tmp_path, "eeg"), STEPS, names=eeg),
    ]
    for name, write in WRITERS.items():
        path = write(folder(tmp_path, f"cut{name.replace(' ', '')}"), STEPS)
        damaged = path.with_suffix(".dat") if name == "WFDB" else path
        damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 9])
        bad.append(path)
    readings, done = read(*bad, good)
    assert readings[-1]["refused"] is None
    refused = [reading["refused"] for reading in readings if reading["refused"] is not None]
    cut = [reading["refused"] for reading in readings[7:-1]]
    assert all(readings[number]["refused"] for number in range(7))
    assert sum(each is None for each in cut) <= 1, cut  # a table that ends early is a shorter table, if long enough
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"ecg-reader: {each}" for each in refused]
    assert "internal error" not in done.stderr


def test_hostile_xml_and_a_dicom_file_without_a_waveform_are_refused(good: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml"
    layers = "".join(f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10))
    bomb.write_text(f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{layers}]><AnnotatedECG>&e9;</AnnotatedECG>')
    outside = tmp_path / "outside.xml"
    outside.write_text(
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file://{good}">]><AnnotatedECG>&e;</AnnotatedECG>'
    )
    pytest.importorskip("pydicom")
    empty = dicom_files.save(tmp_path / "empty.dcm", dicom_files.dataset([]))
    readings, done = read(bomb, outside, empty, good)
    assert [reading["refused"] is None for reading in readings] == [False, False, False, True]
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 3
    assert "internal error" not in done.stderr


def test_microvolts_taken_for_millivolts_are_read_and_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path, STEPS * 1000)
    (reading,), done = read(path)
    assert done.returncode == 0
    assert reading["calibrated"] is False
    assert "uV would make it" in " ".join(reading["remarks"])
    (reading,), _ = read(path, "--unit", "uV")
    assert reading["calibrated"] is True


def test_a_folder_stands_for_its_recordings(tmp_path: Path) -> None:
    write_csv(tmp_path, STEPS)
    write_wfdb(tmp_path, STEPS)
    readings, _ = read(tmp_path)
    assert [Path(reading["file"]).name for reading in readings] == ["r.csv", "r.hea"]


def test_the_output_for_a_person_has_everything(good: Path, tmp_path: Path) -> None:
    done = run("read", good, tmp_path / "nothere")
    assert done.returncode == 1
    for words in ("12 leads", "250 Hz", "sinus rhythm", "quality"):
        assert words in done.stdout
    assert "nothere" in done.stderr


def test_measure_says_nothing_of_what_it_may_show(good: Path) -> None:
    done = run("measure", good, "--json")
    (reading,) = json.loads(done.stdout)
    assert reading["superclasses"] is None
    assert reading["refused"] is None
    assert done.returncode == 0


def test_models_are_listed() -> None:
    done = run("models", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {entry["task"] for entry in found} <= {"twelve-lead", "lead", "delineation", "beat"}
    assert run("models").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["read"], "Missing argument"),
        (["read", "x", "--rate", "fast"], "--rate fast"),
        (["read", "x", "--unit", "stones"], "--unit stones"),
        (["look"], "No such command"),
    ],
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["-h"], ["read", "-h"], ["measure", "--help"], ["models", "-h"]])
def test_every_command_has_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "Usage: ecg-reader" in done.stdout
    assert len(arguments) == 1 or "Example: ecg-reader" in done.stdout


def test_the_version_is_told() -> None:
    assert run("--version").stdout.startswith("ecg-reader ")
    assert run("read", "--version").stdout.startswith("ecg-reader ")


def test_hum_without_heartbeats_is_abstained(tmp_path: Path) -> None:
    t_s = np.arange(len(STEPS[0])) / 250
    hum = np.tile(np.rint(3000 * np.sin(2 * np.pi * 50 * t_s)).astype(np.int64), (12, 1))
    readings, done = read(write_csv(tmp_path, hum))
    assert done.returncode == 0
    assert readings[0]["rhythm"] is None
    assert readings[0]["abstained"] == readings[0]["unknown"]["rhythm"]
