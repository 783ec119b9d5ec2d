"""SPI through the kernel's spidev device and the Python module `spidev`."""

from __future__ import annotations

import errno
from typing import Any

from ecg.errors import HardwareError
from ecg.extras import how_to_install

__all__ = ["LinuxSpi"]

HOLD_US = 8
"""Chip select stays low this long after the last bit: 4 clocks of an ADS1292's 512 kHz (7.8 us). It harms no chip."""

_CAUSES = {
    errno.ENOENT: "is not there; put `dtparam=spi=on` into /boot/firmware/config.txt and reboot",
    errno.ENODEV: "has no device behind it; check the SPI overlay in /boot/firmware/config.txt",
    errno.EACCES: "may not be opened by this user; add the user to the group spi (sudo usermod -aG spi USER)",
    errno.EPERM: "may not be opened by this user; in a service's unit, allow it with DeviceAllow=char-spi rw",
    errno.EBUSY: "is in use; stop the program or overlay that uses it",
}


class LinuxSpi:
    """`/dev/spidev<bus>.<device>`.

    Raises:
        HardwareError: it cannot be opened; the message says why and what to do.
    """

    def __init__(self, *, bus: int, device: int, hz: int, mode: int) -> None:
        self._path = f"/dev/spidev{bus}.{device}"
        self._hz = hz
        try:
            import spidev  # noqa: PLC0415 (only there on a Pi)
        except ImportError:
            raise HardwareError(
                f"the Python module spidev is missing; install it with: {how_to_install('pi')}"
            ) from None
        self._device: Any = spidev.SpiDev()
        try:
            self._device.open(bus, device)
            self._device.max_speed_hz = hz
            self._device.mode = mode
        except OSError as error:
            raise self._failure(error) from None

    def transfer(self, data: bytes) -> bytes:
        """Exchange bytes with the chip selected; keep it selected for 8 us more.

        Raises:
            HardwareError: the kernel refuses.
        """
        try:
            return bytes(self._device.xfer2(data, self._hz, HOLD_US))
        except OSError as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Release the device."""
        self._device.close()

    def _failure(self, error: OSError) -> HardwareError:
        cause = _CAUSES.get(error.errno or 0, f"does not work ({error.strerror or error}); see `dmesg`")
        return HardwareError(f"the SPI device {self._path} {cause}")
