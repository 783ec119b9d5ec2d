"""Checks of the Raspberry Pi: boot configuration, groups, SPI device, GPIO chip, free lines, button."""

from __future__ import annotations

import grp
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from ecg.extras import how_to_install
from edge.doctor.results import Finding, Outcome, failed, passed, skipped, warning
from edge.frontends.bus.gpio import open_pins
from edge.frontends.bus.spi import LinuxSpi
from edge.storage.in_use import OutboxState, outbox_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.frontends.boards import Board

__all__ = ["BOOT_FILES", "boot_config", "button", "gpio_chip", "groups", "lines_free", "spi_device"]

BOOT_FILES = (Path("/boot/firmware/config.txt"), Path("/boot/config.txt"))
"""Since Bookworm, and before."""

STOP_IT = "stop it to check its front end: sudo systemctl stop ecg-edge"
BOOT_LINES = {0: "dtparam=spi=on", 1: "dtoverlay=spi1-1cs"}
"""Boot lines that enable an SPI bus; see `firmware_config/config.txt`."""


def boot_config(spi_bus: int, files: Sequence[Path] = BOOT_FILES) -> Finding:
    """Does config.txt enable the SPI bus?"""
    wanted = BOOT_LINES.get(spi_bus)
    file = next((file for file in files if file.exists()), None)
    if file is None or wanted is None:
        return skipped("there is no config.txt of a Raspberry Pi here" if file is None else f"SPI bus {spi_bus}")
    if _turns_on(file, spi_bus):
        return passed(f"{file} turns SPI bus {spi_bus} on")
    return warning(f"{file} has no line {wanted}", f"put `{wanted}` into it and reboot (firmware_config/config.txt)")


def groups(wanted: Sequence[str] = ("spi", "gpio")) -> Finding:
    """May this user open the devices?"""
    if os.geteuid() == 0:
        return passed("root needs none; systemd/ecg-edge.sysusers sets those of the service's own user")
    existing = {name: _group(name) for name in wanted}
    absent = [name for name, found in existing.items() if found is None]
    if absent:
        return skipped(f"this system has no group {' and '.join(absent)}")
    mine = {os.getegid(), *os.getgroups()}
    missing = [name for name, found in existing.items() if found is not None and found.gr_gid not in mine]
    if not missing:
        return passed(f"in {' and '.join(wanted)}")
    return warning(
        f"this user is not in {' and '.join(missing)}",
        f"sudo usermod -aG {','.join(missing)} {_user()}, then log out and in again",
    )


def spi_device(board: Board, files: Sequence[Path] = BOOT_FILES) -> Finding:
    """Does the SPI device exist, and may this user open it?"""
    try:
        LinuxSpi(bus=board.spi_bus, device=board.spi_device, hz=board.spi_hz, mode=1).close()
    except HardwareError as error:
        found, _, advice = str(error).partition("; ")
        if "is not there" in found and any(_turns_on(file, board.spi_bus) for file in files if file.exists()):
            advice = "config.txt turns it on: reboot; if it is still missing, see `dmesg | grep -i spi`"
        return failed(found, advice)
    return passed(f"/dev/spidev{board.spi_bus}.{board.spi_device} opens, {board.spi_hz / 1e6:g} MHz")


def gpio_chip() -> Finding:
    """Does the header's GPIO chip exist, and may this user open it?"""
    try:
        from edge.frontends.bus.gpio_chip import find_header  # noqa: PLC0415 (gpiod may be missing)
    except ImportError:
        open_pins(edge_line=None, outputs={}, inputs=()).close()
        return warning(
            "through the module RPi.GPIO: this process timestamps the edges, and late",
            f"install gpiod, with which the kernel timestamps and numbers the edges: {how_to_install('pi')}",
        )
    return passed(f"{find_header()}, through gpiod")


def lines_free(lines: Sequence[int], storage: Path) -> Finding:
    """Are the lines free? The check is skipped while a monitor runs, so as not to disturb it.

    Args:
        lines: of the board, by BCM number.
        storage: storage directory of the settings; an outbox in use there also shows a running monitor.
    """
    if outbox_state(storage) is OutboxState.IN_USE:
        return skipped(f"a monitor is running and uses them (its outbox in {storage} is in use); {STOP_IT}")
    named = ", ".join(map(str, sorted(lines)))
    try:
        from edge.frontends.bus.gpio_chip import CONSUMER, find_header, users_of  # noqa: PLC0415 (may be missing)
    except ImportError:
        return warning(f"GPIO {named}: without gpiod their users are unknown", "install gpiod")
    users = users_of(find_header(), lines)
    if CONSUMER in users.values():
        return skipped(f"a monitor is running and uses GPIO {', '.join(map(str, users))}; {STOP_IT}")
    if users:
        text = ", ".join(f"GPIO {line} by {user!r}" for line, user in users.items())
        return failed(f"in use: {text}", "stop that program, or remove its overlay from config.txt")
    return passed(f"GPIO {named}")


def button(pin: int, lines: Sequence[int], storage: Path) -> Finding:
    """Is the patient's button wired to a line of its own, and not pressed?

    Args:
        pin: of the settings; 0 = no button.
        lines: of the front end's board, by BCM number.
        storage: as in `lines_free`.
    """
    if not pin:
        return skipped("button.pin is 0: none is fitted")
    if pin in lines:
        return failed(f"the front end uses GPIO {pin} too", "wire the button to another pin, and set button.pin")
    free = lines_free([pin], storage)
    if free.outcome is not Outcome.PASSED:
        return free
    pins = open_pins(edge_line=pin, outputs={}, inputs=())
    try:
        is_high = pins.read(pin)
    finally:
        pins.close()
    if not is_high:
        return failed(
            f"GPIO {pin} is low: the button is pressed, or shorted",
            "release it; check its wires, and that they go to this pin and to ground",
        )
    return passed(f"GPIO {pin}, not pressed")


def _turns_on(file: Path, spi_bus: int) -> bool:
    """Whether an uncommented line enables the bus; overlays of the second bus differ in their chip selects."""
    wanted = BOOT_LINES[spi_bus].removesuffix("-1cs") if spi_bus in BOOT_LINES else ""
    lines = (line.split("#")[0].replace(" ", "") for line in file.read_text(errors="replace").splitlines())
    return bool(wanted) and any(line == wanted or line.startswith((f"{wanted}-", f"{wanted},")) for line in lines)


def _group(name: str) -> grp.struct_group | None:
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None


def _user() -> str:
    return os.environ.get("USER") or str(os.geteuid())
