"""Settings and state of an ordinary user lie in that user's own folders; those of the service stay where they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from edge.config import StorageSettings
from tests.support.ordinary_user import own_folder, run_as_ordinary_user

PROBE = "from edge.config import load_found; print(load_found(None).storage.folder, load_found(None).device.id)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return own_folder(tmp_path)


def found(home: Path, **environment: str) -> str:
    return run_as_ordinary_user(home, [sys.executable, "-c", PROBE], environment=environment).stdout


def test_the_state_of_an_ordinary_user_is_in_the_users_own_folder(home: Path) -> None:
    assert found(home) == f"{home}/.local/state/ecg-edge ecg-edge\n"


def test_the_folders_follow_xdg(home: Path) -> None:
    settings = home / "settings" / "ecg-edge" / "ecg-edge.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[device]\nid = "mine"\n')
    state = str(home / "state")
    assert found(home, XDG_CONFIG_HOME=str(home / "settings"), XDG_STATE_HOME=state) == f"{state}/ecg-edge mine\n"


def test_a_relative_xdg_folder_is_ignored(home: Path) -> None:
    assert found(home, XDG_STATE_HOME="state") == f"{home}/.local/state/ecg-edge ecg-edge\n"


@pytest.mark.parametrize("command", ["status", "mark", "events"])
def test_commands_of_an_ordinary_user_look_where_run_would_write(home: Path, command: str) -> None:
    ended = run_as_ordinary_user(home, [sys.executable, "-m", "edge.cli", command])
    assert f"{home}/.local/state/ecg-edge" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_keeps_the_systems_folder() -> None:
    assert StorageSettings().folder == Path("/var/lib/ecg-edge")


def test_a_directory_of_the_settings_wins() -> None:
    assert StorageSettings(directory="/somewhere").folder == Path("/somewhere")
