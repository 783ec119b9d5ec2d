"""`ecg-edge events`, `export --event` and `report`, on what a real run of the simulator has stored."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from edge.cli import main
from edge.config import (
    DeviceSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
    render,
)
from edge.control_socket import send_command
from edge.report.day import read_day
from edge.storage.past_events import past_events
from tests.support.daemon import Daemon
from tests.support.paper import pdf_pages
from tests.support.waiting import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

WORDS = "\u76ee\u307e\u3044, dizzy, \u0433\u043e\u043b\u043e\u0432\u0430 <&>"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a monitor that has run for some minutes of its own time, with a VT and a patient's event."""
    folder = tmp_path_factory.mktemp("monitor")
    scenario = SimulatorSettings(scenario="normal:40,vt:20,normal:30,electrode_off:20,normal:60,lost:3", speed=60.0)
    settings = Settings(
        device=DeviceSettings(id="bed-3"),
        source=SourceSettings(kind="simulator", simulator=scenario),
        mqtt=MqttSettings(host="127.0.0.1", port=free_port()),
        storage=StorageSettings(directory=str(folder / "storage"), recording_sync_s=1.0),
    )
    path = folder / "edge.toml"
    path.write_text(render(settings))
    daemon = Daemon(path)
    daemon.wait_ready()
    recording = folder / "storage" / "recording"
    wait_until(lambda: any(recording.glob("*.hea")), "a recording")
    send_command(folder / "storage", "mark", {"text": WORDS})
    closed = {"ventricular_tachycardia", "electrode_off"}
    wait_until(
        lambda: closed <= {event.kind for event in past_events(recording) if event.closed is not None}, timeout_s=60
    )
    daemon.stop()
    return path


@pytest.fixture
def ecg_edge(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs `ecg-edge ...`; it gives exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecg-edge", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed, complained = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed, complained

    return run


def folder_of(config: Path) -> Path:
    return config.parent / "storage" / "recording"


def number_of(config: Path, kind: str) -> int:
    return next(event.number for event in past_events(folder_of(config)) if event.kind == kind)


def test_events_lists_what_was_alarmed(ecg_edge: Run, config: Path) -> None:
    code, printed, _ = ecg_edge("events", config)
    lines = printed.splitlines()
    assert code == 0
    assert [int(line.split()[0]) for line in lines] == list(range(1, len(lines) + 1))
    assert any("high    ventricular tachycardia" in line for line in lines)
    assert any("patient event" in line and line.endswith(WORDS) for line in lines)


def test_events_of_a_day(ecg_edge: Run, config: Path) -> None:
    everything = json.loads(ecg_edge("events", config, "--json")[1])
    days = {event["onset"][:10] for event in everything}
    told = [event for day in days for event in json.loads(ecg_edge("events", config, "--day", day, "--json")[1])]
    assert len(told) == len(everything)
    assert ecg_edge("events", config, "--day", "yesterday")[0] == 0
    assert ecg_edge("events", config, "--day", "2001-01-01") == (0, "no events on 2001-01-01\n", "")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".csv"])
