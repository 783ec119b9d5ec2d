"""The self-test: its report through the real command line, its limits on a virtual clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from simulated.ads1292r import SimulatedAds1292R
from simulated.bus import simulated_bus
from simulated.clock import VirtualClock
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode, InputError
from edge.bench.selftest import selftest
from edge.config import Settings, SourceSettings, StorageSettings
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.bench.report import Figure
    from edge.frontends.boards import Ads1292Board
    from edge.frontends.bus import Bus


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Figure]]:
    """Give a function that tests a chip of its own making on a virtual clock, and gives the figures by name."""

    def run(faults: dict[str, Any] | None = None, **chip: Any) -> dict[str, Figure]:
        clock = VirtualClock()
        simulated = SimulatedAds1292R(clock.now_ns(), lambda _: (0.0, 0.0), **chip)
        for name, value in (faults or {}).items():
            setattr(simulated.faults, name, value)

        def open_board(board: Ads1292Board) -> Bus:
            return simulated_bus(simulated, clock, board)

        monkeypatch.setattr("edge.bench.ads1292.open_board", open_board)
        settings = Settings(
            source=SourceSettings(kind="ads1292"), storage=StorageSettings(directory=str(tmp_path / "storage"))
        )
        return {figure.name.partition(",")[0]: figure for figure in selftest(settings, on_start=lambda _: None).figures}

    return run


def test_a_healthy_chip_passes_with_the_figures_of_its_datasheet(figures: Callable[..., dict[str, Figure]]) -> None:
    found = figures()
    assert all(figure.passed for figure in found.values())
    assert found["test signal"].value == pytest.approx(2016.7, abs=2)
    assert found["test signal frequency"].value == pytest.approx(1.0, abs=0.01)
    assert found["temperature"].value == pytest.approx(25.0, abs=0.1)
    assert found["supply AVDD"].value == pytest.approx(3.3, abs=0.01)
    assert found["rate of DRDY"].value == pytest.approx(0, abs=50)


def test_an_analogue_supply_of_5_v_is_measured_by_the_higher_reference(figures: Callable[..., Any]) -> None:
    found = figures(avdd_v=5.0)
    assert all(figure.passed for figure in found.values())
    assert found["supply AVDD"].value == pytest.approx(5.0, abs=0.01)
    assert not figures(avdd_v=5.4)["supply AVDD"].passed


@pytest.mark.parametrize("identity", [0x53, 0x73])
def test_both_chips_with_two_channels_can_be_tested(figures: Callable[..., Any], identity: int) -> None:
    assert all(figure.passed for figure in figures(identity=identity).values())


@pytest.mark.parametrize(
    ("chip", "wrong"),
    [
        ({"noise_uv": 4.0}, {"noise"}),
        ({"clock_error": 0.03}, {"rate of DRDY"}),
        (
            {"faults": {"reference_shorted": True}},
            {"test signal", "test signal frequency", "noise", "temperature", "supply AVDD", "supply DVDD"},
        ),
        ({"faults": {"miss_every": 300}}, {"samples lost"}),
        ({"faults": {"flip_every": 301}}, {"samples lost", "frames damaged"}),
    ],
)
def test_a_fault_is_outside_the_limits_or_unknown_and_never_passes(
    figures: Callable[..., Any], chip: dict[str, Any], wrong: set[str]
) -> None:
    found = figures(**chip)
    failed = {name for name, figure in found.items() if not figure.passed}
    assert wrong <= failed
    if "flip_every" not in chip.get("faults", {}):  # a bit in a sample is seen nowhere but in the noise
        assert failed == wrong


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, start: Any) -> Iterator[Any]:
    """Give a running self-test that writes its report."""
    folder = tmp_path_factory.mktemp("front_end")
    file = FrontEndFile(folder)
    report = folder / "reports" / "bed-3.md"
    process = start("selftest", "--source", "ads1292", "--out", str(report), "--json", environment=file.environment)
    yield process, report
    process.kill()
    process.communicate()


def test_a_technician_gets_a_report(healthy: Any) -> None:
    process, path = healthy
    out, errors = process.communicate()
    assert process.returncode == ExitCode.DONE, errors
    report = json.loads(out)
    assert report["passed"] is True
    assert (report["chip"], report["device"]) == ("ADS1292R (ID 0x73)", "ecg-edge")
    assert report["version"]
    assert report["time"].endswith("Z")
    by_name = {figure["name"]: figure for figure in report["figures"]}
    assert by_name["rate of DRDY, error (500 Hz nominal)"]["value"] == pytest.approx(5000, abs=100)
    kept = path.read_text()
    assert "# Self-test of ecg-edge: passed" in kept
    for figure in report["figures"]:
        assert figure["source"]
        assert f"| {figure['name']} |" in kept


def test_a_chip_that_does_not_answer_is_a_hardware_error_in_one_line(tmp_path: Path, start: Any) -> None:
    file = FrontEndFile(tmp_path)
    file.set(faults={"stuck_miso": 0})
    process = start("selftest", "--source", "ads1292", environment=file.environment)
    out, errors = process.communicate()
    assert process.returncode == ExitCode.HARDWARE
    assert out == ""
    assert errors.splitlines()[-1].startswith("ecg-edge: ")
    assert "MISO (DOUT) stays low" in errors


def test_a_source_without_hardware_is_refused() -> None:
    with pytest.raises(InputError, match="there is no front end to test"):
        selftest(Settings(), on_start=lambda _: None)


def test_the_front_end_of_a_running_monitor_is_left_alone(tmp_path: Path, start: Any) -> None:
    file = FrontEndFile(tmp_path)
    config = tmp_path / "edge.toml"
    config.write_text(f'[source]\nkind = "ads1292"\n[storage]\ndirectory = "{tmp_path}"\n')
    with Outbox(tmp_path, max_bytes=1000):
        for command in (["selftest", str(config)], ["record", str(tmp_path / "out"), str(config)]):
            process = start(*command, environment=file.environment)
            _, errors = process.communicate()
            assert process.returncode == ExitCode.HARDWARE
            assert "a monitor is running" in errors
