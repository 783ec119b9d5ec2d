"""`ecg-edge doctor` as a real process, on simulated chips, brokers and models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from edge.config import Settings, render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class DoctorRun:
    """One run of the doctor."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._results: tuple[int, dict[str, dict[str, Any]]] | None = None

    def results(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """Wait for the end; give the exit code and the results by name."""
        if self._results is None:
            out, errors = self.process.communicate()
            assert "Traceback" not in errors
            self._results = self.process.returncode, {result["check"]: result for result in json.loads(out)}
        return self._results


def start_doctor(
    folder: Path, settings: Settings, *options: str, environment: dict[str, str] | None = None
) -> DoctorRun:
    """Start a run; its settings and other files are in a folder."""
    config = folder / "edge.toml"
    config.write_text(render(settings))
    command = [sys.executable, "-m", "edge.cli", "doctor", str(config), *options]
    environment = os.environ | (environment or {})
    return DoctorRun(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    )


@pytest.fixture
def run_doctor(tmp_path: Path) -> Callable[[Settings], tuple[int, dict[str, dict[str, Any]]]]:
    """Give a function that runs the doctor and gives its exit code and results by name."""
    return lambda settings: start_doctor(tmp_path, settings, "--json").results()


@pytest.fixture(scope="session")
def start() -> Callable[..., DoctorRun]:
    """Give `start_doctor`."""
    return start_doctor
