"""The doctor names every fault of an AD8232 and its converter with its cause, and passes a healthy one."""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from simulated.ad8232 import LO_MINUS, LO_PLUS
from simulated.ad8232_bench import Ad8232Bench
from simulated.front_end import BUTTON
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode, HardwareError
from edge.config import Ad8232Settings, ButtonSettings, MqttSettings, Settings, SourceSettings, StorageSettings
from edge.doctor import Outcome, ad8232
from firmware_config import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.doctor import Finding
    from edge.frontends.boards import Ad8232Board
    from edge.frontends.bus import Bus


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Finding]:
    """Give a function that runs one check on a board of its own making, on a virtual clock."""

    def run(
        look: Callable[[Ad8232Board], Finding],
        faults: dict[str, Any] | None = None,
        settings: Ad8232Settings | None = None,
        flicker_s: float = 0.0,
        **bench: Any,
    ) -> Finding:
        stand = Ad8232Bench(settings, **bench)
        stand.break_it(**(faults or {}))
        stand.clock.sleep(5)  # the board has had its supply for a while
        for n in range(40 if flicker_s else 0):
            wrong = {"electrodes_off": LO_PLUS} if n % 2 else {}
            stand.clock.plan(
                stand.clock.now_ns() + round(n * flicker_s * 1e9),
                lambda wrong=wrong: stand.break_it(**wrong),  # type: ignore[misc]
            )

        def open_board(board: Ad8232Board) -> Bus:
            assert board == stand.board
            return stand.bus

        def refuse(_pid: int, policy: int, _param: object) -> None:
            if policy == os.SCHED_FIFO:
                raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr("edge.doctor.ad8232.open_board", open_board)
        monkeypatch.setattr("edge.bench.ad8232.open_board", open_board)
        # The kernel gives an ordinary user neither; the test itself must not get them.
        monkeypatch.setattr("os.sched_setscheduler", refuse)
        monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: SimpleNamespace(mlockall=lambda _: -1))
        return look(stand.board)

    return run


