"""Hints on missing packages name what works: ecg-edge is on no package index."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ecg.extras import how_to_install


@pytest.fixture(autouse=True)
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this Python be the first on PATH that has a pip, as in a virtual environment that was activated."""
    for name in ("pip", "python"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))


def test_a_clone_is_installed_from_itself() -> None:
    assert how_to_install("edf") == f"pip install '{Path(__file__).parents[2]}[edf]'"


def test_beside_a_wheel_the_packages_are_named(tmp_path: Path) -> None:
    assert how_to_install("edf", clone=tmp_path) == "pip install 'edfio>=0.4'"
    assert how_to_install("pi", clone=tmp_path).count("'") == 6


def test_a_python_that_is_not_the_first_on_the_path_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert how_to_install("edf").startswith(f"{sys.executable} -m pip install '")
