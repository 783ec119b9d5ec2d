"""`ecg-edge model` without a running monitor."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ecg.errors import ExitCode
from edge.config import ModelSettings, Settings, StorageSettings, render
from tests.support.crashing_model import write_crashing_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edge.toml"
    model = ModelSettings(store=str(tmp_path / "models"), trusted_keys=str(tmp_path / "keys"))
    path.write_text(render(Settings(model=model, storage=StorageSettings(directory=str(tmp_path / "storage")))))
    return path


def run(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", "model", *arguments, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_valid_model_passes_each_check(config: Path, shipped_model: Path) -> None:
    done = run(config, "verify", str(shipped_model), "--json")
    assert done.returncode == ExitCode.DONE, done.stderr
    checks = {result["check"]: result for result in json.loads(done.stdout)}
    assert {result["outcome"] for result in checks.values()} == {"passed"}
    assert list(checks) == ["model file", "golden beats", "model speed"]
    assert "no signature is demanded" in checks["model file"]["found"]


def test_a_damaged_model_fails_with_the_reason(config: Path, shipped_model: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(shipped_model.read_bytes().replace(b"model.json", b"model.joke"))
    done = run(config, "verify", str(damaged))
    assert done.returncode == ExitCode.CHECK_FAILED
    assert "has no model.json" in done.stdout
    refused = run(config, "use", str(damaged), "--restart", "")
    assert refused.returncode == ExitCode.USAGE
    assert f"Model file {damaged} is refused: the zip behind its flatbuffer has no model.json" in refused.stderr


def test_models_are_listed_and_unknown_facts_are_named(config: Path, shipped_model: Path) -> None:
    used = run(config, "use", str(shipped_model), "--restart", "", "--json")
    assert used.returncode == ExitCode.DONE, used.stderr
    name = json.loads(used.stdout)["model"]
    listed = run(config, "list")
    assert listed.returncode == ExitCode.DONE, listed.stderr
    assert listed.stdout.splitlines()[0] == f"current   {name}"
    assert listed.stdout.splitlines()[2] == "previous  shipped"
    assert "not known: no monitor runs" in listed.stdout
    back = run(config, "rollback", "--restart", "")
    assert back.stdout == "shipped: in use from the monitor's next start\n"


def test_a_path_in_the_settings_overrides_the_store_and_the_error_says_so(tmp_path: Path, shipped_model: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(render(Settings(model=ModelSettings(path=str(shipped_model), store=str(tmp_path / "models")))))
    done = run(path, "use", "shipped")
    assert done.returncode == ExitCode.USAGE
    assert "overrides the model store" in done.stderr
    assert not (tmp_path / "models").exists()


def test_a_store_without_write_permission_asks_for_sudo(tmp_path: Path, shipped_model: Path) -> None:
    path = tmp_path / "edge.toml"
    (tmp_path / "models").write_text("a file")
    path.write_text(render(Settings(model=ModelSettings(store=str(tmp_path / "models")))))
    done = run(path, "use", str(shipped_model))
    assert done.returncode == ExitCode.USAGE
    assert "cannot be written" in done.stderr
    assert "sudo" in done.stderr


def test_a_model_that_crashes_the_runtime_is_refused_like_any_other(
    config: Path, shipped_model: Path, tmp_path: Path
) -> None:
    crashing = tmp_path / "crashing.tflite"
    write_crashing_model(shipped_model, crashing)
    done = run(config, "verify", str(crashing))
    assert done.returncode == ExitCode.CHECK_FAILED
    assert "it crashes the model runtime (SIGSEGV)" in done.stdout
    refused = run(config, "use", str(crashing), "--restart", "")
    assert refused.returncode == ExitCode.USAGE
    assert "it crashes the model runtime (SIGSEGV)" in refused.stderr
    assert not list((tmp_path / "models").glob("*.tflite"))
