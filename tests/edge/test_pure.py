"""The signal path and the rhythm rules load numpy and the shared ground, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib, pkgutil, sys
import numpy
before = set(sys.modules)
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
ours = {{"edge", "ecg"}}
loaded = {{name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names}}
print(sorted(loaded_name for loaded_name in loaded if loaded_name.partition(".")[0] not in ours | {{"numpy"}}))
rooms = {{tuple(name.split(".")[:2]) for name in loaded if name.startswith("edge.")}}
print(sorted(room for _, room in rooms))
"""


@pytest.mark.parametrize(
    ("package", "rooms"), [("edge.signal", ["signal"]), ("edge.rhythm", ["rhythm", "signal"])], ids=["signal", "rhythm"]
)
def test_a_pure_room_needs_numpy_alone(package: str, rooms: list[str]) -> None:
    program = PROGRAM.format(package=package)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", str(rooms)]


@pytest.mark.parametrize("module", ["ecg.alarms.settings", "edge.rhythm.settings"])
def test_settings_need_the_standard_library_alone(module: str) -> None:
    program = f"import sys, {module}; print([name for name in ('numpy', 'msgspec') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
