"""Runs a command as an ordinary user with an empty home, also where the tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

__all__ = ["BECOME_NOBODY", "own_folder", "run_as_ordinary_user", "start_as_ordinary_user"]

REPOSITORY: Final = Path(__file__).parents[2]
NOBODY: Final = 65534

# The interpreter and the checkout may lie below root's own home, so the user may read everything; writing is as for
# any user.
BECOME_NOBODY: Final = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
)


def own_folder(folder: Path) -> Path:
    """Give a folder to the ordinary user.

    Skips the test where root cannot become an ordinary user.
    """
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None or subprocess.run([*BECOME_NOBODY, "true"], check=False).returncode:
            pytest.skip("root cannot become an ordinary user here (setpriv of util-linux)")
        os.chown(folder, NOBODY, NOBODY)
    return folder


def run_as_ordinary_user(
    home: Path,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
    timeout_s: float = 200,
) -> subprocess.CompletedProcess[str]:
    """Run a command in `home` as the user who owns it; no variables but HOME, PATH and those given.

    What is in `before` runs it, still as the user of the tests.
    """
    return subprocess.run(
        [*before, *_become(), *command],
        cwd=home,
        env=_environment(home, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


@contextmanager
def start_as_ordinary_user(
    home: Path,
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
    expected: Container[int] = (0,),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command as `run_as_ordinary_user` runs it, in a group of its own; what it says goes to `log`.

    It is told to end at the end of the context; then its exit status must be one of those `expected`.
    """
    with (
        log.open("wb") as said,
        subprocess.Popen(
            [*before, *_become(), *command],
            cwd=home,
            env=_environment(home, environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        ) as running,
    ):
        try:
            yield running
        finally:
            running.terminate()
    assert running.returncode in expected, log.read_text()


def _become() -> Sequence[str]:
    return BECOME_NOBODY if os.geteuid() == 0 else ()


def _environment(home: Path, more: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        **(more or {}),
    }
