"""The README's commands work: each block, line by line, typed into a shell by an ordinary user with an empty home."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support import heartbeats
from tests.support.device import Device, Sshd
from tests.support.ecg_files import normal_steps, write_csv
from tests.support.ordinary_user import own_folder, run_as_ordinary_user, start_as_ordinary_user
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY: Final = Path(__file__).parents[2]

PROGRAMS: Final = {"ecg-edge": "edge.cli", "ecg-converter": "converter.cli", "ecg-reader": "reader.cli"}

NOT_RUN: Final = {
    "make test": "it is what runs this test",
    "sudo ./install.sh": "it changes the machine: `benchmarks/install/rehearse` runs it whole in a fresh root",
}
LASTING: Final = {
    "make demo": "opened",
    "ecg-edge demo --scenario vt_over": "ventricular_tachycardia opened",
    "ecg-edge run ecg-edge.toml --source ads1292": "Watching ads1292",
}
"""Lines that last, and what ends the wait for them: then comes Ctrl-C."""

EXPECTED_STATUS: Final = {"ecg-edge doctor ecg-edge.toml": {0, 1, 4}}
"""`doctor` fails where there is no broker, which it says."""

INTERRUPTED: Final = {0, -signal.SIGINT, 128 + signal.SIGINT}


def readme_blocks() -> list[list[str]]:
    """Give the lines of each of the README's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    return [[line.split(" #")[0].strip() for line in block.splitlines() if line.strip()] for block in blocks]


def block_with(line: str) -> list[str]:
    """Give the one block that has a line."""
    (found,) = [block for block in readme_blocks() if line in block]
    return found


