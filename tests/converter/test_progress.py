"""Progress: without a terminal, lines that a log file can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter import progress
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    import pytest


def test_without_a_terminal_progress_is_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LINE_INTERVAL_S", 0.01)
    told = ""

    def line_told() -> bool:
        nonlocal told
        told += capsys.readouterr().err
        return "\n" in told

    with progress.bars() as display:
        display.add_task("epoch 3", total=900, completed=412, note="loss 0.1")
        wait_until(line_told)
    assert told.splitlines()[0] == "0 min: epoch 3 412/900 loss 0.1"


def test_a_short_task_without_a_terminal_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress.track([1, 2], "checking")) == [1, 2]
    assert not capsys.readouterr().err
