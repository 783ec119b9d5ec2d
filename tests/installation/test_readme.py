"""The README's commands work: each line, in an empty home, as a user without rights."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.ordinary_user import BECOME_NOBODY, own_folder, run_as_ordinary_user
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY: Final = Path(__file__).parents[2]
PROGRAMS: Final = {"ecg-edge": "edge.cli", "ecg-converter": "converter.cli"}

ONLY_HELP: Final = {
    "ecg-edge run --source": "needs a front end",
    "ecg-edge selftest": "needs a front end",
    "ecg-edge demo": "has a test of its own",
    "ecg-edge situations": "has a test of its own",
    "ecg-edge replay": "needs recordings",
    "ecg-converter data fetch": "needs the network",
    "ecg-converter train": "takes hours",
    "ecg-converter install": "needs a device",
}
"""Commands of which the README's options are looked for in the help."""

EXPECTED_STATUS: Final = {"ecg-edge doctor": {0, 1, 4}}
"""`doctor` fails where there is no broker, which it says."""


def readme_lines() -> list[str]:
    """Give every line of the README's shell blocks, without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def monitors_lines() -> list[str]:
    return [line for line in readme_lines() if line.removeprefix("sudo ").split()[0] in PROGRAMS]


def only_help(words: list[str]) -> bool:
    bare = " ".join(word for word in words if not word.endswith(".toml"))
    return any(bare.startswith(command) for command in ONLY_HELP)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home with the repository's models, in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = own_folder(Path(name))
        models = folder / "models"
        models.mkdir()
        own_folder(models)
        for model in (REPOSITORY / "models").glob("resecanet-aami5.*"):
            (models / model.name).write_bytes(model.read_bytes())
            own_folder(models / model.name)
        yield folder


@pytest.fixture(scope="module")
def monitor(home: Path) -> Iterator[Path]:
    """`ecg-edge config default > ecg-edge.toml`, then `ecg-edge run ecg-edge.toml`."""
    settings = run_as_ordinary_user(home, [sys.executable, "-m", "edge.cli", "config", "default"])
    assert settings.returncode == 0, settings.stderr
    (home / "ecg-edge.toml").write_text(settings.stdout)
    become = BECOME_NOBODY if os.geteuid() == 0 else ()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}
    command = [*become, sys.executable, "-m", "edge.cli", "run", "ecg-edge.toml"]
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, cwd=home, env=environment, stderr=log, stdout=log) as running,
    ):
        state = home / ".local" / "state" / "ecg-edge"
        wait_until((state / "control.socket").exists, (home / "log").read_text())
        wait_until(lambda: any((state / "recording").glob("*.dat")))
        wait_until(lambda: sum(file.stat().st_size for file in (state / "recording").glob("*.dat")) > 10_000)
        yield home
        running.terminate()
    assert running.returncode == 0, (home / "log").read_text()


@pytest.mark.parametrize("line", monitors_lines())
def test_each_command_of_the_readme_works_for_an_ordinary_user(line: str, monitor: Path) -> None:
    words = shlex.split(line.removeprefix("sudo ").split(" > ")[0])
    words = [word.replace("~", str(monitor), 1) if word.startswith("~") else word for word in words]
    program = [sys.executable, "-m", PROGRAMS[words[0]]]
    if words[:3] == ["ecg-edge", "run", "ecg-edge.toml"] and len(words) == 3:
        return  # the fixture's
    if only_help(words):
        path = [word for word in words[1:3] if re.fullmatch("[a-z]+", word)]
        command = path if words[1] == "data" else path[:1]
        done = run_as_ordinary_user(monitor, [*program, *command, "--help"])
        assert done.returncode == 0, done.stderr
        assert not [word for word in words if word.startswith("--") and word not in done.stdout]
        return
    done = run_as_ordinary_user(monitor, [*program, *words[1:]])
    allowed = EXPECTED_STATUS.get(" ".join(words[:2]), {0})
    assert done.returncode in allowed, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_commands_of_the_readme_name_what_there_is() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for line in set(readme_lines()) - set(monitors_lines()):
        words = shlex.split(line)
        if words[0] == "make":
            subprocess.run(["make", "-n", words[1]], cwd=REPOSITORY, check=True, capture_output=True)
        elif words[:2] == ["pip", "install"]:
            named = re.fullmatch(r"\.\[(.+)\]", words[2])
            assert named is not None, line
            assert named[1] in extras, line
        else:
            assert words == ["sudo", "./install.sh"], line
            subprocess.run(["bash", "install.sh", "--help"], cwd=REPOSITORY, check=True, capture_output=True)
