"""`ecg-edge model use` and `rollback` with a running monitor."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from ecg.errors import ExitCode
from edge.inference.classifier import DEFAULT_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_model_is_tried_kept_and_rolled_back(device: Any, another: Callable[[str], Path]) -> None:
    device.restart()
    device.wait_for(DEFAULT_MODEL)
    used = device.model("use", str(another("2.0.0")), "--watch", "3", "--json")
    assert used.returncode == ExitCode.DONE, used.stderr
    result = json.loads(used.stdout)
    assert result["kept"]
    assert "beats are labelled" in result["text"]
    name = result["model"]
    assert name.startswith("resecanet-aami5_2.0.0_")
    assert device.status()["info"]["model_file"] == name
    listed = json.loads(device.model("list", "--json").stdout)
    assert listed["running"] == name
    assert {entry["file"]: entry.get("state") for entry in listed["models"]} == {name: "current", "shipped": "previous"}
    back = device.model("rollback")
    assert back.returncode == ExitCode.DONE, back.stderr
    assert back.stdout == f"shipped: the monitor runs {DEFAULT_MODEL}\n"
    nothing = device.model("rollback")
    assert nothing.returncode == ExitCode.USAGE
    assert "no previous model" in nothing.stderr


def test_a_monitor_that_does_not_start_gets_its_old_model_back(device: Any, another: Callable[[str], Path]) -> None:
    device.restart()
    device.wait_for(DEFAULT_MODEL)
    (device.folder / "broken").touch()
    used = device.model("use", str(another("2.0.0")), "--watch", "3")
    assert used.returncode == ExitCode.CHECK_FAILED
    (line,) = used.stderr.splitlines()
    assert "was rolled back" in line
    assert "failed with exit code 5: the unit is masked" in line
    assert device.store.selection().order == ["shipped"]


def test_a_monitor_that_refuses_the_model_gets_its_old_one_back_with_the_reason(
    device: Any, another: Callable[[str], Path]
) -> None:
    device.restart()
    device.wait_for(DEFAULT_MODEL)
    model = another("2.0.0")
    used = subprocess.Popen(
        device.command("use", str(model), "--watch", "6"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not device.store.names():  # as soon as it is in the store, the card loses a bit
        time.sleep(0.001)
    (name,) = device.store.names()
    path = device.store.path(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    _, errors = used.communicate()
    assert used.returncode == ExitCode.CHECK_FAILED
    assert "SHA-256" in errors
    assert f"the monitor runs {DEFAULT_MODEL}" in errors
    assert device.store.selection().order == ["shipped"]


def test_without_the_watching_process_the_monitor_rolls_back_by_itself(
    device: Any, another: Callable[[str], Path]
) -> None:
    device.restart()
    name = _on_trial(device, another("2.0.0"))
    with device.store.locked():
        device.store.begin_trial(name, 8.0)  # the rest of more than two minutes
    device.restart()
    device.wait_for(name)
    device.wait_for(DEFAULT_MODEL)
    assert "was not confirmed" in (device.folder / "daemon.log").read_text()


def test_a_power_cut_ends_a_trial(device: Any, another: Callable[[str], Path]) -> None:
    name = _on_trial(device, another("2.0.0"))
    device.kill()
    path = device.store.directory / "selection.json"
    selection = json.loads(path.read_bytes())
    assert selection["trial"]["model"] == name
    for key in ("from_s", "until_s"):
        selection["trial"][key] += 1e6  # as the machine's clock is then: before the trial began
    path.write_text(json.dumps(selection))
    device.restart()
    device.wait_for(DEFAULT_MODEL)


def test_a_refused_model_is_an_alarm_and_the_monitor_runs(device: Any, another: Callable[[str], Path]) -> None:
    chosen = device.model("use", str(another("2.0.0")), "--restart", "")
    assert chosen.returncode == ExitCode.DONE, chosen.stderr
    (name,) = device.store.names()
    device.store.path(name).write_bytes(device.store.path(name).read_bytes()[:-1000])
    device.restart()
    status = device.wait_for(DEFAULT_MODEL)
    (alarm,) = [alarm for alarm in status["alarms"]["alarms"] if alarm["kind"] == "model_refused"]
    assert alarm["priority"] == "low"
    assert name in alarm["evidence"]["cause"]
    assert alarm["evidence"]["model"].startswith("resecanet-aami5 ")
    assert "2.0.0" not in alarm["evidence"]["model"]
    listed = device.model("list")
    assert listed.returncode == ExitCode.CHECK_FAILED
    assert "is refused" in listed.stdout


def _on_trial(device: Any, model: Path) -> str:
    """Begin a trial, and kill who watches it; the model's name."""
    watcher = subprocess.Popen(device.command("use", str(model), "--watch", "60"), stdout=subprocess.PIPE)
    while device.store.selection().trial is None:
        time.sleep(0.01)
    name = device.store.selection().trial.model
    device.wait_for(name)
    watcher.send_signal(signal.SIGKILL)
    watcher.communicate()
    return str(name)
