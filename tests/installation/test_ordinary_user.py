"""An ordinary user's monitor and the commands about it find the same state, whatever else is on the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from edge.config import Settings, render
from tests.support.ordinary_user import own_folder, run_as_ordinary_user, start_as_ordinary_user
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

EDGE: Final = (sys.executable, "-m", "edge.cli")
OWN_ETC: Final = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"')
"""Run a command with another /etc: the folder and the command follow."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        yield own_folder(Path(name))


@pytest.fixture
def service_settings(tmp_path: Path) -> tuple[str, ...]:
    """What stands before a command that is to find settings of a service on this machine."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        pytest.skip("only root can give a command another /etc (unshare of util-linux)")
    etc = tmp_path / "etc"
    (etc / "ecg-edge").mkdir(parents=True)
    (etc / "ecg-edge" / "ecg-edge.toml").write_text(render(Settings()).replace('id = "ecg-edge"', 'id = "service"'))
    for name in ("passwd", "group", "ld.so.cache"):
        shutil.copy(Path("/etc", name), etc / name)
    return (*OWN_ETC, str(etc))


@contextmanager
def monitor(home: Path, state: Path, environment: dict[str, str], before: tuple[str, ...]) -> Iterator[None]:
    """Run `ecg-edge run mine.toml` until it has recorded something."""
    (home / "mine.toml").write_text(render(Settings()).replace('id = "ecg-edge"', 'id = "mine"'))
    log = home / "log"
    with start_as_ordinary_user(home, [*EDGE, "run", "mine.toml"], log=log, environment=environment, before=before):
        wait_until((state / "control.socket").exists)
        recorded = state / "recording"
        wait_until(lambda: sum(file.stat().st_size for file in recorded.glob("*.dat")) > 5_000)
        yield


@pytest.mark.parametrize("service", [False, True], ids=["alone", "beside a service"])
@pytest.mark.parametrize("xdg", [False, True], ids=["usual folders", "XDG folders"])
def test_every_command_finds_the_users_own_monitor(
    home: Path, request: pytest.FixtureRequest, *, xdg: bool, service: bool
) -> None:
    environment = {"XDG_STATE_HOME": f"{home}/s", "XDG_CONFIG_HOME": f"{home}/c"} if xdg else {}
    state = home / ("s" if xdg else ".local/state") / "ecg-edge"
    before: tuple[str, ...] = request.getfixturevalue("service_settings") if service else ()

    def say(*arguments: str) -> str:
        done = run_as_ordinary_user(home, [*EDGE, *arguments], environment=environment, before=before)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with monitor(home, state, environment, before):
        assert json.loads(say("status", "--json"))["info"]["device"] == "mine"
        assert "marked" in say("mark").lower()
        wait_until(lambda: "patient" in say("events").lower())
        assert say("export", "strip.csv", "--last", "2s")
        assert "events" in say("report", "--out", "day.pdf")
        assert f'directory = "{state}"  # the default for this user' in say("config", "show")


def test_settings_of_the_users_own_win_over_those_of_the_service(home: Path, service_settings: tuple[str, ...]) -> None:
    def first_lines() -> list[str]:
        return run_as_ordinary_user(home, [*EDGE, "config", "show"], before=service_settings).stdout.splitlines()[:3]

    assert first_lines() == ["# /etc/ecg-edge/ecg-edge.toml", "[device]", 'id = "service"']
    own = home / ".config" / "ecg-edge" / "ecg-edge.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[device]\nid = "mine"\n')
    assert first_lines() == [f"# {own}", "[device]", 'id = "mine"']


def test_a_home_that_may_not_be_written_stops_no_monitor_and_each_command_names_the_folder(tmp_path: Path) -> None:
    own_folder(tmp_path)
    with tempfile.TemporaryDirectory() as name:
        closed = Path(name)  # of the user who runs the tests
        if os.geteuid() != 0:
            closed.chmod(0o500)
        environment = {"HOME": name}
        log = tmp_path / "log"
        (tmp_path / "mine.toml").write_text(render(Settings()))
        command = [*EDGE, "run", "mine.toml"]
        with start_as_ordinary_user(tmp_path, command, log=log, environment=environment):
            wait_until(lambda: "Watching" in log.read_text() and "storage_failed" in log.read_text())
            for verb in ("status", "mark", "events", "report"):
                done = run_as_ordinary_user(tmp_path, [*EDGE, verb], environment=environment)
                assert done.returncode != 0
                assert f"{name}/.local/state/ecg-edge" in done.stderr
                assert "Traceback" not in done.stderr
        closed.chmod(0o700)