CASES: dict[str, tuple[Any, dict[str, Any], Outcome, str, str]] = {
    # what is wrong: the check, the fault, what it finds, what it advises
    "bit flips": (ad8232.converter, {"faults": {"flip_every": 40}}, Outcome.FAILED, "were damaged", "bits flip"),
    "at VREF": (ad8232.converter, {"faults": {"output_v": 3.3}}, Outcome.FAILED, "gives full scale", "wiring problem"),
    "SDN cut": (ad8232.shutdown, {"faults": {"sdn_cut": True}}, Outcome.WARNING, "makes no difference", "SDN's wire"),
    "LO+": (ad8232.electrodes, {"faults": {"electrodes_off": LO_PLUS}}, Outcome.FAILED, "LO+ (GPIO 23) high", "clips"),
    "LO-": (ad8232.electrodes, {"faults": {"electrodes_off": LO_MINUS}}, Outcome.FAILED, "LO- (GPIO 24) high", "clips"),
    "low rail": (ad8232.output, {"faults": {"output_v": 0.03}}, Outcome.FAILED, "at its limit although", "from OUTPUT"),
    "high rail": (ad8232.output, {"faults": {"output_v": 3.28}}, Outcome.FAILED, "at its limit although", "and SDN"),
    "still": (ad8232.output, {"faults": {"output_v": 1.5}}, Outcome.FAILED, "does not move at all", "from OUTPUT"),
    "rest too low": (ad8232.output, {"rest_v": 0.5}, Outcome.WARNING, "clipped at a gain of 1100", "the board's REFIN"),
    "electrode off": (ad8232.output, {"faults": {"electrodes_off": LO_PLUS}}, Outcome.SKIPPED, "an electrode off", ""),
    "a busy machine": (ad8232.sampling, {"jitter_ms": 12.0}, Outcome.FAILED, "too busy to sample", "priority"),
    "a late machine": (ad8232.sampling, {"jitter_ms": 2.5}, Outcome.WARNING, "later than 3 ms", "`top`"),
    "lost": (ad8232.lost_samples, {"jitter_ms": 12.0}, Outcome.FAILED, "too busy to sample", "`top`"),
    "damaged": (ad8232.lost_samples, {"faults": {"flip_every": 500}}, Outcome.FAILED, "were damaged", "bits flip"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_with_its_cause_and_what_to_check(check: Callable[..., Finding], name: str) -> None:
    look, wrong, outcome, found, advice = CASES[name]
    finding = check(look, **wrong)
    assert finding.outcome is outcome
    assert found in finding.found
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("miso", "named"), [(0x00, "MISO stays low"), (0xFF, "MISO stays high"), (0x5A, "are not those of an MCP3208")]
)
def test_a_converter_that_does_not_answer_is_a_wiring_problem(
    check: Callable[..., Finding], miso: int, named: str
) -> None:
    with pytest.raises(HardwareError, match=named):
        check(ad8232.converter, {"stuck_miso": miso})


def test_a_loose_electrode_is_distinguished_from_one_that_is_off(check: Callable[..., Finding]) -> None:
    finding = check(ad8232.electrodes, flicker_s=0.1)
    assert finding.outcome is Outcome.FAILED
    assert "loose: LO+ (GPIO 23) high " in finding.found
    assert "LO- (GPIO 24) low" in finding.found


@pytest.mark.parametrize("board", ["ad8232-mcp3208", "ad8232-mcp3008"])
def test_a_healthy_board_passes_everything(check: Callable[..., Finding], board: str) -> None:
    settings = Ad8232Settings(board=board)
    found = {}
    for look in (
        ad8232.converter,
        ad8232.shutdown,
        ad8232.electrodes,
        ad8232.output,
        ad8232.sampling,
        ad8232.lost_samples,
    ):
        finding = check(look, settings=settings, jitter_ms=0.3)
        assert finding.outcome is Outcome.PASSED, finding
        found[look.__name__] = finding.found
    assert found["shutdown"].startswith("output at 0.00 V shut down, ")
    assert found["electrodes"] == "on: LO+ (GPIO 23) low, LO- (GPIO 24) low"
    assert "2160 of 2160 conversions made (720 a second)" in found["sampling"]
    assert found["lost_samples"].startswith("0 of 36")


def test_a_board_without_sdn_skips_its_check(check: Callable[..., Finding], tmp_path: Path) -> None:
    shipped = (DIRECTORY / "board-ad8232-mcp3208.toml").read_text()
    (tmp_path / "board.toml").write_text(shipped.replace("sdn = 25", ""))
    finding = check(ad8232.shutdown, settings=Ad8232Settings(board=str(tmp_path / "board.toml")))
    assert finding.outcome is Outcome.SKIPPED


def settings_for(folder: Path, button: int) -> Settings:
    return Settings(
        source=SourceSettings(kind="ad8232"),
        button=ButtonSettings(pin=button),
        mqtt=MqttSettings(host="127.0.0.1", port=1),
        storage=StorageSettings(directory=str(folder / "storage"), recording_leave_free_mb=0),
    )


def test_the_doctor_names_a_converter_without_supply_and_a_pressed_button(
    tmp_path: Path, start: Callable[..., Any]
) -> None:
    file = FrontEndFile(tmp_path)
    file.set(kind="ad8232", faults={"stuck_miso": 0xFF}, button_down=True)
    settings = settings_for(tmp_path, BUTTON)
    code, checks = start(tmp_path, settings, "--json", environment=file.environment).results()
    assert code == ExitCode.HARDWARE
    assert checks["wiring file"]["found"] == "AD8232 board with an MCP3208, gain 1100, reference 3.3 V"
    assert checks["GPIO lines"]["outcome"] == "passed"
    assert "MISO stays high" in checks["converter"]["found"]
    assert "MISO (DOUT), CS, CLK" in checks["converter"]["advice"]
    for name in ("SDN", "electrodes", "output", "sampling", "lost samples"):
        assert checks[name]["found"] == '"converter" failed'
    assert checks["button"]["found"] == "GPIO 5 is low: the button is pressed, or shorted"


@pytest.mark.parametrize(("pin", "found"), [(23, "the front end uses GPIO 23 too"), (5, "GPIO 5, not pressed")])
def test_the_button_needs_its_own_line(*, tmp_path: Path, start: Callable[..., Any], pin: int, found: str) -> None:
    file = FrontEndFile(tmp_path)
    file.set(kind="ad8232", faults={"stuck_miso": 0xFF})
    _, checks = start(tmp_path, settings_for(tmp_path, pin), "--json", environment=file.environment).results()
    assert checks["button"]["found"] == found
