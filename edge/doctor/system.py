"""Checks of the system: clock, disk, outbox, service."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from edge.doctor.results import Finding, failed, passed, skipped, warning
from edge.storage.in_use import OutboxState, outbox_state

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config import StorageSettings

__all__ = ["clock", "disk", "outbox", "service", "watchdog"]

TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised, whichever program (timesyncd, chrony, ntpd) sets it."""

TIMEX_BYTES = 256
"""Space for a `struct timex` (208 bytes with 64-bit longs, 128 with 32-bit ones)."""

UNIT = "ecg-edge.service"
SYSTEMCTL_TIMEOUT_S = 5.0


def clock() -> Finding:
    """Is the clock synchronised?"""
    request = ctypes.create_string_buffer(TIMEX_BYTES)  # zeros: change nothing
    state = ctypes.CDLL(None, use_errno=True).adjtimex(request)
    if state < 0:
        return skipped("the kernel does not report it")
    if state == TIME_ERROR:
        return warning(
            "not synchronised: alarms and the recording may have a wrong time",
            "check the network, then `timedatectl status`; a Pi without a clock chip boots with a past time",
        )
    return passed("synchronised")


def disk(storage: StorageSettings, directory: Path) -> Finding:
    """Is there enough free space, and is the disk writable?"""
    place = next((folder for folder in (directory, *directory.parents) if folder.exists()), directory)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"ecg-edge")
            file.flush()
    except OSError as error:
        return failed(
            f"{place} cannot be written ({error.strerror})",
            "run as the service's user (sudo -u ecg-edge ecg-edge doctor ...), or change storage.directory; "
            "on a read-only disk see `dmesg`",
        )
    usage = shutil.disk_usage(place)
    free_mb, limit_mb = usage.free / 1e6, storage.recording_leave_free_mb
    text = f"{free_mb:.0f} MB free in {place}"
    if free_mb < limit_mb:
        return failed(
            f"{text}, less than the {limit_mb:g} MB that the recording leaves free: nothing is recorded",
            "delete unneeded files, lower storage.recording_leave_free_mb, or use a larger card",
        )
    if free_mb < storage.recording_max_mb and not (directory / "recording").exists():
        return warning(
            f"{text}, less than the {storage.recording_max_mb:g} MB that the recording may take",
            "its oldest part will be deleted early; lower storage.recording_max_mb, or use a larger card",
        )
    return passed(f"{text}{'' if place == directory else f', where {directory} will be created'}")


def outbox(directory: Path) -> Finding:
    """Does the outbox open?"""
    state = outbox_state(directory)
    if state is OutboxState.DAMAGED:
        return failed(
            f"{directory / 'outbox.sqlite'} is damaged",
            "at its start the monitor puts it aside and saves what can be read; check the card (`dmesg`)",
        )
    if state is OutboxState.FORBIDDEN:
        return failed(
            f"{directory / 'outbox.sqlite'} may not be opened by this user",
            "run as the service's user: sudo -u ecg-edge ecg-edge doctor ...",
        )
    if state is OutboxState.IN_USE:
        return passed("in use by a running monitor")
    return passed("none yet; the monitor creates it" if state is OutboxState.ABSENT else "opens, and is undamaged")


def service() -> Finding:
    """Is the monitor installed as a service with a watchdog?"""
    unit = _systemd_properties(UNIT, "LoadState", "ActiveState", "UnitFileState", "WatchdogUSec")
    if isinstance(unit, str):
        return skipped(unit)
    if unit["LoadState"] != "loaded":
        return skipped(f"{UNIT} is not installed (systemd/{UNIT})")
    if unit["WatchdogUSec"] in {"0", "infinity"}:
        return warning(f"{UNIT} has no watchdog", f"install systemd/{UNIT}, which has WatchdogSec=30")
    if unit["UnitFileState"] != "enabled":
        return warning(f"{UNIT} does not start at boot", f"sudo systemctl enable --now {UNIT}")
    if unit["ActiveState"] == "failed":
        return failed(f"{UNIT} has failed", f"see `journalctl -u {UNIT} -n 50`")
    return passed(f"{unit['ActiveState']}, watchdog after {unit['WatchdogUSec']}")


def watchdog() -> Finding:
    """Is the hardware watchdog armed, which restarts a hanging kernel?"""
    manager = _systemd_properties("", "RuntimeWatchdogUSec")
    if isinstance(manager, str):
        return skipped(manager)
    if manager["RuntimeWatchdogUSec"] in {"0", "off", "infinity"}:
        return warning(
            "the hardware watchdog is not armed: it does not restart a hanging kernel",
            "RuntimeWatchdogSec=15 in /etc/systemd/system.conf, then reboot",
        )
    return passed(f"restarts this host after {manager['RuntimeWatchdogUSec']}")


def _systemd_properties(unit: str, *names: str) -> dict[str, str] | str:
    """Properties of a unit, or of the manager itself if `unit` is empty; a sentence if systemd does not answer."""
    program = shutil.which("systemctl")
    if program is None:
        return "this system has no systemd"
    command = [program, "show", *([unit] if unit else []), *(f"--property={name}" for name in names)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=SYSTEMCTL_TIMEOUT_S, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        return "systemd does not answer"
    properties = dict(line.split("=", 1) for line in answer.stdout.splitlines() if "=" in line)
    return properties if properties.keys() >= set(names) else "systemd is not running here"
