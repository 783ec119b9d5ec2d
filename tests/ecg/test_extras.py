"""Hints on missing packages name what works: ecg-edge is on no package index."""

from __future__ import annotations

from pathlib import Path

from ecg.extras import how_to_install


def test_a_clone_is_installed_from_itself() -> None:
    assert how_to_install("edf") == f"pip install '{Path(__file__).parents[2]}[edf]'"


def test_beside_a_wheel_the_packages_are_named(tmp_path: Path) -> None:
    assert how_to_install("edf", clone=tmp_path) == "pip install 'edfio>=0.4'"
    assert how_to_install("pi", clone=tmp_path).count("'") == 6
