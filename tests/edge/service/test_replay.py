"""Replay: the daemon's pipeline over recordings, with annotation files and messages."""

from __future__ import annotations

import json
import shutil
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.wfdb.annotations import read_annotations
from edge.config import Settings
from edge.service.replay import replay
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = "normal:15,asystole:8,normal:7"


@pytest.fixture
def csv_path(tmp_path: Path) -> Path:
    """Half a minute of the simulator at 500 Hz, with an asystole of 8 s."""
    samples = [block.samples_mv for block in islice(Simulator(scenario=SCENARIO).blocks(), 7)]
    path = tmp_path / "sim.csv"
    np.savetxt(path, np.concatenate(samples), fmt="%.4f", header="rate_hz: 500")
    return path


def run(*records: Path, **options: Any) -> Any:
    return replay(records, settings=Settings(), classifier=None, **options)


def test_beats_and_alarms_of_a_csv_file_are_written(csv_path: Path, tmp_path: Path) -> None:
    (result,) = run(csv_path, annotations=tmp_path / "out" / "deep")
    entries = read_annotations(tmp_path / "out" / "deep" / "sim.edge")
    truth = [round(500 * beat.time_s) for beat in Simulator(scenario=SCENARIO).beats(30)]

    assert result.error is None
    assert result.alarms == {"asystole": 1}
    assert result.duration_s == 30
    assert result.beats == {"unclassified": len(truth)}
    assert [entry.sample for entry in entries if entry.symbol == "Q"] == pytest.approx(truth, abs=10)
    assert next(entry.aux for entry in entries if entry.symbol == '"').startswith("high asystole opened, onset 1")
    assert "sim: 0:30 min, " in result.summary


