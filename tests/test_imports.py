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
print(*sorted(set(sys.modules) - before))
"""


MSGSPEC = {"msgspec", "typing_extensions"}  # which msgspec looks for


def loaded_modules(*names: str) -> set[str]:
    """Import modules, packages with all that is in them, in a fresh Python; give the modules that came with them."""
    command = [sys.executable, "-c", PROGRAM, *names]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def loaded(*names: str) -> set[str]:
    """As `loaded_modules`, but the packages outside the standard library that they belong to."""
    packages = {module.partition(".")[0] for module in loaded_modules(*names)}
    return {name for name in packages - sys.stdlib_module_names if not name.startswith("_")}


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


@pytest.mark.parametrize(
    ("package", "rooms"), [("edge.signal", {"signal"}), ("edge.rhythm", {"rhythm", "signal"})], ids=["signal", "rhythm"]
)
def test_what_decides_needs_no_other_room_of_the_monitor(package: str, rooms: set[str]) -> None:
    assert {name.split(".")[1] for name in loaded_modules(package) if name.startswith("edge.")} == rooms


@pytest.mark.parametrize("module", ["ecg.alarms.settings", "edge.rhythm.settings"])
def test_settings_need_the_standard_library_alone(module: str) -> None:
    assert loaded(module) <= {"ecg", "edge"}


@pytest.mark.parametrize("name", ["ecg.formats", "ecg.paper", "ecg.model_file"])
def test_a_library_is_loaded_only_when_it_is_needed(name: str) -> None:
    assert loaded(name) <= {"ecg", "numpy", *MSGSPEC}


def test_the_error_shell_needs_nothing() -> None:
    assert loaded("ecg.command_line") == {"ecg"}
