"""Running checks: nothing passes unchecked, and nothing raises."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from simulated.front_end_file import STANDINS

from ecg.errors import ExitCode, HardwareError
from edge.config import StorageSettings
from edge.doctor import Area, Check, Finding, Outcome, exit_code, raspberry_pi, run_checks, system
from edge.doctor.results import failed, passed, skipped, warning
from edge.frontends.boards import load_board
from edge.storage.in_use import OutboxState, outbox_state
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable


def check(name: str, look: Callable[[], Finding], *needs: str, area: Area = Area.SYSTEM) -> Check:
    return Check(name, area, look, needs)


def broken() -> Finding:
    raise HardwareError("the wire is off; put it on")


def mistaken() -> Finding:
    raise ZeroDivisionError


def test_an_error_is_a_failure_with_cause_and_advice_and_what_needs_it_is_skipped() -> None:
    results = list(
        run_checks(
            [
                check("wire", broken),
                check("chip", lambda: passed("there"), "wire"),
                check("samples", lambda: passed("there"), "chip"),
                check("disk", mistaken),
                check("clock", lambda: passed("right")),
            ]
        )
    )
    assert [result.outcome for result in results] == ["failed", "skipped", "skipped", "failed", "passed"]
    assert (results[0].found, results[0].advice) == ("the wire is off", "put it on")
    assert results[1].found == results[2].found == '"wire" failed'
    assert "ZeroDivisionError" in results[3].found


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        ([Area.NETWORK, Area.HARDWARE, Area.SYSTEM], ExitCode.HARDWARE),
        ([Area.SYSTEM, Area.NETWORK], ExitCode.NETWORK),
        ([Area.SYSTEM], ExitCode.CHECK_FAILED),
        ([], ExitCode.DONE),
    ],
)
def test_the_exit_code_is_that_of_hardware_then_network_then_the_rest(failing: list[Area], code: ExitCode) -> None:
    harmless = [
        check("warned", lambda: warning("a", "b"), area=Area.HARDWARE),
        check("skipped", lambda: skipped("a"), area=Area.HARDWARE),
    ]
    checks = [check(area.value, lambda: failed("a", "b"), area=area) for area in failing]
    assert exit_code(run_checks([*harmless, *checks])) == code


def test_boot_config_is_read_as_the_firmware_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "config.txt"
    files = [tmp_path / "nowhere", file]
    assert raspberry_pi.boot_config(0, files).outcome is Outcome.SKIPPED
    file.write_text("# dtparam=spi=on\ndtoverlay=vc4-kms-v3d\n")
    assert raspberry_pi.boot_config(0, files).outcome is Outcome.WARNING
    assert "dtparam=spi=on" in raspberry_pi.boot_config(0, files).advice
    file.write_text("[all]\ndtparam=spi=on # the front end\ndtoverlay=spi1-2cs,cs0_pin=18\n")
    assert raspberry_pi.boot_config(0, files).outcome is Outcome.PASSED
    assert raspberry_pi.boot_config(1, files).outcome is Outcome.PASSED


def test_a_missing_device_that_config_txt_turns_on_needs_a_reboot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(STANDINS))
    front_end = tmp_path / "front_end.json"
    (tmp_path / "recording").write_bytes(bytes(16))
    front_end.write_text(f'{{"recording": "{tmp_path / "recording"}", "rate_hz": 1, "spi_errno": 2}}')
    monkeypatch.setenv("SIMULATED_FRONT_END", str(front_end))
    file = tmp_path / "config.txt"
    file.write_text("dtparam=spi=on\n")
    found = raspberry_pi.spi_device(load_board("cjmcu-1292"), [file])
    assert found.outcome is Outcome.FAILED
    assert "reboot" in found.advice
    assert "put" not in found.advice


def test_the_disk_is_too_full_or_cannot_be_written(tmp_path: Path) -> None:
    directory = tmp_path / "storage"
    assert system.disk(StorageSettings(recording_leave_free_mb=0, recording_max_mb=1), directory).outcome == "passed"
    assert not directory.exists()
    full = system.disk(StorageSettings(recording_leave_free_mb=1e12), directory)
    assert full.outcome is Outcome.FAILED
    assert "nothing is recorded" in full.found
    assert system.disk(StorageSettings(), Path("/proc/ecg-edge")).outcome is Outcome.FAILED


def test_checking_an_outbox_does_not_change_it(tmp_path: Path) -> None:
    assert outbox_state(tmp_path) is OutboxState.ABSENT
    with Outbox(tmp_path, max_bytes=1000):
        assert outbox_state(tmp_path) is OutboxState.IN_USE
    assert outbox_state(tmp_path) is OutboxState.WHOLE
    assert system.outbox(tmp_path).outcome is Outcome.PASSED
    path = tmp_path / "outbox.sqlite"
    sqlite3.connect(path).close()
    path.write_bytes(b"no database" * 1000)
    assert outbox_state(tmp_path) is OutboxState.DAMAGED
    assert "aside" in system.outbox(tmp_path).advice
    assert sorted(each.name for each in tmp_path.iterdir()) == ["outbox.sqlite"]


@pytest.mark.parametrize("look", [system.clock, system.service, system.watchdog, raspberry_pi.groups])
def test_checks_of_the_host_give_a_finding_everywhere(look: Callable[[], Finding]) -> None:
    finding = look()
    assert finding.found
    assert bool(finding.advice) == (finding.outcome in {Outcome.WARNING, Outcome.FAILED})
