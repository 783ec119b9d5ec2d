"""An upgrade in place: what version 0.1.0 left behind when its power went (see make_state.py) is read by this one."""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.formats.alarm_note import AlarmNote
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import read_annotations
from edge.cli import main
from edge.config import load
from edge.model_store import load_selected

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = Path(__file__).with_name("state.tar.xz")
MODEL = "tiny_1_f2b1901416c4.tflite"


class Device:
    """The folder of a device that version 0.1.0 worked in."""

    def __init__(self, folder: Path, port: int) -> None:
        self.storage = folder / "storage"
        self.config = folder / "edge.toml"
        with tarfile.open(STATE) as packed:
            packed.extractall(folder, filter="data")
        text = self.config.read_text()
        self.config.write_text(text.replace("FOLDER", str(folder)).replace("PORT", str(port)))

    @property
    def waiting(self) -> list[tuple[str, bytes]]:
        """Topics and payloads of the messages that were not delivered, alarms first, each oldest first."""
        with closing(sqlite3.connect(self.storage / "outbox.sqlite")) as database:
            return database.execute("SELECT topic, payload FROM message ORDER BY urgent DESC, id").fetchall()

    def kept(self, name: str) -> Any:
        """What it kept under a name."""
        with closing(sqlite3.connect(self.storage / "outbox.sqlite")) as database:
            return json.loads(database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()[0])

    def set_clock(self) -> None:
        """Let the snooze end in half an hour, and the running hour and day be over, whenever the test is run."""
        alarms, periods = self.kept("alarms"), self.kept("periods")
        for snooze in alarms["snoozes"]:
            snooze["until"] = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
        for period in periods:
            period["start"] = period["start"].replace("2026", "2025")
        with closing(sqlite3.connect(self.storage / "outbox.sqlite")) as database, database:
            for name, value in (("alarms", alarms), ("periods", periods)):
                row = (json.dumps(value).encode(), name)
                database.execute("UPDATE state SET value = ? WHERE name = ?", row)


@pytest.fixture
def device(tmp_path: Path, closed_port: int) -> Device:
    """A device whose broker is away."""
    return Device(tmp_path, closed_port)


def test_its_settings_are_accepted_with_advice_on_the_old_name(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        settings = load(device.config)

    assert settings.host.close_s == 0.5
    assert settings.host.storage_free_mb == 1.0
    assert settings.storage.recording_sync_s == 0.2
    assert [record.message for record in caplog.records] == [
        f"{device.config}: technical is now called host; the next version will not accept the old name"
    ]


def test_the_model_that_was_chosen_is_used(device: Device) -> None:
    selected = load_selected(load(device.config).model)

    assert selected.fault is None
    assert selected.classifier.file_name == MODEL


def test_its_recording_is_read_with_its_alarms(device: Device) -> None:
    first, second = sorted((device.storage / "recording").glob("*.hea"))
    notes = [
        AlarmNote.parse(annotation.aux)
        for path in (first, second)
        for annotation in read_annotations(path.with_suffix(".edge"))
    ]
    told = [(note.kind, note.state) for note in notes if note is not None]

    assert [open_recording(path.with_suffix("")).length for path in (first, second)] == [17000, 12500]
    assert told == [("asystole", "opened"), ("asystole", "closed"), ("asystole", "opened"), ("patient_event", "opened")]


@pytest.mark.parametrize("name", ["out", "out.edf", "out.csv", "out.png"])
def test_an_alarm_of_its_recording_is_exported(
    device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name.endswith("edf"):
        pytest.importorskip("edfio", reason="edfio is not installed (extra [edf])")
    uuid = json.loads(device.waiting[0][1])["uuid"]
    arguments = ["ecg-edge", "export", str(device.config), str(tmp_path / name), "--event", uuid, "--json"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["seconds"] > 5
    if not name.endswith("png"):
        blocks = open_recording(tmp_path / name).blocks()
        assert np.isfinite(np.concatenate([block.samples_mv for block in blocks])).mean() > 0.9


def test_its_messages_arrive_and_its_alarms_are_closed_as_nobody_knows_how_old_they_are(
    tmp_path: Path, mosquitto: Any, listen: Any, launch: Any, wait_until: Callable[..., None]
) -> None:
    device = Device(tmp_path, mosquitto.port)
    device.set_clock()
    waiting = device.waiting
    events = [payload for topic, payload in waiting if topic.endswith("/event")]
    kept = {alarm["kind"]: alarm for alarm in device.kept("alarms")["alarms"]}
    assert {"asystole", "patient_event"} < set(kept)
    periods = device.kept("periods")
    caregiver = listen()

    daemon = launch(device.config)

    # The same scenario again: asystole, after 20 s of the stream.
    def new(kind: str, state: str) -> list[dict[str, Any]]:
        told = caregiver.bodies("event")[len(events) :]
        return [each for each in told if (each["kind"], each["state"]) == (kind, state)]

    wait_until(lambda: new("asystole", "opened"))

    arrived = [(message.topic, bytes(message.payload)) for message in caregiver.messages]
    for channel in ("event", "summary/minute"):  # in the order in which they came about, before what is new
        topic = f"ecg/bed-3/{channel}"
        old = [payload for where, payload in waiting if where == topic]
        assert old
        assert [payload for where, payload in arrived if where == topic][: len(old)] == old
    assert {where for where, _ in waiting} <= {where for where, _ in arrived}

    closed = {kind: new(kind, "closed")[0] for kind in kept}
    assert {kind: alarm["uuid"] for kind, alarm in closed.items()} == {kind: kept[kind]["uuid"] for kind in kept}
    assert {alarm["evidence"]["reason"] for alarm in closed.values()} == {"restart"}
    assert [snooze["kind"] for snooze in caregiver.bodies("alarms")[0]["snoozes"]] == ["bigeminy"]
    (again,) = new("asystole", "opened")
    assert again["uuid"] != kept["asystole"]["uuid"]
    assert "acknowledged_by" not in again
    assert [event["evidence"]["cause"] for event in caregiver.bodies("event") if "cause" in event["evidence"]] == [
        "the monitor stopped without notice and was started again"
    ]
    assert caregiver.bodies("info")[-1]["model_file"] == MODEL

    daemon.stop()  # with it the minute that had begun, and so the hour and the day before it
    for period in periods:
        summary = caregiver.bodies(f"summary/{period['name']}")[0]
        assert datetime.fromisoformat(summary["start"]) == datetime.fromisoformat(period["start"])
        assert summary["beats"] == period["tally"]["beats"]
    assert "Traceback" not in daemon.log
