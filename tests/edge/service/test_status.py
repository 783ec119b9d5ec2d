"""The status of a running monitor, with and without a network."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from ecg.errors import ExitCode
from ecg.events import Vitals
from edge.cli.status_screen import follow, screen
from edge.config import SimulatorSettings, SourceSettings, load
from edge.control_socket import send_command
from edge.service.status import why_not_watching

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Group

NOW = datetime(2026, 5, 1, 12, 10, tzinfo=UTC)
GOOD = Vitals(index=0, heart_rate_bpm=72.0, rhythm=None, quality=0.9, faults=(), electrodes="on")


def ask(config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", "status", str(config), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def simulated(scenario: str) -> SourceSettings:
    return SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=10.0))


def why(vitals: Vitals | None = GOOD, *, silent_s: float = 0.0, fault: str | None = None) -> str | None:
    return why_not_watching(vitals, silent_s=silent_s, no_samples_s=2.0, fault=fault)


def answer(**changes: Any) -> dict[str, Any]:
    return {
        "watching": True,
        "broker": {"address": "localhost:1883", "connected": True, "undelivered": 0},
        "recording": {"state": "on"},
        "alarms": {"alarms": []},
        "info": {"device": "bed-3", "version": "1.0", "source": "a chip", "nominal_rate_hz": 500.0},
        "machine": {"uptime_s": 3725, "lost_s": 0.0, "recording": "on", "undelivered": 0},
        **changes,
    }


def shown(**changes: Any) -> str:
    paper = io.StringIO()
    Console(width=200, file=paper).print(screen(answer(**changes), now=NOW))
    return paper.getvalue()


@pytest.mark.usefixtures("shipped_model")
def test_a_running_monitor_answers_without_a_broker(
    *, closed_port: int, configure: Any, launch: Any, wait_until: Any
) -> None:
    config = configure(closed_port, simulated("normal:30,asystole:600"))
    daemon = launch(config)
    found: dict[str, Any] = {}

    def alarmed() -> bool:
        done = ask(config, "--json")
        if done.returncode == ExitCode.DONE:
            found.update(json.loads(done.stdout))
        return bool(found) and bool(found["alarms"]["alarms"])

    wait_until(alarmed)
    assert found["watching"] is True
    assert found["broker"]["connected"] is False
    assert "nothing listens there" in found["broker"]["trouble"]
    assert found["broker"]["undelivered"] >= 1
    assert found["recording"]["state"] == "on"
    assert found["event"]["kind"] == "asystole"
    assert found["info"]["model"] == "resecanet-aami5"
    plain = ask(config)
    assert plain.returncode == ExitCode.DONE
    assert "NOT CONNECTED" in plain.stdout
    assert "No heartbeat is detected" in plain.stdout
    assert daemon.stop() == ExitCode.DONE


@pytest.mark.usefixtures("shipped_model")
def test_the_screen_survives_a_restart_and_says_that_nothing_runs(
    *, closed_port: int, configure: Any, launch: Any, wait_until: Any
) -> None:
    config = configure(closed_port, simulated("normal:600"))
    folder = load(config).storage.folder

    def text(group: Group) -> str:
        paper = io.StringIO()
        Console(width=200, file=paper).print(group)
        return paper.getvalue()

    daemon = launch(config)
    wait_until((folder / "control.socket").exists)
    screens = follow(lambda: send_command(folder, "status", {})["status"])
    assert "front end" in text(next(screens))
    assert daemon.stop() == ExitCode.DONE
    gone = text(next(screens))
    assert "NOT RUNNING" in gone
    assert "last answer" in gone
    assert "front end" not in gone
    launch(config)
    wait_until(lambda: "front end" in text(next(screens)))


def test_without_a_monitor_the_command_says_so_and_fails(configure: Any, closed_port: int) -> None:
    done = ask(configure(closed_port, simulated("normal:10")))
    assert done.returncode == ExitCode.CHECK_FAILED
    assert "no monitor runs" in done.stderr
    assert done.stderr.count("\n") == 1


def test_watching_needs_samples_electrodes_and_good_signal() -> None:
    assert why() is None
    assert why(silent_s=3) == "no samples come from the front end"
    assert why(silent_s=3, fault="MISO stays high") == "MISO stays high"
    assert why(Vitals(0, None, None, None, ("no_samples",), None)) == "no samples come from the front end"
    assert why(Vitals(0, None, None, None, (), "off")) == "an electrode is off"
    assert why(Vitals(0, None, None, 0.2, ("muscle",), "on")) == "the signal is poor (muscle)"
    assert why(None) == why(Vitals(0, None, None, None, (), None)) == "the signal is not judged yet"


def test_a_fault_of_a_delivering_front_end_is_not_a_reason() -> None:
    assert why(fault="the chip was reset") is None


def test_unknown_values_are_shown_as_unknown() -> None:
    text = shown()
    for name in ("heart rate", "rhythm", "signal", "electrodes"):
        (line,) = [line for line in text.splitlines() if line.startswith(name)]
        assert line.split()[-1] == "unknown"
    assert "unknown; 0 s of samples lost" in text
    assert "unknown, unknown" in text  # room


def test_a_monitor_that_does_not_watch_says_why_first() -> None:
    assert shown(watching=False, trouble="an electrode is off").startswith(
        "ECG bed-3: NOT WATCHING: an electrode is off"
    )


def test_alarms_are_shown_by_priority_with_age_and_acknowledgement() -> None:
    high = {
        "priority": "high",
        "text": "The heart beats extremely fast.",
        "onset": "2026-05-01T12:07:00.000Z",
        "escalations": 2,
        "evidence": {},
    }
    low = {
        "priority": "low",
        "text": "Samples were lost.",
        "onset": "2026-05-01T10:05:00.000Z",
        "acknowledged": "2026-05-01T12:09:30.000Z",
        "acknowledged_by": "nurse",
        "evidence": {"cause": "MISO stays high"},
    }
    first, second = shown(alarms={"alarms": [low, high]}).splitlines()[1:3]
    assert first.startswith("  high   The heart beats extremely fast. For 3 min 0 s; not acknowledged")
    assert first.rstrip().endswith("raised again 2 times.")
    assert "For 2 h 5 min; acknowledged 30 s ago by nurse. MISO stays high" in second
