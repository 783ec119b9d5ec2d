"""The doctor, as a real process, names every fault of a front end with its cause, and passes a healthy one."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode
from edge.config import Ads1292Settings, MqttSettings, Settings, SourceSettings, StorageSettings, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Results = tuple[int, dict[str, dict[str, Any]]]

BOARD_ELSEWHERE = (
    'front_end = "ads1292"\ndescription = "elsewhere"\nspi_bus = 7\nspi_device = 1\nspi_hz = 1000000\n'
    "drdy = 17\necg_channel = 2\n"
)

CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # what is wrong: the front end, the check that names it, what it finds, what it advises
    "MISO low": ({"faults": {"stuck_miso": 0x00}}, "chip id", "MISO (DOUT) stays low", "wiring problem: check MISO"),
    "MISO high": ({"faults": {"stuck_miso": 0xFF}}, "chip id", "MISO (DOUT) stays high", "wiring problem: check MISO"),
    "bit flips": ({"faults": {"flip_every": 9}}, "chip id", "0x73 ", "bits flip on the SPI wires"),
    "relative": ({"identity": 0x50}, "chip id", "ADS1191", "an ADS1291, ADS1292 or ADS1292R is"),
    "other chip": ({"identity": 0x53}, "registers", "the chip is an ADS1292", "set source.ads1292.registers"),
    "reference": ({"faults": {"reference_shorted": True}}, "reference", "0x7FFFFF", "check VREFP"),
    "half rate": ({"faults": {"clock": 0.5}}, "DRDY rate", "(it falls 251 times)", "check the chip's clock"),
    "slow clock": ({"clock_error": -0.03}, "DRDY rate", "485.00 Hz of 500", "check the chip's clock"),
    "no DRDY": ({"faults": {"drdy_cut": True}}, "DRDY rate", "DRDY (GPIO 17) does not fall", "the wires of DRDY"),
    "missed DRDY": ({"faults": {"miss_every": 40}}, "lost samples", "DRDY was missed", "the machine is too busy"),
    "uncounted": (
        {"faults": {"miss_every": 40, "miss_counted": False}}, "lost samples", "DRDY was missed", "a bad contact"
    ),
    "electrode": ({"faults": {"electrodes_off": 0b0100}}, "electrodes", "off: IN2P", "put the electrodes on"),
    "busy": ({"busy": {"22": "spi1-1cs"}}, "GPIO lines", "GPIO 22 by 'spi1-1cs'", "stop that program"),
    "forbidden": ({"spi_errno": errno.EACCES}, "SPI device", "may not be opened", "group spi"),
    "no device": ({"spi_errno": errno.ENOENT}, "SPI device", "/dev/spidev0.0 is not there", "dtparam=spi=on"),
}  # fmt: skip


OTHERS: dict[str, dict[str, Any]] = {"healthy": {}, "ours": {"busy": {"17": "ecg-edge"}}}


class BrownOut(threading.Thread):
    """A run on a front end whose supply dips while its samples are counted.

    Attributes:
        said: all that the doctor printed.
        code: its exit code.
    """

    def __init__(self, file: FrontEndFile, process: subprocess.Popen[str]) -> None:
        super().__init__()
        self.said = ""
        self.code = -1
        self._file = file
        self._process = process

    def run(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:  # each comes when its check is done
            self.said += line
            if "reference  " in line:
                time.sleep(4)  # the chip is brought up, and counting has started
                self._file.set(brown_outs=1)
        self._process.communicate()
        self.code = self._process.returncode


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, start: Callable[..., Any], closed: int) -> Iterator[dict[str, Any]]:
    """The runs on all front ends, in parallel: they spend their time waiting for samples."""
    started = {}
    for name, front_end in ({name: case[0] for name, case in CASES.items()} | OTHERS).items():
        folder = tmp_path_factory.mktemp("front_end")
        file = FrontEndFile(folder)
        file.set(**front_end)
        started[name] = start(folder, settings(folder, closed), "--json", environment=file.environment)
    folder = tmp_path_factory.mktemp("front_end")
    file = FrontEndFile(folder)
    started["brown-out"] = start(folder, settings(folder, closed), environment=file.environment)
    brown_out = BrownOut(file, started["brown-out"].process)
    brown_out.start()
    yield started | {"brown-out": brown_out}
    brown_out.join()
    for run in started.values():
        run.process.kill()
        run.process.communicate()


@pytest.fixture(scope="module")
def closed() -> int:
    """Give a port on which no broker listens: the lowest one, which needs root."""
    return 1


def settings(folder: Path, port: int, board: str = "cjmcu-1292") -> Settings:
    return Settings(
        source=SourceSettings(kind="ads1292", ads1292=Ads1292Settings(board=board)),
        mqtt=MqttSettings(host="127.0.0.1", port=port),
        storage=StorageSettings(directory=str(folder / "storage"), recording_leave_free_mb=0),
    )


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_with_its_cause_and_what_to_check(runs: dict[str, Any], name: str) -> None:
    code, checks = runs[name].results()
    _, check, found, advice = CASES[name]
    assert code == ExitCode.HARDWARE  # although there is no broker either
    assert checks["broker"]["outcome"] == "failed"
    assert checks[check]["outcome"] == "failed"
    assert found in checks[check]["found"]
    assert advice in checks[check]["advice"]
    order = list(checks)
    before = [checks[each]["outcome"] for each in order[: order.index(check)]]
    assert "failed" not in before  # it is named where it can first be seen


def test_a_check_that_cannot_run_is_skipped_with_the_reason(runs: dict[str, Any]) -> None:
    _, checks = runs["MISO low"].results()
    assert checks["registers"]["found"] == '"chip id" failed'
    assert all(
        checks[name]["outcome"] == "skipped" for name in ("DRDY rate", "reference", "lost samples", "electrodes")
    )


def test_a_missing_device_node_and_a_wrong_wiring_file_are_named(
    tmp_path: Path, start: Callable[..., Any], closed: int
) -> None:
    board = tmp_path / "board.toml"
    board.write_text(BOARD_ELSEWHERE)
    file = FrontEndFile(tmp_path)
    code, checks = start(
        tmp_path, settings(tmp_path, closed, str(board)), "--json", environment=file.environment
    ).results()
    assert code == ExitCode.HARDWARE
    assert "/dev/spidev7.1 is not there" in checks["SPI device"]["found"]
    assert checks["chip id"]["outcome"] == "skipped"
    board.write_text(BOARD_ELSEWHERE.replace("drdy = 17", "drdy = 99"))
    code, checks = start(
        tmp_path, settings(tmp_path, closed, str(board)), "--json", environment=file.environment
    ).results()
    assert code == ExitCode.HARDWARE
    assert "99" in checks["wiring file"]["found"] or "53" in checks["wiring file"]["found"]
    assert checks["SPI device"]["found"] == '"wiring file" failed'


def test_a_brown_out_while_samples_are_counted_is_named(runs: dict[str, Any]) -> None:
    brown_out = runs["brown-out"]
    brown_out.join()
    assert brown_out.code == ExitCode.HARDWARE
    lost = brown_out.said[brown_out.said.index("lost samples") :].splitlines()
    assert "the chip has reset itself" in lost[0]
    assert "a brown-out" in lost[0]
    assert "check the supply of the board" in lost[1]


def test_a_healthy_front_end_passes_everything(runs: dict[str, Any]) -> None:
    code, checks = runs["healthy"].results()
    assert code == ExitCode.NETWORK  # there is no broker here, which is the one thing that is wrong
    of_this_machine = {"boot config", "groups", "button", "clock", "service", "watchdog"}  # tested on their own
    wrong = {name for name, result in checks.items() if result["outcome"] != "passed"}
    assert wrong <= of_this_machine | {"broker", "broker access"}
    assert checks["chip id"]["found"] == "ADS1292R (ID 0x73), the same in 100 reads"
    assert checks["DRDY rate"]["found"] == "502.50 Hz of 500 (+5000 ppm)"
    assert checks["reference"]["found"] == "AVDD 3.30 V, DVDD 3.30 V, measured against the chip's own reference"
    assert checks["lost samples"]["found"].startswith("0 of 5")
    assert checks["electrodes"]["found"] == "on (IN2P, IN2N, RLD)"


def test_the_front_end_of_a_running_monitor_is_left_alone(
    *, tmp_path: Path, start: Callable[..., Any], mosquitto: Any, wait_until: Any, listen: Any, shipped_model: Path
) -> None:
    del shipped_model
    file = FrontEndFile(tmp_path)
    config = tmp_path / "daemon.toml"
    mine = settings(tmp_path, mosquitto.port)
    config.write_text(render(mine))
    listener = listen()
    daemon = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "run", str(config)],
        env=os.environ | file.environment,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: listener.payloads(f"ecg/{mine.device.id}/info"))
    code, checks = start(tmp_path, mine, "--json", environment=file.environment).results()
    assert code == ExitCode.DONE
    assert checks["GPIO lines"]["outcome"] == "skipped"
    assert "a monitor is running" in checks["chip id"]["found"]
    assert "systemctl stop ecg-edge" in checks["lost samples"]["found"]
    assert checks["outbox"]["found"] == "in use by a running monitor"
    assert listener.payloads(f"ecg/{mine.device.id}/status") == [b"online"]
    daemon.send_signal(signal.SIGTERM)
    _, errors = daemon.communicate(timeout=20)
    assert daemon.returncode == ExitCode.DONE
    assert b"lost" not in errors


def test_the_lines_of_another_monitor_are_not_touched(runs: dict[str, Any]) -> None:
    _, checks = runs["ours"].results()
    assert "a monitor is running and uses GPIO 17" in checks["GPIO lines"]["found"]
    assert checks["chip id"]["outcome"] == "skipped"