class Desk:
    """An ordinary user's terminal: an empty home, a clone, and a virtual environment with this one's packages."""

    def __init__(self, home: Path) -> None:
        self.home = own_folder(home)
        self.clone = home / "ecg-edge"
        self.programs = home / "venv" / "bin"
        for path in self._say("git", "-C", str(REPOSITORY), "ls-files", "-z").split("\0"):
            if path and (REPOSITORY / path).is_file():
                (self.clone / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / path, self.clone / path)
        self._say(sys.executable, "-m", "venv", str(home / "venv"))
        (packages,) = (home / "venv" / "lib").glob("python*/site-packages")
        (packages / "present.pth").write_text(sysconfig.get_path("purelib"))
        for program, module in PROGRAMS.items():
            self._program(program, f'PYTHONPATH={self.clone} exec {sys.executable} -P -m {module} "$@"')
        self._program("sudo", 'exec "$@"')
        for each in (home, *home.rglob("*")):
            own_folder_quickly(each)

    @staticmethod
    def _say(*command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _program(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        network = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        own = {"HOME": str(self.home), "PATH": f"{self.programs}:{os.environ['PATH']}", "PYTHONPATH": ""}
        return own | network | (more or {})

    def type(self, line: str, more: Mapping[str, str] | None = None) -> str:
        """Type a line and give what it says."""
        done = run_as_ordinary_user(self.clone, ["bash", "-c", line], environment=self.environment(more))
        assert done.returncode in EXPECTED_STATUS.get(line, {0}), f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout

    def type_and_stop(self, line: str, until: Any, more: Mapping[str, str] | None = None) -> None:
        """Type a line that lasts, wait until its words or its file are there, and press Ctrl-C."""
        log = self.home / "log"
        command = ["bash", "-c", f"exec {line}"]
        environment = self.environment(more)
        with start_as_ordinary_user(
            self.clone, command, log=log, environment=environment, expected=INTERRUPTED
        ) as running:
            wait_until(
                lambda: running.poll() is not None or (until() if callable(until) else until in log.read_text()),
                f"{line}: {until}",
                timeout_s=100,
            )
            assert running.poll() is None, log.read_text()
            os.killpg(running.pid, signal.SIGINT)
            running.wait()
            assert "Traceback" not in log.read_text()

    def install(self, line: str) -> None:
        """Type a line with pip, which finds every package in place and needs the network for the build alone."""
        try:
            self.type(line)
        except AssertionError as error:
            if "No matching distribution found for setuptools" not in str(error):
                raise
            pytest.skip("pip finds no setuptools to build with: no network")


def own_folder_quickly(path: Path) -> None:
    """Give a file to the ordinary user, who was seen to exist."""
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534, follow_symlinks=False)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """Give a terminal whose home lies in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        yield Desk(Path(name))


def test_make_demo_runs_and_only_what_must_be_left_out_is(desk: Desk) -> None:
    block = block_with("make demo")
    venv = desk.home / "venv"
    (venv / ".installed-demo").touch()  # as after `scripts/install`, whose packages are those of the tests
    for line in block:
        if line not in NOT_RUN:
            desk.type_and_stop(line, LASTING[line], {"VENV": str(venv)})
    assert [line for block in readme_blocks() for line in block if line in NOT_RUN] == list(NOT_RUN)
    desk.type("make -n test")
    desk.type("./install.sh --help")


def test_the_block_about_use_works_line_by_line(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("wfdb")
    own_folder_quickly(tmp_path)
    front_end = pytest.importorskip("simulated.front_end_file").FrontEndFile(tmp_path)
    for record in ("100", "208"):
        heartbeats.write(desk.clone / "mitdb", record, symbols="NNNVNNNNAN" * 3)
    state = desk.home / ".local" / "state" / "ecg-edge"
    with ExitStack() as running:
        for line in block_with("ecg-edge run ecg-edge.toml"):
            if line.startswith("pip install"):
                desk.install(line)
            elif line == "ecg-edge run ecg-edge.toml":
                running.enter_context(
                    start_as_ordinary_user(
                        desk.clone,
                        ["bash", "-c", f"exec {line}"],
                        log=desk.home / "monitor",
                        environment=desk.environment(),
                    )
                )
                wait_until((state / "control.socket").exists)
                wait_until(lambda: sum(file.stat().st_size for file in state.rglob("*.dat")) > 10_000)
            elif "--source ads1292" in line:
                running.close()  # the monitor that runs
                if line in LASTING:
                    desk.type_and_stop(line, LASTING[line], front_end.environment)
                else:
                    assert "passed" in desk.type(line, front_end.environment)
            elif line in LASTING:
                desk.type_and_stop(line, LASTING[line])
            else:
                desk.type(line)
    assert (desk.clone / "strip.png").read_bytes().startswith(b"\x89PNG")
    assert [file.name for file in desk.clone.glob("report-*.pdf")]
    assert (desk.clone / "out" / "100.edge").stat().st_size
    assert (desk.clone / "out" / "events.jsonl").stat().st_size
    assert "ecg-edge" in (desk.home / ".bashrc").read_text()


def test_the_block_about_the_reader_reads_and_measures(desk: Desk) -> None:
    pytest.importorskip("PIL", reason="Pillow comes with the extra [reader]")
    from tests.support.paper_page import beating_leads, page_of

    own_folder_quickly(write_csv(desk.clone, normal_steps()).rename(desk.clone / "ecg.csv"))
    page_of(beating_leads()).save(desk.clone / "page.png")
    own_folder_quickly(desk.clone / "page.png")
    said = {}
    for line in block_with("ecg-reader read ecg.csv"):
        if line.startswith("pip install"):
            desk.install(line)
        else:
            said[line] = desk.type(line)
    assert "sinus rhythm" in said["ecg-reader read ecg.csv"]
    (reading,) = json.loads(said["ecg-reader read ecg.csv --json"])
    assert reading["refused"] is None
    assert (desk.clone / "records" / "page.hea").is_file()


def test_the_block_about_the_desktop_fetches_and_begins_to_train(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from tests.support.physionet import PhysioNet

    physionet = PhysioNet(tmp_path)
    runs = desk.clone / "runs"
    for line in block_with("pip install '.[converter]'"):
        if line.startswith("pip install"):
            desk.install(line)
        elif " data fetch " in line:
            assert "records" in desk.type(line, physionet.environment)
        elif " train " in line:
            desk.type_and_stop(line, lambda: list(runs.rglob("settings.json")), {"TF_CPP_MIN_LOG_LEVEL": "3"})
        else:
            desk.type(line)
    physionet.close()


def test_the_block_about_a_device_signs_installs_and_lists(desk: Desk, device: Device, tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    if program is None:
        pytest.skip("sshd is not installed (Debian package openssh-server)")
    on_device = tmp_path / "programs"
    on_device.mkdir()
    options = f"--config {device.config} --restart {device.restart_command} --watch 3"
    (on_device / "sudo").write_text(
        # What the device has in /opt/ecg-edge, with the settings and the service of this one.
        f'#!/bin/sh\n[ "$1 $2" = "-n /opt/ecg-edge/bin/ecg-edge" ] || exit 9\nshift 2\n'
        f'exec {sys.executable} -P -m edge.cli "$@" {options}\n'
    )
    (on_device / "sudo").chmod(0o755)
    sshd = Sshd(program, tmp_path / "sshd", programs=on_device)
    for name in ("ssh", "scp"):
        way = desk.programs / name  # the user pi of bed-3.local is the one who runs the tests
        way.write_text(
            (sshd.path / name).read_text().replace('"$@"', "$(printf '%s\\n' \"$@\" | sed s/pi@bed-3.local/bed-3/)")
        )
        way.chmod(0o755)
    device.restart()
    try:
        for line in block_with("ecg-converter keygen ~/keys/clinic"):
            said = desk.type(line)
            if line.startswith("sudo ecg-edge model list"):
                assert "shipped" in said
    finally:
        sshd.stop()
    assert device.store.selection().current.startswith("resecanet-aami5")


def test_every_extra_that_the_readme_names_is_there() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"pip install '\.\[(.+?)\]'", (REPOSITORY / "README.md").read_text())
    assert len(named) >= 4
    assert set(named) <= set(extras)
