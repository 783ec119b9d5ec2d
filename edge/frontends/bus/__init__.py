"""What the drivers ask of SPI, of pins and of the clock, and `open_bus`, which gives a Raspberry Pi's.

A simulated chip in the tests answers the same calls, byte for byte.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Bus", "Clock", "Edge", "Pins", "Spi", "SystemClock", "open_bus"]


class Edge(NamedTuple):
    """A falling edge.

    Attributes:
        number: counts the edges of this line, so that a jump tells how many were missed.
        ns: its moment on the monotonic clock.
    """

    number: int
    ns: int


class Spi(Protocol):
    """One chip on an SPI bus."""

    def transfer(self, data: bytes) -> bytes:
        """Select the chip, exchange bytes, hold it selected for 8 us more, give what it answered.

        Raises:
            HardwareError: the bus does not work.
        """
        ...

    def close(self) -> None:
        """Release the device."""
        ...


class Pins(Protocol):
    """The GPIO lines of one front end, by BCM number."""

    def edges(self, timeout_s: float) -> Sequence[Edge]:
        """The falling edges since the last call, oldest first; waits for one until the time is out.

        Raises:
            HardwareError: the lines do not work.
        """
        ...

    def set(self, line: int, *, high: bool) -> None:
        """Set an output.

        Raises:
            HardwareError: the line does not work.
        """
        ...

    def read(self, line: int) -> bool:
        """Whether an input is high.

        Raises:
            HardwareError: the line does not work.
        """
        ...

    def close(self) -> None:
        """Release the lines."""
        ...


class Clock(Protocol):
    """The clock by which edges are stamped."""

    def now_ns(self) -> int:
        """The moment on the monotonic clock."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait at least so long."""
        ...

    def sleep_until(self, ns: float) -> None:
        """Wait for a moment on the monotonic clock; not at all if it has passed."""
        ...


class SystemClock:
    """CLOCK_MONOTONIC, which the kernel also stamps GPIO edges with."""

    def now_ns(self) -> int:
        """The moment on the monotonic clock."""
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        """Wait at least so long."""
        time.sleep(seconds)

    def sleep_until(self, ns: float) -> None:
        """Wait for a moment on the monotonic clock; not at all if it has passed.

        Python waits by clock_nanosleep(2) for an absolute moment, which it works out when it is called: only what
        interrupts this line makes it late, and the next deadline does not inherit it.
        """
        time.sleep(max(0.0, (ns - time.monotonic_ns()) / 1e9))


@dataclass(frozen=True, slots=True)
class Bus:
    """All that connects a driver with its chip."""

    spi: Spi
    pins: Pins
    clock: Clock

    def close(self) -> None:
        """Release everything."""
        self.spi.close()
        self.pins.close()


def open_bus(
    *,
    spi_bus: int,
    spi_device: int,
    spi_hz: int,
    spi_mode: int,
    edge_line: int | None = None,
    outputs: Mapping[int, bool] | None = None,
    inputs: Sequence[int] = (),
) -> Bus:
    """Open a Raspberry Pi's SPI device and GPIO lines.

    Args:
        spi_bus: bus of `/dev/spidev<bus>.<device>`.
        spi_device: chip select of the same.
        spi_hz: speed of the clock.
        spi_mode: 0 to 3.
        edge_line: whose falling edges are wanted.
        outputs: lines that are driven, with their first level.
        inputs: lines that are read.

    Raises:
        HardwareError: something is missing, forbidden or busy; says what, and the way out.
    """
    from edge.frontends.bus.gpio import open_pins  # noqa: PLC0415 (only where hardware is used)
    from edge.frontends.bus.spi import LinuxSpi  # noqa: PLC0415 (only where hardware is used)

    spi = LinuxSpi(bus=spi_bus, device=spi_device, hz=spi_hz, mode=spi_mode)
    try:
        pins = open_pins(edge_line=edge_line, outputs=outputs or {}, inputs=inputs)
    except BaseException:
        spi.close()
        raise
    return Bus(spi, pins, SystemClock())