def test_an_event_is_exported_by_its_number(ecg_edge: Run, config: Path, tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("PIL", reason="Pillow comes with the extra [paper]")
    number = number_of(config, "ventricular_tachycardia")
    code, printed, _ = ecg_edge("export", config, tmp_path / f"vt{suffix}", "--event", number)
    assert code == 0
    assert f"around event {number}: ventricular tachycardia" in printed
    assert (tmp_path / f"vt{suffix}").stat().st_size > 1000
    if suffix == ".svg":
        text = (tmp_path / "vt.svg").read_text()
        assert "VT opened" in text
        assert "Rhythm: VT" in text


def test_the_last_event_and_a_uuid_are_exported(ecg_edge: Run, config: Path, tmp_path: Path) -> None:
    event = past_events(folder_of(config))[-1]
    by_name = json.loads(ecg_edge("export", config, tmp_path / "a.csv", "--event", "last", "--json")[1])
    by_uuid = json.loads(ecg_edge("export", config, tmp_path / "b.csv", "--event", event.uuid, "--json")[1])
    assert by_name["event"] == by_uuid["event"] == event.uuid
    assert by_name["start"] == by_uuid["start"]


def test_the_patients_words_stand_on_their_strip(ecg_edge: Run, config: Path, tmp_path: Path) -> None:
    number = number_of(config, "patient_event")
    for suffix in (".png", ".svg", ".pdf"):
        assert ecg_edge("export", config, tmp_path / f"mark{suffix}", "--event", number)[0] == 0
    assert "\u76ee\u307e\u3044" in (tmp_path / "mark.svg").read_text()


def test_a_report_tells_what_the_monitor_told(ecg_edge: Run, config: Path, tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab comes with the extra [paper]")
    events = past_events(folder_of(config))
    days = sorted({event.onset.date() for event in events})
    beats: dict[str, int] = {}
    duration_s = good_s = 0.0
    for day in days:
        code, printed, _ = ecg_edge("report", config, "--day", day, "--out", tmp_path / f"{day}.pdf", "--json")
        told = json.loads(printed)
        assert code == 0
        assert len(pdf_pages(tmp_path / f"{day}.pdf")) >= 3
        duration_s += told["summary"]["duration_s"]
        good_s += told["summary"]["good_signal_s"]
        for label, count in told["summary"]["beats"].items():
            beats[label] = beats.get(label, 0) + count
    with closing(sqlite3.connect(config.parent / "storage" / "outbox.sqlite")) as outbox:
        rows = outbox.execute("SELECT payload FROM message WHERE topic LIKE '%/summary/minute'").fetchall()
    minutes = [json.loads(row[0]) for row in rows]
    assert duration_s == pytest.approx(sum(minute["duration_s"] for minute in minutes), abs=0.1)
    for label in {label for minute in minutes for label in minute["beats"]}:
        assert beats[label] == sum(minute["beats"].get(label, 0) for minute in minutes)
    # Quality is kept each 5 s.
    assert good_s == pytest.approx(sum(minute["good_signal_s"] for minute in minutes), abs=30)


def test_the_last_day_is_reported_where_none_is_named(
    ecg_edge: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("reportlab", reason="reportlab comes with the extra [paper]")
    monkeypatch.chdir(tmp_path)
    code, printed, _ = ecg_edge("report", config)
    (written,) = tmp_path.iterdir()
    assert code == 0
    assert written.name.startswith("report-bed-3-2")
    assert printed.startswith(f"{written.name}: ")


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["export", "CONFIG", "OUT.png", "--event", "999"], "no event 999; give last, a number from 1 to"),
        (["export", "CONFIG", "OUT.png", "--event", "nobody"], "no event nobody"),
        (["export", "CONFIG", "--event", "last"], "is a settings file; name the file to write after it"),
        (["export", "CONFIG", "OUT.png", "OUT.svg", "--event", "last"], "a settings file and one file to write"),
        (["export", "EMPTY", "OUT.png", "--event", "last"], "there is no recording"),
        (["events", "EMPTY"], "there is no recording"),
        (["events", "CONFIG", "--day", "monday"], "write it like 2026-05-01"),
        (["report", "EMPTY"], "there is no recording"),
        (["report", "CONFIG", "--day", "2001-01-01"], "nothing is recorded from 2001-01-01"),
        (["report", "CONFIG", "--day", "2026-02-30"], "write it like 2026-05-01"),
        (["report", "CONFIG", "--out", "OUT.png"], "ends in .pdf"),
        (["report", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_cause(
    ecg_edge: Run, config: Path, tmp_path: Path, arguments: list[str], cause: str
) -> None:
    empty = tmp_path / "empty.toml"
    empty.write_text(render(Settings(storage=StorageSettings(directory=str(tmp_path / "nothing")))))
    names = {"CONFIG": str(config), "EMPTY": str(empty)}
    given = [names.get(each, each.replace("OUT", str(tmp_path / "out"))) for each in arguments]
    code, printed, complained = ecg_edge(*given)
    assert (code, printed) == (2, "")
    assert cause in complained
    assert complained.count("\n") == 1
    assert not list(tmp_path.glob("out*"))


def test_a_missing_library_is_named(
    ecg_edge: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library, suffix, name in (("PIL", ".png", "Pillow"), ("reportlab.pdfgen.canvas", ".pdf", "ReportLab")):
        monkeypatch.setitem(sys.modules, library, None)
        code, _, complained = ecg_edge("export", config, tmp_path / f"out{suffix}", "--event", "last")
        assert code == 2
        assert f"needs the package {name}: " in complained
        assert "[paper]'" in complained
    assert ecg_edge("export", config, tmp_path / "out.svg", "--event", "last")[0] == 0


def test_the_report_is_read_in_the_limits_of_its_day(config: Path) -> None:
    day = past_events(folder_of(config))[0].onset.date()
    told = read_day(folder_of(config), day)
    assert all(event.onset.date() == day for event in told.events)
    assert told.summary.start.date() == day
    assert told.summary.end - told.summary.start == timedelta(days=1)
    assert isinstance(told.date, date)
