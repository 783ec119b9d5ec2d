"""What to install where the packages of an extra are missing: works for a clone of the repository and for a wheel."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

__all__ = ["how_to_install"]

_CLONE: Final = Path(__file__).parents[1]


def how_to_install(extra: str, *, clone: Path = _CLONE) -> str:
    """The command that adds an extra to the Python that runs: from the clone that runs; else its packages by name."""
    pip = _pip()
    if (clone / "pyproject.toml").is_file():
        return f"{pip} install '{clone}[{extra}]'"
    from importlib.metadata import requires  # noqa: PLC0415 - costs 20 ms, wanted once

    packages = []
    for requirement in requires("ecg-edge") or []:
        package, _, marker = requirement.partition(";")
        if f"extra == '{extra}'" in marker.replace('"', "'"):
            packages.append(f"'{package.strip()}'")
    return f"{pip} install {' '.join(packages)}"


def _pip() -> str:
    """What a shell has to be given for the pip of this Python: its name where it is the first on PATH."""
    first = shutil.which("pip")
    return "pip" if first and Path(first).parent == Path(sys.executable).parent else f"{sys.executable} -m pip"
