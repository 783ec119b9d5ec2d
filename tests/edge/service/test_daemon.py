"""`ecg-edge run` as a real process against a real broker."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
import signal
import socket
import sqlite3
import tempfile
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from ecg.errors import ExitCode, InputError
from edge.config import ReplaySettings, SimulatorSettings, SourceSettings, StorageSettings, load, render
from edge.storage.strips import requested_strip

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.notices import Strip

pytestmark = pytest.mark.usefixtures("shipped_model")

DEVICE = "bed-3"
WILL_S = 40.0  # the will comes 15 s after the loss


def simulated(scenario: str, *, speed: float = 10.0) -> SourceSettings:
    return SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=speed))


def topic(name: str) -> str:
    return f"ecg/{DEVICE}/{name}"


def bodies(listener: Any, name: str) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in listener.payloads(topic(name))]


def stored_events(config: Path) -> int:
    """Count the alarm messages in an outbox that its owner may have open: it is copied with its journal."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (config.parent / "storage").glob("outbox.sqlite*"):
            with suppress(FileNotFoundError):  # a journal that SQLite has just deleted
                shutil.copy(path, folder)
        with closing(sqlite3.connect(f"{folder}/outbox.sqlite")) as database:
            try:
                (count,) = database.execute("SELECT COUNT(*) FROM message WHERE urgent > 0").fetchone()
            except sqlite3.Error:  # copied in the middle of a write
                return 0
    return int(count)


