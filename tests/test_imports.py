"""What a package loads, with every module in it: who needs only a part of this project gets only that part.

The order of the layers is checked by import-linter, see pyproject.toml; here it is what is really loaded.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib, pkgutil, sys
before = set(sys.modules)
names = sys.argv[1:]
while names:
    module = importlib.import_module(names.pop())
    if hasattr(module, "__path__"):
        names += [f"{module.__name__}.{found.name}" for found in pkgutil.iter_modules(module.__path__)]
packages = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(name for name in packages - sys.stdlib_module_names if not name.startswith("_")))
"""


MSGSPEC = {"msgspec", "typing_extensions"}  # which msgspec looks for


def loaded(*names: str) -> set[str]:
    """Import modules, packages with all that is in them, in a fresh Python; give the packages that came with them."""
    command = [sys.executable, "-c", PROGRAM, *names]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "name",
    [
        "ecg.alarms",
        "ecg.errors",
        "ecg.events",
        "ecg.notices",
        "ecg.recording",
        "ecg.samples",
        "ecg.scale",
        "ecg.source",
        "ecg.summary",
        "ecg.timing",
    ],
)
def test_what_flows_needs_numpy_alone(name: str) -> None:
    assert loaded(name) <= {"ecg", "numpy"}


def test_the_wire_stands_alone() -> None:
    assert loaded("ecg.protocol") <= {"ecg", "numpy", *MSGSPEC}


@pytest.mark.parametrize("name", ["edge.rhythm", "edge.signal", "edge.simulator"])
def test_what_decides_needs_numpy_alone(name: str) -> None:
    assert loaded(name) == {"ecg", "edge", "numpy"}


@pytest.mark.parametrize("name", ["ecg.formats", "ecg.paper", "ecg.model_file"])
def test_a_library_is_loaded_only_when_it_is_needed(name: str) -> None:
    assert loaded(name) <= {"ecg", "numpy", *MSGSPEC}


def test_the_error_shell_needs_nothing() -> None:
    assert loaded("ecg.command_line") == {"ecg"}
