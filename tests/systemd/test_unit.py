"""systemd accepts the unit."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ecg.model_file.crash_trial import TRIAL_S

UNIT = Path(__file__).parents[2] / "systemd" / "ecg-edge.service"


@pytest.fixture
def analyze() -> str:
    """Give `systemd-analyze`; a machine without systemd can check no unit."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("no systemd-analyze here")
    return found


def test_a_start_with_two_models_that_never_end_is_in_time() -> None:
    """The selected one and the one before it; then the shipped one is loaded."""
    (limit,) = re.findall(r"^TimeoutStartSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    assert int(limit) > 2 * TRIAL_S + 15


def test_systemd_accepts_the_unit(tmp_path: Path, analyze: str) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/ecg-edge/bin/ecg-edge", "/bin/true"))  # it looks for the program
    found = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_the_unit_exposes_little(analyze: str) -> None:
    command = [analyze, "security", "--offline=yes", "--threshold=15", str(UNIT)]  # in tenths
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
