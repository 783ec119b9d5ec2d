"""Readings of the host: storage, battery, temperature, whether its clock is set. Unknown is None."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

__all__ = ["HostReadings", "read_host"]

POWER_SUPPLIES: Final = Path("/sys/class/power_supply")
"""Linux: one folder for each battery or adapter (Documentation/ABI/testing/sysfs-class-power)."""

THERMAL: Final = Path("/sys/class/thermal/thermal_zone0/temp")
"""Linux: the first thermal zone in thousandths of a degree; on a Pi that of the processor
(Documentation/ABI/testing/sysfs-class-thermal)."""

TIMESYNC: Final = Path("/run/systemd/timesync")
"""systemd-timesyncd creates this folder at its start and touches `synchronized` in it at each answer of a time server
(man 8 systemd-timesyncd). adjtimex(2) would work for every time service, but the service's system call filter refuses
it."""

RELEASED: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""This software is newer, so a clock before this was never set."""


@dataclass(frozen=True, slots=True)
class HostReadings:
    """Readings of the machine; None is unknown.

    Attributes:
        storage_free_mb: free space on the disk of the storage directory.
        battery_percent: charge of the emptiest battery.
        battery_charging: whether that battery is charging, or full on external power.
        temperature_c: temperature of the processor.
        clock_set: whether a time server has answered since the machine started.
    """

    storage_free_mb: float | None = None
    battery_percent: float | None = None
    battery_charging: bool | None = None
    temperature_c: float | None = None
    clock_set: bool | None = None


def read_host(
    directory: Path, *, supplies: Path = POWER_SUPPLIES, thermal: Path = THERMAL, timesync: Path = TIMESYNC
) -> HostReadings:
    """Read the state of the machine; what cannot be read is None.

    Args:
        directory: the storage directory.
        supplies: the kernel's folder of power supplies.
        thermal: the kernel's temperature file.
        timesync: the folder of systemd-timesyncd.
    """
    percent, charging = _battery(supplies)
    return HostReadings(
        storage_free_mb=_free_mb(directory),
        battery_percent=percent,
        battery_charging=charging,
        temperature_c=_temperature_c(thermal),
        clock_set=_clock_set(timesync),
    )


def _free_mb(directory: Path) -> float | None:
    try:
        return shutil.disk_usage(directory).free / 1e6
    except OSError:
        return None


def _battery(supplies: Path) -> tuple[float | None, bool | None]:
    """Charge of the machine's emptiest battery, in percent, and whether it is charging."""
    found: list[tuple[float, bool | None]] = []
    for supply in sorted(supplies.glob("*")):
        if _text(supply / "type") != "Battery" or _text(supply / "scope") == "Device":  # a mouse or the like
            continue
        percent, status = _text(supply / "capacity"), _text(supply / "status")
        if percent is not None and percent.isdecimal():
            known = status in {"Charging", "Full", "Discharging", "Not charging"}
            found.append((float(percent), status in {"Charging", "Full"} if known else None))
    return min(found, key=lambda battery: battery[0]) if found else (None, None)


def _temperature_c(thermal: Path) -> float | None:
    text = _text(thermal)
    return round(int(text) / 1000, 1) if text is not None and text.removeprefix("-").isdecimal() else None


def _clock_set(timesync: Path) -> bool | None:
    if datetime.now(UTC) < RELEASED:
        return False
    if (timesync / "synchronized").exists():
        return True
    return False if timesync.is_dir() else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
