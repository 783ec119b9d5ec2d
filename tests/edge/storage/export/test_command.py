"""`ecg-edge export`: the selected part, the output, and the errors."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ecg.formats.registry import open_recording
from edge.cli import main

if TYPE_CHECKING:
    from pathlib import Path

UUID = "0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e"


@pytest.fixture
def ecg_edge(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, config: Path, tmp_path: Path) -> Any:
    """Give a function that runs `ecg-edge export CONFIG OUT ...`; it gives exit code, stdout, stderr."""

    def run(*arguments: str, out: str = "out") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecg-edge", "export", str(config), str(tmp_path / out), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed, complained = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed, complained

    return run


@pytest.mark.parametrize(
    ("arguments", "start", "seconds"),
    [
        (["--last", "30s"], "2026-05-28T20:28:10", 30),
        (["--last", "0.5 min"], "2026-05-28T20:28:10", 30),
        (["--last", "2h"], "2026-05-28T20:26:40", 120),
        (["--from", "2026-05-28T20:27:00", "--to", "2026-05-28T22:27:04.5+02:00"], "2026-05-28T20:27:00", 4.5),
        (["--from", "2026-05-28T20:28:00Z"], "2026-05-28T20:28:00", 40),
        (["--event", UUID], "2026-05-28T20:27:40", 30),
    ],
)
def test_the_selected_part_is_written(
    ecg_edge: Any, tmp_path: Path, arguments: list[str], start: str, seconds: float
) -> None:
    code, printed, _ = ecg_edge(*arguments, "--json")
    result = json.loads(printed)

    assert code == 0
    assert result["start"] == f"{start}+00:00"
    assert result["seconds"] == seconds
    assert open_recording(tmp_path / "out").length == seconds * 250


def test_one_line_says_what_was_written(ecg_edge: Any, tmp_path: Path) -> None:
    code, printed, _ = ecg_edge("--last", "10s", out="out.png")

    assert code == 0
    assert printed == f"{tmp_path}/out.png: 10.0 s from 2026-05-28 20:28:30 UTC, 250 Hz\n"


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ([], "with --last, or with --event"),
        (["--last", "10s", "--event", UUID], "with --last, or with --event"),
        (["--to", "2026-05-28T20:27:00"], "--to needs --from"),
        (["--from", "yesterday"], "2026-05-01T12:00:00"),
        (["--from", "2026-05-28T20:27:00", "--to", "2026-05-28T20:27:00"], "is not before"),
        (["--from", "2027-05-28"], "is not before"),
        (["--from", "2025-05-28", "--to", "2025-05-29"], "nothing is recorded"),
        (["--last", "ten minutes"], "10min"),
        (["--last", "0s"], "10min"),
        (["--last", "9" * 400 + "d"], "10min"),
        (["--last", "999999d"], "10min"),
        (["--event", "nobody"], "no event nobody"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_cause(ecg_edge: Any, arguments: list[str], cause: str) -> None:
    code, printed, complained = ecg_edge(*arguments)

    assert (code, printed) == (2, "")
    assert cause in complained
    assert complained.count("\n") == 1
    assert "internal error" not in complained


def test_an_unreadable_part_is_reported_and_fails(ecg_edge: Any, folder: Path) -> None:
    (samples,) = folder.glob("*.dat")
    samples.write_bytes(samples.read_bytes()[:-500])
    code, printed, complained = ecg_edge("--last", "30s")

    assert code == 1
    assert "out.hea" in printed
    assert "ends after" in complained
