"""The interfaces to SPI, GPIO pins and clock that the drivers use, and `open_bus` for a Raspberry Pi.

In the tests a simulated chip implements the same interfaces, byte for byte.
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
        number: counts the edges of this line; a jump is the number of missed edges.
        ns: its time on the monotonic clock.
    """

    number: int
    ns: int


class Spi(Protocol):
    """One chip on an SPI bus."""

    def transfer(self, data: bytes) -> bytes:
        """Select the chip, exchange bytes, keep it selected for 8 us more; returns its reply.

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
        """The falling edges since the last call, oldest first; waits for one until the timeout.

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
    """The clock that also timestamps edges."""

    def now_ns(self) -> int:
        """The time on the monotonic clock."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait at least this long."""
        ...

    def sleep_until(self, ns: float) -> None:
        """Wait until a time on the monotonic clock; return at once if it has passed."""
        ...


class SystemClock:
    """CLOCK_MONOTONIC, which the kernel also uses to timestamp GPIO edges."""

    def now_ns(self) -> int:
        """The time on the monotonic clock."""
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        """Wait at least this long."""
        time.sleep(seconds)

    def sleep_until(self, ns: float) -> None:
        """Wait until a time on the monotonic clock; return at once if it has passed.

        `time.sleep` computes an absolute deadline when it is called, and waits with clock_nanosleep(2). Only an
        interruption of this line makes it late, and the delay does not carry over to the next deadline.
        """
        time.sleep(max(0.0, (ns - time.monotonic_ns()) / 1e9))


@dataclass(frozen=True, slots=True)
class Bus:
    """Everything that connects a driver to its chip."""

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
        spi_bus: bus in `/dev/spidev<bus>.<device>`.
        spi_device: device (chip select) in the same path.
        spi_hz: clock frequency.
        spi_mode: 0 to 3.
        edge_line: line whose falling edges are detected.
        outputs: output lines with their initial levels.
        inputs: input lines.

    Raises:
        HardwareError: something is missing, forbidden or busy; the message says what to do.
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