def test_messages_are_those_that_the_monitor_would_publish(csv_path: Path, tmp_path: Path) -> None:
    run(csv_path, events=tmp_path / "new" / "events.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "new" / "events.jsonl").read_text().splitlines()]

    assert {line["record"] for line in lines} == {"sim"}
    vitals = [line["payload"] for line in lines if line["topic"] == "ecg/ecg-edge/vitals"]
    assert [vital["time"] for vital in vitals][:2] == ["1970-01-01T00:00:05.000Z", "1970-01-01T00:00:10.000Z"]
    opened = [line for line in lines if line["topic"] == "ecg/ecg-edge/event" and line["payload"]["state"] == "opened"]
    assert [(line["qos"], line["retain"], line["payload"]["kind"]) for line in opened] == [(1, False, "asystole")]
    beats = [entry for line in lines if line["topic"].endswith("/beats") for entry in line["payload"]["beats"]]
    assert len(beats) == len(Simulator(scenario=SCENARIO).beats(30))
    # A recording that is over has no more of its hour and its day to come.
    summaries = [line["payload"] for line in lines if "/summary/" in line["topic"]]
    assert [summary["schema"] for summary in summaries] == ["summary.minute/2", "summary.hour/2", "summary.day/2"]
    assert len({str(summary["beats"]) for summary in summaries}) == 1


def test_two_replays_write_the_same_bytes(csv_path: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(csv_path, events=tmp_path / name, annotations=tmp_path / f"{name}.d")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a.d" / "sim.edge").read_bytes() == (tmp_path / "b.d" / "sim.edge").read_bytes()


def test_live_speed_finds_what_full_speed_finds(csv_path: Path, tmp_path: Path) -> None:
    for name, speed in (("fast", 0.0), ("paced", 300.0)):
        run(csv_path, annotations=tmp_path / name, speed=speed)

    assert (tmp_path / "fast" / "sim.edge").read_bytes() == (tmp_path / "paced" / "sim.edge").read_bytes()


def test_a_damaged_record_keeps_its_beats_and_does_not_stop_the_others(csv_path: Path, tmp_path: Path) -> None:
    lines = csv_path.read_text().splitlines()
    broken = tmp_path / "broken.csv"
    broken.write_text("\n".join(lines[: 12 * 500] + ["what is this"] * 3000))
    results = run(tmp_path / "none", broken, csv_path, annotations=tmp_path / "out", events=tmp_path / "events")

    assert [result.error is None for result in results] == [False, False, True]
    assert "no such header" in results[0].error
    assert "'what is this' is no number" in results[1].error
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["broken.edge", "sim.edge"]
    whole = [entry for entry in read_annotations(tmp_path / "out" / "sim.edge") if entry.symbol == "Q"]
    kept = [entry for entry in read_annotations(tmp_path / "out" / "broken.edge") if entry.symbol == "Q"]
    assert len(kept) >= 11
    assert kept == whole[: len(kept)]


def test_no_unfinished_file_remains(csv_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(csv_path, annotations=out, events=out / "events.jsonl")

    assert sorted(path.name for path in out.iterdir()) == ["events.jsonl", "sim.edge"]


def test_an_interruption_keeps_what_was_detected(csv_path: Path, tmp_path: Path) -> None:
    def interrupt(_record: str, *, done: int, **_: object) -> None:
        if done >= 10_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(csv_path, annotations=tmp_path / "out", events=tmp_path / "events", progress=interrupt)

    assert sum(entry.symbol == "Q" for entry in read_annotations(tmp_path / "out" / "sim.edge")) > 10
    assert (tmp_path / "events").read_bytes().endswith(b"}\n")


def test_progress_is_reported(csv_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    run(csv_path, progress=lambda record, *, done, total: told.append((record, done, total)))

    assert told == [("sim", 5000, None), ("sim", 10000, None), ("sim", 15000, None)]


def test_two_records_of_one_name_are_refused_before_any_work(csv_path: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    second = shutil.copy(csv_path, tmp_path / "other")

    with pytest.raises(InputError, match="two records are named sim"):
        run(csv_path, tmp_path / "other" / "sim.csv", annotations=tmp_path / "out")
    assert second
    assert not (tmp_path / "out").exists()


def test_no_record_is_wrong_usage() -> None:
    with pytest.raises(InputError, match="no recording is given"):
        run()


@pytest.mark.parametrize("option", ["annotations", "events"])
def test_a_place_that_cannot_be_written_is_named(option: str, csv_path: Path) -> None:
    with pytest.raises(InputError, match=r"sim\.csv"):
        run(csv_path, **{option: csv_path / "below"})


def test_r_peaks_of_a_real_record_are_found(recordings: Path, tmp_path: Path) -> None:
    """Record 100 is clean: a change must not lose one of its 2,273 beats, nor add one."""
    (result,) = run(recordings / "mitdb" / "100", annotations=tmp_path)
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    found = wfdb.rdann(str(tmp_path / "100"), "edge")
    reference = [entry for entry in read_annotations(recordings / "mitdb" / "100.atr") if entry.symbol != "+"]
    at = found.sample[np.array(found.symbol) == "Q"]

    assert result.error is None
    assert len(at) == len(reference) == 2273
    assert np.abs(at - [entry.sample for entry in reference]).max() <= 54  # 150 ms


def test_what_was_understood_is_told_in_a_line(csv_path: Path) -> None:
    (result,) = run(csv_path)

    assert result.understood == "sim: CSV (one column), 0 in mV, 500 Hz by the lines above the table, 30.0 s"
    assert result.warnings == ("column 0 has no unit: taken for mV",)


@pytest.mark.parametrize("unit", ["V", "uV"])
def test_an_implausible_height_is_told(unit: str, csv_path: Path) -> None:
    (result,) = run(csv_path, options=ReadOptions.parse(unit=unit))

    assert result.error is None
    assert any("which no ECG does; check the unit" in warning for warning in result.warnings)


def test_a_signal_without_beats_is_told(tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    np.savetxt(path, np.sin(np.arange(20_000) / 300), fmt="%.4f", header="rate_hz: 250")
    (result,) = run(path, options=ReadOptions.parse(unit="mV"))

    assert any("not one beat was found in 80 s" in warning for warning in result.warnings)


def test_a_folder_stands_for_the_recordings_in_it(csv_path: Path) -> None:
    shutil.copy(csv_path, csv_path.with_name("two.csv"))

    assert [result.record for result in run(csv_path.parent)] == ["sim", "two"]
