"""Readings of the host: storage, battery, temperature, whether its clock is set. Unknown is None."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HostReader", "HostReadings", "read_host"]

EVERY_S: Final = 5.0
"""Interval of the readings: storage and battery change slowly."""

PATIENCE_S: Final = 0.5
"""Longest wait for the first readings."""

STALE_S: Final = 60.0
"""Readings older than this, where the disk or the battery does not answer, are unknown."""

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


_log = logging.getLogger(__name__)


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


class HostReader:
    """Reads the state of the machine again and again, on a thread of its own.

    So nobody waits for a disk or a battery that does not answer.

    Args:
        read: gives readings, however long it takes.
    """

    def __init__(self, read: Callable[[], HostReadings]) -> None:
        self._read = read
        self._last = HostReadings()
        self._last_s = time.monotonic()
        self._done = threading.Event()
        self._stopping = threading.Event()
        threading.Thread(target=self._run, name="host-readings", daemon=True).start()
        self._done.wait(PATIENCE_S)

    @property
    def readings(self) -> HostReadings:
        """The last readings; all unknown where there are none, or none of late. Never waits."""
        return self._last if time.monotonic() - self._last_s < STALE_S else HostReadings()

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()

    def _run(self) -> None:
        while True:
            try:
                self._last = self._read()
            except OSError as error:
                self._last = HostReadings()
                _log.warning("The state of this machine cannot be read: %s.", error.strerror or error)
            self._last_s = time.monotonic()
            self._done.set()
            if self._stopping.wait(EVERY_S):
                return


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
