"""Hours and days of a real daemon, over restarts."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.errors import ExitCode
from edge.config import ReplaySettings, SimulatorSettings, SourceSettings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("shipped_model")


def record(folder: Path, name: str, start: str, minutes: int) -> SourceSettings:
    """Write a WFDB record of a flat line that says when it began."""
    samples = np.zeros(250 * 60 * minutes, dtype="<i2")
    (folder / f"{name}.dat").write_bytes(samples.tobytes())
    (folder / f"{name}.hea").write_text(f"{name} 1 250 {len(samples)} {start}\n{name}.dat 16 200/mV 16 0 0 0 0 ECG\n")
    return SourceSettings(kind="replay", replay=ReplaySettings(record=str(folder / name), speed=0))


def test_an_hour_is_summed_up_over_a_restart(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    first = record(tmp_path, "first", "12:10:00 01/05/2024", 10)
    assert launch(configure(mosquitto.port, first)).process.wait(30) == ExitCode.DONE
    second = record(tmp_path, "second", "12:30:00 01/05/2024", 35)
    assert launch(configure(mosquitto.port, second)).process.wait(30) == ExitCode.DONE
    wait_until(lambda: listener.bodies("summary/hour"))
    wait_until(lambda: len(listener.bodies("summary/minute")) == 45)
    (hour,) = listener.bodies("summary/hour")
    assert (hour["start"], hour["time"]) == ("2024-05-01T12:00:00.000Z", "2024-05-01T13:00:00.000Z")
    assert hour["duration_s"] == (10 + 30) * 60
    assert "sdnn_ms" not in hour  # nothing is known of a flat line
    assert hour["good_signal_share"] == 0
    assert listener.bodies("summary/day") == []


def test_a_kill_loses_no_published_minute(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    simulator = SimulatorSettings(scenario="normal:600", speed=60.0)
    config = configure(mosquitto.port, SourceSettings(kind="simulator", simulator=simulator))
    for count in (2, 4):
        daemon = launch(config)
        wait_until(lambda: len(listener.bodies("summary/minute")) >= count)  # noqa: B023
        daemon.stop(signal.SIGKILL)
    minutes = list({each["start"]: each for each in listener.bodies("summary/minute")}.values())  # some come twice
    today = minutes[-1]["start"][:10]  # the day may change while this runs
    told_s = sum(minute["duration_s"] for minute in minutes if minute["start"][:10] == today)
    for path in (tmp_path / "storage").glob("outbox.sqlite*"):
        shutil.copy(path, tmp_path)
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as database:
        (value,) = database.execute("SELECT value FROM state WHERE name = 'periods'").fetchone()
    day = next(period for period in json.loads(value) if period["name"] == "day")
    assert day["tally"]["duration"] / 360 >= told_s  # committed in one piece with the message
    assert day["tally"]["beats"]["N"] > 0
