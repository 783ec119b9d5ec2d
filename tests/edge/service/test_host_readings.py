"""Readings of the machine, from files in the formats of the kernel and systemd."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge.service.host_readings import HostReader, HostReadings, read_host
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path


def supply(folder: Path, name: str, **files: str) -> None:
    (folder / name).mkdir(parents=True)
    for file, text in files.items():
        (folder / name / file).write_text(text + "\n")


def test_without_battery_and_time_service_both_are_unknown(tmp_path: Path) -> None:
    readings = read_host(tmp_path, supplies=tmp_path / "none", timesync=tmp_path / "none")
    assert readings.battery_percent is readings.battery_charging is readings.clock_set is None
    assert readings.storage_free_mb is not None
    assert readings.storage_free_mb > 0
    assert read_host(tmp_path / "gone").storage_free_mb is None


def test_the_emptiest_battery_of_the_machine_counts(tmp_path: Path) -> None:
    supply(tmp_path, "AC", type="Mains", online="1")
    supply(tmp_path, "BAT0", type="Battery", capacity="80", status="Discharging")
    supply(tmp_path, "BAT1", type="Battery", capacity="12", status="Charging")
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", capacity="3", status="Discharging")
    readings = read_host(tmp_path, supplies=tmp_path, timesync=tmp_path / "none")
    assert (readings.battery_percent, readings.battery_charging) == (12, True)


@pytest.mark.parametrize(
    "files", [{}, {"type": "Battery"}, {"type": "Battery", "capacity": ""}, {"type": "Battery", "capacity": "full"}]
)
def test_a_battery_without_a_charge_reading_is_unknown_not_empty(tmp_path: Path, files: dict[str, str]) -> None:
    supply(tmp_path, "BAT0", **files)
    assert read_host(tmp_path, supplies=tmp_path).battery_percent is None


def test_an_unclear_charging_status_is_unknown(tmp_path: Path) -> None:
    supply(tmp_path, "BAT0", type="Battery", capacity="50", status="Unknown")
    readings = read_host(tmp_path, supplies=tmp_path)
    assert (readings.battery_percent, readings.battery_charging) == (50, None)


def test_the_clock_is_set_once_a_time_server_has_answered(tmp_path: Path) -> None:
    service = tmp_path / "timesync"
    assert read_host(tmp_path, timesync=service).clock_set is None
    service.mkdir()
    assert read_host(tmp_path, timesync=service).clock_set is False
    (service / "synchronized").touch()
    assert read_host(tmp_path, timesync=service).clock_set is True


def test_nobody_waits_for_readings_that_do_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()

    def read() -> HostReadings:
        answers.wait(20.0)
        return HostReadings(storage_free_mb=5.0)

    reader = HostReader(read)
    assert reader.readings == HostReadings()
    answers.set()
    wait_until(lambda: reader.readings.storage_free_mb == 5.0)
    monkeypatch.setattr("edge.service.host_readings.STALE_S", 0.0)
    assert reader.readings == HostReadings()  # what is old is not told as the present
    reader.stop()


def test_readings_are_there_at_once_where_nothing_is_slow(tmp_path: Path) -> None:
    reader = HostReader(lambda: read_host(tmp_path))
    assert reader.readings.storage_free_mb is not None
    reader.stop()
