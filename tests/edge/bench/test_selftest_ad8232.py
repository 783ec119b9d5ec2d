"""The self-test of an AD8232: without a test signal, and with a known input on the electrodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from simulated.ad8232 import LO_MINUS
from simulated.ad8232_bench import Ad8232Bench
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode, InputError
from edge.bench.selftest import selftest
from edge.config import Ad8232Settings, Settings, SourceSettings, StorageSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.bench.report import Figure, Report

HIGH_PASS_HZ = 0.5


def pulses(time_s: float) -> tuple[float, float]:
    """1 mV square pulses, 1 Hz, as a board's high-pass lets them droop in the long run."""
    decay = math.exp(-2 * math.pi * HIGH_PASS_HZ * (time_s % 0.5))
    top = 1 / (1 + math.exp(-2 * math.pi * HIGH_PASS_HZ * 0.5))
    return 0.0, top * decay * (1 if time_s % 1 < 0.5 else -1)


def flat(_time_s: float) -> tuple[float, float]:
    return 0.0, 0.0


@pytest.fixture
def board_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Give a function that tests a board of its own making on a virtual clock."""

    def run(
        given: str = "", faults: dict[str, Any] | None = None, settings: Ad8232Settings | None = None, **bench: Any
    ) -> Report:
        stand = Ad8232Bench(settings, **bench)
        stand.break_it(**(faults or {}))
        monkeypatch.setattr("edge.bench.ad8232.open_board", lambda _: stand.bus)
        tree = Settings(
            source=SourceSettings(kind="ad8232", ad8232=settings or Ad8232Settings()),
            storage=StorageSettings(directory=str(tmp_path / "storage")),
        )
        return selftest(tree, on_start=lambda _: None, electrode_input=given)

    return run


def by_name(report: Report) -> dict[str, Figure]:
    return {figure.name.partition(",")[0].partition(" (")[0]: figure for figure in report.figures}


@pytest.mark.parametrize("board", ["ad8232-mcp3208", "ad8232-mcp3008"])
def test_a_healthy_board_with_its_electrodes_joined_passes(board_test: Callable[..., Report], board: str) -> None:
    report = board_test(
        "shorted", settings=Ad8232Settings(board=board), electrodes_mv=flat, noise_uv=2.1, jitter_ms=0.5
    )
    assert report.passed, report.markdown()
    found = by_name(report)
    assert found["output at rest"].value == pytest.approx(1.5, abs=0.01)
    assert found["noise"].value == pytest.approx(2.1, abs=0.6)
    assert found["samples lost"].value == 0
    assert "no test signal of its own" in report.notes[0]
    assert "| noise, electrodes shorted |" in report.markdown()
    assert report.notes[0] in report.markdown()


@pytest.mark.parametrize("true_gain", [1100.0, 1000.0])
def test_the_gain_is_calibrated_against_pulses_of_1_mv(board_test: Callable[..., Report], true_gain: float) -> None:
    gain = by_name(board_test("1mV", electrodes_mv=pulses, true_gain=true_gain, jitter_ms=0.5))["gain"]
    assert gain.value == pytest.approx(true_gain, rel=0.01)
    assert gain.passed is (true_gain == 1100.0)
    assert "set source.ad8232.gain to the value" in gain.source


def test_without_a_known_input_neither_noise_nor_gain_is_tested(
    board_test: Callable[..., Report],
) -> None:
    report = board_test()
    assert report.passed
    assert not {"noise", "gain"} & by_name(report).keys()
    assert "on the electrodes: as they are" in report.setup


@pytest.mark.parametrize(
    ("given", "board", "wrong"),
    [
        ("shorted", {"electrodes_mv": flat, "noise_uv": 12.0}, {"noise"}),
        ("1mV", {"electrodes_mv": flat}, {"gain"}),  # no pulses: unknown, and never passes
        ("", {"rest_v": 0.4}, {"output at rest"}),
        ("", {"faults": {"electrodes_off": LO_MINUS}}, {"output at rest", "LO- high"}),
        ("", {"jitter_ms": 12.0}, {"conversions a second", "lateness of 99 in 100 conversions", "samples lost"}),
    ],
)
def test_a_fault_is_outside_the_limits_or_unknown_and_never_passes(
    board_test: Callable[..., Report], given: str, board: dict[str, Any], wrong: set[str]
) -> None:
    failed = {name for name, figure in by_name(board_test(given, **board)).items() if not figure.passed}
    assert failed == wrong


def test_an_unknown_electrode_input_is_refused() -> None:
    ads1292 = Settings(source=SourceSettings(kind="ads1292"))
    with pytest.raises(InputError, match="its own test signal and shorted inputs; leave --input out"):
        selftest(ads1292, on_start=lambda _: None, electrode_input="shorted")
    with pytest.raises(InputError, match="use shorted or 1mV"):
        selftest(ads1292, on_start=lambda _: None, electrode_input="2mV")


def test_a_converter_that_does_not_answer_is_a_hardware_error_in_one_line(tmp_path: Path, start: Any) -> None:
    file = FrontEndFile(tmp_path)
    file.set(kind="ad8232", faults={"stuck_miso": 0xFF})
    process = start("selftest", "--source", "ad8232", "--input", "shorted", environment=file.environment)
    out, errors = process.communicate()
    assert process.returncode == ExitCode.HARDWARE
    assert out == ""
    assert "MISO stays high, no MCP3208 answers" in errors.splitlines()[-1]