def test_a_caregiver_gets_vitals_beats_alarms_and_summaries(
    mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:20,asystole:10,normal:40")))
    wait_until(lambda: bodies(listener, "summary/minute"))
    rates = [vitals.get("heart_rate_bpm") for vitals in bodies(listener, "vitals")]
    assert any(rate is not None and 60 < rate < 85 for rate in rates)
    assert 0 not in rates
    assert {beat["label"] for beats in bodies(listener, "beats") for beat in beats["beats"]} >= {"N"}
    opened = [event for event in bodies(listener, "event") if event["kind"] == "asystole"]
    assert opened[0]["state"] == "opened"
    assert opened[0]["priority"] == "high"
    info = bodies(listener, "info")[0]
    assert info["source"].startswith("simulator")
    assert info["model"] == "resecanet-aami5"


def test_a_late_subscriber_gets_status_info_and_active_alarms(
    mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    early = listen()
    launch(configure(mosquitto.port, simulated("normal:15,electrode_off:600")))
    wait_until(lambda: any(event["kind"] == "electrode_off" for event in bodies(early, "event")))
    wait_until(lambda: bodies(early, "alarms")[-1]["alarms"])
    late = listen()
    wait_until(lambda: bodies(late, "alarms") and bodies(late, "info") and late.payloads(topic("status")))
    assert late.payloads(topic("status")) == [b"online"]
    assert "electrode_off" in {alarm["kind"] for alarm in bodies(late, "alarms")[0]["alarms"]}
    assert bodies(late, "event") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_sends_the_remaining_messages_and_offline(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, number: int
) -> None:
    listener = listen()
    daemon = launch(configure(mosquitto.port, simulated("normal:300")))
    wait_until(lambda: bodies(listener, "vitals"))
    assert daemon.stop(number) == ExitCode.DONE
    wait_until(lambda: b"offline" in listener.payloads(topic("status")))
    assert bodies(listener, "summary/minute")  # the minute that had begun
    assert listener.messages[-1].payload == b"offline"
    assert "Everything is delivered" in daemon.log
    assert "Traceback" not in daemon.log


def test_a_kill_is_announced_by_the_will(
    mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    daemon = launch(configure(mosquitto.port, simulated("normal:300")))
    wait_until(lambda: bodies(listener, "vitals"))
    daemon.stop(signal.SIGKILL)
    wait_until(lambda: listener.payloads(topic("status"))[-1] == b"offline", timeout_s=WILL_S)


def test_alarms_of_an_outage_and_a_kill_arrive_after_the_restart(
    mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    mosquitto.stop()
    config = configure(mosquitto.port, simulated("normal:15,asystole:10,normal:15,vt:10,normal:600"))
    first = launch(config)
    wait_until(lambda: "nothing listens there" in first.log)
    # 50 s of the scenario, at 10 times real time, are over soon after this.
    wait_until(lambda: stored_events(config) >= 4)
    first.stop(signal.SIGKILL)
    stored = stored_events(config)
    mosquitto.start()
    launch(config)
    wait_until(lambda: len(bodies(listener, "event")) >= stored)
    arrived = bodies(listener, "event")[:stored]
    times = [event["time"] for event in arrived]
    assert times == sorted(times)
    assert [event["kind"] for event in arrived].count("asystole") >= 1


def test_a_refusing_broker_does_not_stop_the_monitoring(
    mosquitto: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    mosquitto.stop()
    mosquitto.configure("allow_anonymous false")
    mosquitto.start()
    config = configure(mosquitto.port, simulated("normal:15,asystole:10,normal:600"))
    daemon = launch(config)
    wait_until(lambda: stored_events(config) >= 1)
    assert daemon.log.count("cannot be used") == 1
    assert "mqtt.username" in daemon.log
    assert daemon.stop() == ExitCode.DONE
    assert "wait in the outbox" in daemon.log


def test_a_recording_that_ends_stops_the_daemon_in_order(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    recording = tmp_path / "flat.csv"
    recording.write_text("time_s,ecg_mv\n" + "".join(f"{index / 250:.3f},0.0\n" for index in range(250 * 20)))
    source = SourceSettings(kind="replay", replay=ReplaySettings(record=str(recording), speed=0))
    daemon = launch(configure(mosquitto.port, source))
    assert daemon.process.wait(20) == ExitCode.DONE
    wait_until(lambda: listener.payloads(topic("status"))[-1:] == [b"offline"])
    assert bodies(listener, "summary/minute")
    assert "The source has ended" in daemon.log


def test_a_source_that_fails_midway_sends_what_was_detected_and_names_the_cause(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    recording = tmp_path / "broken"
    (tmp_path / "broken.dat").write_bytes(bytes(2 * 250 * 20))
    (tmp_path / "broken.hea").write_text("broken 1 250 5000\nbroken.dat 16 200/mV 12 0 0 77 0 ECG\n")  # sum 77: damaged
    source = SourceSettings(kind="replay", replay=ReplaySettings(record=str(recording), speed=0))
    daemon = launch(configure(mosquitto.port, source))
    assert daemon.process.wait(20) == ExitCode.USAGE
    wait_until(lambda: bodies(listener, "summary/minute") and listener.payloads(topic("status"))[-1:] == [b"offline"])
    (line,) = [line for line in daemon.log.splitlines() if line.startswith("ecg-edge: ")]
    assert "broken" in line
    assert "Traceback" not in daemon.log


def test_a_silent_source_is_reported_in_the_log_and_in_the_vitals(
    mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    daemon = launch(configure(mosquitto.port, simulated("normal:6,lost:12", speed=3.0)))
    wait_until(lambda: any("no_samples" in vitals["faults"] for vitals in bodies(listener, "vitals")))
    assert all(
        "heart_rate_bpm" not in vitals for vitals in bodies(listener, "vitals") if "no_samples" in vitals["faults"]
    )
    assert daemon.log.count("the heart is not being watched") == 1
    wait_until(lambda: "Samples are coming again" in daemon.log)


def test_the_service_manager_hears_ready_and_stopping(
    mosquitto: Any, configure: Any, launch: Any, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000", "JOURNAL_STREAM": "1:1"}
        daemon = launch(configure(mosquitto.port, simulated("normal:300", speed=1.0)), environment)
        assert manager.recv(100) == b"READY=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        daemon.process.terminate()
        while (heard := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert heard == b"STOPPING=1"
        daemon.process.wait(20)
    assert all(line.startswith("<") for line in daemon.log.splitlines())


def test_an_alarm_is_followed_by_its_strip_and_both_are_in_the_recording_after_a_kill(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:20,asystole:10,normal:600"))
    daemon = launch(config)

    def strips() -> list[str]:
        return [message.topic for message in listener.messages if "/strip/" in message.topic]

    wait_until(strips)
    (event, *_) = bodies(listener, "event")
    assert strips()[0] == topic(f"strip/{event['uuid']}")
    (strip, *_) = bodies(listener, f"strip/{event['uuid']}")
    assert strip["rate_hz"] == 500.0
    assert len(base64.b64decode(strip["samples"])) == 30 * 500 * 2
    wait_until(lambda: requested_or_none(config, event["uuid"]))  # as soon as the next sync is done
    daemon.stop(signal.SIGKILL)
    stored = requested_or_none(config, event["uuid"])
    assert stored is not None
    assert len(stored.samples_mv) == pytest.approx(30 * 500, abs=30)


def test_a_full_disk_stops_neither_alarms_nor_vitals_and_recording_continues_by_itself(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, small_disk: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:20,asystole:10"))
    storage = StorageSettings(directory=str(small_disk.path), recording_leave_free_mb=0, recording_sync_s=0.2)
    settings = load(config)
    config.write_text(render(dataclasses.replace(settings, storage=storage)))
    daemon = launch(config)
    wait_until(lambda: bodies(listener, "vitals"))
    with small_disk.only_free(0):
        wait_until(lambda: "No space left" in daemon.log)
        before = len(bodies(listener, "event")), len(bodies(listener, "vitals"))
        wait_until(lambda: len(bodies(listener, "event")) >= before[0] + 4)
        assert len(bodies(listener, "vitals")) > before[1]
    wait_until(lambda: "Recording continues; 0 s of this session are not on the disk" in daemon.log)
    assert daemon.stop() == ExitCode.DONE
    assert "Traceback" not in daemon.log


def requested_or_none(config: Path, uuid: str) -> Strip | None:
    """Cut the strip of an event out of the daemon's recording, once all of it is there."""
    try:
        strip = requested_strip(load(config).storage, event=uuid)
    except InputError:
        return None
    return strip if len(strip.samples_mv) > 14_900 else None
