"""`ecg-converter install`: over a real ssh to a running monitor, and into the folder of an SD card."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecg.errors import ExitCode
from edge.config import Settings, render
from edge.inference.classifier import DEFAULT_MODEL
from edge.model_store import ModelStore, load_selected

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]


def test_over_ssh_the_device_rolls_back_and_gives_the_reason(
    sshd: Any, device: Any, another: Callable[[str], Path]
) -> None:
    (device.folder / "broken").touch()
    installation = sshd.install(device, another("2.0.0"))
    _, errors = installation.communicate()
    assert installation.returncode == ExitCode.CHECK_FAILED
    assert "the unit is masked" in errors
    assert device.store.selection().order == ["shipped"]


def test_over_ssh_a_device_with_keys_accepts_only_a_signed_model(
    sshd: Any, device: Any, another: Callable[[str], Path]
) -> None:
    keys = pytest.importorskip("converter.release.keys")
    keys.generate(device.folder / "clinic")
    (device.folder / "clinic.pub").rename(device.keys / "clinic.pub")
    device.restart()
    device.wait_for(DEFAULT_MODEL)
    model = another("2.0.0")
    model = model.rename(model.with_name("the clinic's model, 2.tflite"))
    installation = sshd.install(device, model)
    _, errors = installation.communicate()
    assert installation.returncode == ExitCode.USAGE
    assert "it is not signed (or was cut short), and this device trusts only clinic" in errors
    keys.sign(model, device.folder / "clinic")
    installation = sshd.install(device, model, "--json", watch_s=3)
    out, errors = installation.communicate()
    assert installation.returncode == ExitCode.DONE, errors
    result = json.loads(out)
    assert result["kept"]
    info = device.status()["info"]
    assert (info["model_file"], info["model_signed_by"]) == (result["model"], "clinic")


def test_a_connection_that_breaks_in_the_trial_does_not_stop_the_device(
    sshd: Any, device: Any, another: Callable[[str], Path]
) -> None:
    device.restart()
    device.wait_for(DEFAULT_MODEL)
    installation = sshd.install(device, another("2.0.0"))
    while device.store.selection().trial is None:
        assert installation.poll() is None, installation.communicate()
        time.sleep(0.01)
    (name,) = device.store.names()
    os.killpg(installation.pid, signal.SIGKILL)
    installation.communicate()
    deadline_s = time.monotonic() + 60
    while device.store.selection().current != name:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
    device.wait_for(name)


def test_a_host_is_no_option_of_ssh(shipped_model: Path, tmp_path: Path) -> None:
    done = _install(shipped_model, f"-oProxyCommand=touch {tmp_path}/ran")
    assert done.returncode == ExitCode.USAGE
    assert not (tmp_path / "ran").exists()


def test_every_python_of_the_installer_imports_nothing_from_where_it_stands() -> None:
    lines = (REPOSITORY / "install.sh").read_text().splitlines()
    started = [line for line in lines if re.search(r'(?<![\w-])(python3|bin/python"?) (?!--version|is )', line)]
    assert len(started) >= 6
    assert not [line for line in started if not re.search(r'(python3|bin/python"?) -I ', line)]
    assert lines.index("cd /") < min(map(lines.index, started))


def test_an_unknown_host_is_a_network_error(shipped_model: Path) -> None:
    done = _install(shipped_model, "nobody@bed-3.invalid")
    assert done.returncode == ExitCode.NETWORK
    assert "nothing was changed there" in done.stderr


def test_a_card_gets_a_model_with_which_its_first_start_works(
    device: Any, another: Callable[[str], Path], tmp_path: Path
) -> None:
    card = _card(tmp_path)
    done = _install(another("2.0.0"), str(card))
    assert done.returncode == ExitCode.DONE, done.stderr
    store = ModelStore.of(device.settings.model.__class__(), card)
    name = store.selection().current
    assert name.startswith("resecanet-aami5_2.0.0_")
    assert store.path(name).stat().st_mode & 0o777 == 0o644
    settings = device.settings.model.__class__(store=str(store.directory))
    chosen = load_selected(settings)
    assert (chosen.name, chosen.fault) == (name, None)


def test_a_card_keeps_its_model_where_the_new_one_is_damaged(another: Callable[[str], Path], tmp_path: Path) -> None:
    card = _card(tmp_path)
    assert _install(another("1.5.0"), str(card)).returncode == ExitCode.DONE
    damaged = another("2.0.0")
    damaged.write_bytes(damaged.read_bytes()[:-5000])
    done = _install(damaged, str(card))
    assert done.returncode == ExitCode.USAGE
    assert "no model card" in done.stderr
    assert ModelStore.of(Settings().model, card).selection().current.startswith("resecanet-aami5_1.5.0_")


def test_a_folder_without_an_installed_monitor_is_refused(shipped_model: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = _install(shipped_model, str(tmp_path))
    assert done.returncode == ExitCode.USAGE
    assert f"{tmp_path}/etc/ecg-edge/ecg-edge.toml and {tmp_path}/opt/ecg-edge missing" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["etc"]


def test_a_missing_folder_is_not_taken_for_a_host(shipped_model: Path, tmp_path: Path) -> None:
    done = _install(shipped_model, str(tmp_path / "absent"))
    assert done.returncode == ExitCode.USAGE
    assert "is no folder, and no host either" in done.stderr


def _card(folder: Path) -> Path:
    """Make what the installer leaves on a card, as far as a model's installation looks at it."""
    card = folder / "card"
    (card / "etc" / "ecg-edge").mkdir(parents=True)
    (card / "etc" / "ecg-edge" / "ecg-edge.toml").write_text(render(Settings()))
    (card / "opt" / "ecg-edge").mkdir(parents=True)
    return card


def _install(model: Path, to: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "converter.cli", "install", str(model), "--to", to]
    return subprocess.run(command, capture_output=True, text=True, check=False)
