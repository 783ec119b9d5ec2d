"""`ecg-edge run --source ads1292` as a real process: messages while the front end fails and recovers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecg.errors import ExitCode
from edge.config import DeviceSettings, MqttSettings, Settings, StorageSettings, render

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("shipped_model")

DEVICE = "bed-3"


@pytest.fixture
def daemon(mosquitto: Any, front_end: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give the running daemon."""
    settings = Settings(
        device=DeviceSettings(id=DEVICE),
        mqtt=MqttSettings(host="127.0.0.1", port=mosquitto.port),
        storage=StorageSettings(directory=str(tmp_path / "storage")),
    )
    config = tmp_path / "edge.toml"
    config.write_text(render(settings))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", "run", str(config), "--source", "ads1292"],
            stderr=log,
            env=os.environ | front_end.environment,
        )
    yield process
    process.kill()
    process.wait()


def bodies(listener: Any, name: str) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in listener.payloads(f"ecg/{DEVICE}/{name}")]


def children(process: subprocess.Popen[bytes]) -> list[str]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(") ")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process.pid and state != "Z":
            found.append(stat.parent.name)
    return found


def test_a_caregiver_learns_the_cause_of_an_outage_and_monitoring_resumes(
    *, daemon: subprocess.Popen[bytes], listen: Any, front_end: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    wait_until(lambda: any("heart_rate_bpm" in each for each in bodies(listener, "vitals")))
    assert bodies(listener, "info")[0]["source"] == "ads1292 CJMCU-1292 module"
    front_end.set(faults={"stuck_miso": 255})
    wait_until(
        lambda: any(
            event["kind"] == "no_samples" and "withheld" in event["evidence"] for event in bodies(listener, "event")
        )
    )
    (event,) = [event for event in bodies(listener, "event") if "withheld" in event["evidence"]][:1]
    assert "MISO (DOUT) stays high" in event["evidence"]["cause"]
    wait_until(lambda: "no_samples" in bodies(listener, "vitals")[-1]["faults"])
    assert "heart_rate_bpm" not in bodies(listener, "vitals")[-1]
    front_end.set(faults={})
    wait_until(lambda: "heart_rate_bpm" in bodies(listener, "vitals")[-1], timeout_s=40)
    assert 70 < bodies(listener, "vitals")[-1]["heart_rate_bpm"] < 80
    acquisition = children(daemon)
    assert acquisition
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(20) == ExitCode.DONE
    wait_until(lambda: not any(Path("/proc", pid).exists() for pid in acquisition))
    log = (tmp_path / "log").read_text()
    assert "ADS1292R answers" in log
    assert "Traceback" not in log


def test_an_acquisition_process_that_hangs_is_an_alarm_with_its_cause_and_is_restarted(
    *, daemon: subprocess.Popen[bytes], listen: Any, wait_until: Any
) -> None:
    listener = listen()
    wait_until(lambda: any("heart_rate_bpm" in each for each in bodies(listener, "vitals")))
    (acquisition,) = children(daemon)
    os.kill(int(acquisition), signal.SIGSTOP)

    def causes() -> list[str]:
        told = [event for event in bodies(listener, "event") if event["kind"] == "no_samples"]
        return [event["evidence"].get("cause", "") for event in told]

    wait_until(lambda: any("does not answer" in cause for cause in causes()), timeout_s=40)
    wait_until(lambda: children(daemon) not in ([], [acquisition]), timeout_s=40)
    wait_until(lambda: "heart_rate_bpm" in bodies(listener, "vitals")[-1], timeout_s=60)
