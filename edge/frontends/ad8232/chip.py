"""Talks to an AD8232 and the converter behind it: wake and shut down, one conversion, the lead-off lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecg.errors import HardwareError
from edge.frontends.ad8232.adc import ADCS
from edge.frontends.bus import open_bus

if TYPE_CHECKING:
    from edge.frontends.boards import Ad8232Board
    from edge.frontends.bus import Bus

__all__ = ["Ad8232Chip", "LeadOff", "Reading", "open_board"]

SPI_MODE = 0  # the MCP3208 and MCP3008 take modes 0 and 3

SAMPLED_BITS = 11
"""Of the transfer, when the input is sampled: 10 on an MCP3208, 12 on an MCP3008."""

LATE_NS = 500_000
"""A transfer that took so much longer than its bits was interrupted: when the input was sampled is not known."""

SWING_V = 0.1
"""The AD8232's output is linear up to so much from ground and from its supply (datasheet, output swing); its supply is
taken to be the converter's reference, as on the wiring of the shipped boards."""

WAKE_S = 0.01
"""SDN low for so long, and high again: from whatever state to a defined one."""

PROBES = 8
"""Conversions by which a converter is known to be there."""

WIRES = "generally a wiring problem: check MISO (DOUT), CS, CLK, the 3.3 V supply and ground of the converter"


class Reading(NamedTuple):
    """One conversion.

    Attributes:
        ns: the moment at which the input was sampled, on the monotonic clock; None where the transfer was interrupted.
        counts: None where the reply was damaged.
        reply: as it came.
    """

    ns: int | None
    counts: int | None
    reply: bytes


class LeadOff(NamedTuple):
    """What the lines LO+ and LO- say: high = electrode off."""

    plus: bool
    minus: bool


def open_board(board: Ad8232Board) -> Bus:
    """The SPI device and the lines of a board, its AD8232 shut down.

    Raises:
        HardwareError: see `open_bus`.
    """
    return open_bus(
        spi_bus=board.spi_bus,
        spi_device=board.spi_device,
        spi_hz=board.spi_hz,
        spi_mode=SPI_MODE,
        outputs={} if board.sdn is None else {board.sdn: False},
        inputs=(board.lo_plus, board.lo_minus),
    )


class Ad8232Chip:
    """One AD8232 and its converter.

    Args:
        bus: the way to them.
        board: pins, gain and reference.

    Attributes:
        adc: the converter.
        lowest, highest: counts between which the AD8232's output is linear.
    """

    def __init__(self, bus: Bus, board: Ad8232Board) -> None:
        self.adc = ADCS[board.adc]
        margin = SWING_V / board.reference_v * self.adc.full_scale
        self.lowest, self.highest = margin, self.adc.full_scale - margin
        self._bus = bus
        self._board = board
        self._request = self.adc.request(board.adc_channel)
        bit_ns = 1e9 / board.spi_hz
        self._sampled_ns = round(SAMPLED_BITS * bit_ns)
        self._longest_ns = 8 * len(self._request) * bit_ns + LATE_NS

    @property
    def name(self) -> str:
        """For a person."""
        return f"AD8232 with {self.adc.name}"

    @property
    def v_per_count(self) -> float:
        """Voltage of one step at the AD8232's output."""
        return self._board.reference_v / self.adc.full_scale

    @property
    def mv_per_count(self) -> float:
        """Voltage of one step at the electrodes."""
        return 1000 * self.v_per_count / self._board.gain

    def wake(self) -> None:
        """From any state to awake; its output then settles for more than a second."""
        if self._board.sdn is not None:
            self.shut_down()
            self._bus.clock.sleep(WAKE_S)
            self._bus.pins.set(self._board.sdn, high=True)

    def shut_down(self) -> None:
        """Put it to rest, where SDN is wired."""
        if self._board.sdn is not None:
            self._bus.pins.set(self._board.sdn, high=False)

    def identify(self) -> None:
        """See that a converter answers.

        Raises:
            HardwareError: none does; says what to check.
        """
        readings = [self.read() for _ in range(PROBES)]
        if all(reading.counts is None for reading in readings):
            raise self.no_converter(readings[-1].reply)

    def read(self) -> Reading:
        """Convert once, now."""
        began_ns = self._bus.clock.now_ns()
        reply = self._bus.spi.transfer(self._request)
        whole = self._bus.clock.now_ns() - began_ns <= self._longest_ns
        return Reading(began_ns + self._sampled_ns if whole else None, self.adc.decode(reply), reply)

    def lead_off(self) -> LeadOff:
        """The electrodes, as the comparators have them now."""
        pins = self._bus.pins
        return LeadOff(pins.read(self._board.lo_plus), pins.read(self._board.lo_minus))

    def no_converter(self, reply: bytes) -> HardwareError:
        """What a reply means that no such converter gives."""
        if reply.count(0xFF) == len(reply):
            return HardwareError(f"every reply reads 0xFF: MISO stays high, no {self.adc.name} answers; {WIRES}")
        return HardwareError(
            f"the replies are not those of an {self.adc.name} (0x{reply.hex()} was the last); "
            f"{WIRES}, that the board's adc is the part on it, and its spi_hz"
        )

    def at_ground(self) -> HardwareError:
        """What nothing but zeros means."""
        return HardwareError(
            f"every reply reads 0x00: MISO stays low and no {self.adc.name} answers, or its channel "
            f"{self._board.adc_channel} is at ground; {WIRES}, and the AD8232's supply and OUTPUT wire"
        )
