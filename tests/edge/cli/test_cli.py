"""The command line: one line for each error, the right exit code, an example in each help."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ecg.extras import how_to_install
from edge import __version__
from edge.cli import app, main
from edge.config import Settings, load

if TYPE_CHECKING:
    from pathlib import Path


def ecg_edge(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """Run a command in this process; give its exit code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["ecg-edge", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out, err


@pytest.mark.parametrize(
    "command",
    [
        ["demo"],
        ["run"],
        ["replay"],
        ["situations"],
        ["mark"],
        ["export"],
        ["config", "show"],
        ["config", "check"],
        ["config", "default"],
    ],
)
def test_each_command_has_help_with_an_example(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    code, out, _ = ecg_edge(capsys, monkeypatch, *command, "--help")
    assert code == 0
    assert f"Example: ecg-edge {' '.join(command)}" in " ".join(out.split())


def all_commands() -> list[list[str]]:
    """Give each command and subcommand, and the program itself."""
    groups = {(): app, **{(group.name,): group.typer_instance for group in app.registered_groups}}
    found: list[list[str]] = [list(group) for group in groups]
    for group, content in groups.items():
        for command in content.registered_commands:
            assert command.callback is not None
            found.append([*group, command.name or command.callback.__name__])
    return found


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_each_command_takes_h_and_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    code, out, _ = ecg_edge(capsys, monkeypatch, *command, "-h")
    assert (code, "Usage: ecg-edge" in out) == (0, True)
    assert ecg_edge(capsys, monkeypatch, *command, "--version") == (0, f"ecg-edge {__version__}\n", "")


def test_the_value_of_an_option_may_be_the_word_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, err = ecg_edge(capsys, monkeypatch, "mark", str(tmp_path / "none.toml"), "--text", "--version")
    assert (code, "none.toml" in err) == (2, True)


def test_without_a_command_the_help_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = ecg_edge(capsys, monkeypatch)
    assert code == 0
    assert "not a medical device" in out


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["watch"], "watch"),
        (["replay"], "RECORD"),
        (["replay", "a", "--chanel", "1"], "--chanel"),
        (["replay", "a", "--speed", "fast"], "--speed"),
        (["run", "/nonexistent/edge.toml"], "config default"),
        (["run", "/"], "/"),
        (["config", "check", "/nonexistent/edge.toml"], "/nonexistent/edge.toml"),
        (["demo", "--scenario", "normal:10,pwc:5"], "pvc"),
        (["replay", "a", "--model", "/nonexistent/model.tflite"], "/nonexistent/model.tflite"),
        (["replay", "a", "--config", "/nonexistent/edge.toml"], "/nonexistent/edge.toml"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_cause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], cause: str
) -> None:
    code, out, err = ecg_edge(capsys, monkeypatch, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("ecg-edge: ")
    assert err.count("\n") == 1
    assert cause in err


def test_three_mistakes_in_the_settings_are_all_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text('[mqtt]\nprot = 1\nkeepalive_s = "often"\n[rhythm]\npause_s = -1\n')
    code, _, err = ecg_edge(capsys, monkeypatch, "run", str(path))
    assert code == 2
    assert "3 mistakes" in err
    assert "did you mean mqtt.port?" in err
    assert "mqtt.keepalive_s" in err
    assert "rhythm.pause_s" in err


def test_the_default_settings_are_a_valid_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, out, _ = ecg_edge(capsys, monkeypatch, "config", "default")
    path = tmp_path / "edge.toml"
    path.write_text(out)
    assert load(path) == Settings()
    code, out, _ = ecg_edge(capsys, monkeypatch, "config", "check", str(path))
    assert (code, out) == (0, f"{path}: no mistakes\n")


def test_the_settings_in_force_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text("[mqtt]\nport = 8883\n")
    code, out, _ = ecg_edge(capsys, monkeypatch, "config", "show", str(path))
    assert code == 0
    assert "port = 8883" in out
    assert "keepalive_s = 30" in out


@pytest.mark.usefixtures("shipped_model")
def test_a_broken_record_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = tmp_path / "good.csv"
    good.write_text("time_s,ecg_mv\n" + "".join(f"{index / 250:.3f},0.0\n" for index in range(2500)))
    code, out, err = ecg_edge(capsys, monkeypatch, "replay", str(tmp_path / "none"), str(good))
    assert code == 2
    understood, result = out.splitlines()
    assert understood == "good: CSV (commas), ecg in mv, 250 Hz by column time, 10.0 s"
    assert result.startswith("good: 0:10 min, 0 beats")
    assert "warning: good: the signal is flat throughout; check the channel" in err
    assert "warning: good: not one beat was found in 10 s; check that the signal is an ECG" in err
    assert err.startswith("ecg-edge: ")
    assert err.count("\n") == 3


@pytest.mark.usefixtures("shipped_model")
def test_the_demo_monitors_a_heart_and_ends_by_itself() -> None:
    pytest.importorskip("amqtt", reason="amqtt is not installed (extra [demo])")
    command = [
        sys.executable,
        "-m",
        "edge.cli",
        "demo",
        "--speed",
        "20",
        "--scenario",
        "normal:15,asystole:8,normal:12",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    first = ended.stdout.splitlines()[:6]
    assert "simulated heart" in first[0]
    assert any("N normal" in line for line in first)
    assert "MQTT 5" not in ended.stdout
    assert "Local commands" not in ended.stdout
    assert "asystole opened" in ended.stdout
    assert "heart rate  7" in ended.stdout
    assert "status  offline" in ended.stdout
    assert "Alarms: 1 (asystole 1)" in ended.stdout


def test_the_demo_without_its_broker_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shipped_model: Path
) -> None:
    monkeypatch.setitem(sys.modules, "amqtt.broker", None)
    code, _, err = ecg_edge(capsys, monkeypatch, "demo", "--model", str(shipped_model))
    assert code == 2
    assert err == f"ecg-edge: the demo's broker is not installed: {how_to_install('demo')}\n"
