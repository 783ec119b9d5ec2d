"""The Tab key: real shells on a terminal complete commands, options, values and file names."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(sys.executable).parent
PROMPT: Final = "ready> "
SHELLS: Final = {
    "bash": (".bashrc", f"PS1='{PROMPT}'\n"),
    "zsh": (".zshrc", f"PS1='{PROMPT}'; unsetopt prompt_sp\n"),
    "fish": (".config/fish/config.fish", f"function fish_prompt; echo -n '{PROMPT}'; end; set fish_greeting\n"),
}
"""The file that each shell reads at its start, and what makes its prompt known."""


class Terminal:
    """A shell on a terminal of its own, in a home of its own."""

    def __init__(self, shell: str, home: Path) -> None:
        environment = {
            "HOME": str(home),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "TERM": "xterm",
        }
        self._terminal, shells = pty.openpty()
        self._shell = subprocess.Popen(
            ["setsid", "--ctty", shell, "-i"], stdin=shells, stdout=shells, stderr=shells, cwd=home, env=environment
        )
        os.close(shells)
        self.shown = ""
        self._prompts = 0
        self._wait_for_prompt()

    def type(self, line: str) -> None:
        """Type a line and wait until it is done."""
        for key in f"{line}\n":
            os.write(self._terminal, key.encode())
            if key == "\t":
                self._take(quiet_s=1)
        self._wait_for_prompt()

    def _wait_for_prompt(self, timeout_s: float = 60) -> None:
        self._prompts += 1
        deadline_s = time.monotonic() + timeout_s
        while self.shown.count(PROMPT) < self._prompts:
            assert time.monotonic() < deadline_s, self.shown
            self._take(quiet_s=0.1)

    def _take(self, *, quiet_s: float) -> None:
        """Take what the shell shows, until it is quiet."""
        while select.select([self._terminal], [], [], quiet_s)[0]:
            self.shown += os.read(self._terminal, 4096).decode(errors="replace")

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._terminal)


@contextlib.contextmanager
def terminal(shell: str, home: Path) -> Iterator[Terminal]:
    """Give a shell in whose home completion is installed, as the manual says."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    if not (PROGRAMS / "ecg-edge").exists():
        pytest.skip("ecg-edge is not installed beside this Python")
    start_file, known_prompt = SHELLS[shell]
    (home / start_file).parent.mkdir(parents=True, exist_ok=True)
    (home / start_file).write_text(known_prompt)
    for program in ("ecg-edge", "ecg-converter"):
        with contextlib.closing(Terminal(shell, home)) as before:
            before.type(f"{program} --install-completion")
    with contextlib.closing(Terminal(shell, home)) as opened:
        yield opened


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes_commands_options_and_file_names(shell: str, tmp_path: Path) -> None:
    with terminal(shell, tmp_path) as keyboard:
        for program in ("ecg-edge", "ecg-converter") if shell == "zsh" else ():
            keyboard.type(f"{program} \t--version")  # there the first press of the key only loads the completion
        keyboard.type("ecg-edge conf\tdef\t > settings.toml")
        keyboard.type("ecg-edge config chec\tsett\t > checked")
        keyboard.type("ecg-edge record --sour\tsimu\t --dur\t2s out > recorded")
        keyboard.type("ecg-converter inst\t --h\t > help")
    assert "no mistakes" in (tmp_path / "checked").read_text(), keyboard.shown
    assert (tmp_path / "out.hea").exists(), keyboard.shown
    assert "--to" in (tmp_path / "help").read_text(), keyboard.shown
