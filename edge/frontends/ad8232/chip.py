"""Controls an AD8232 and the converter behind it: wake, shut down, convert once, read the lead-off lines."""

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
"""Bits into the transfer at which the input is sampled: 10 on an MCP3208, 12 on an MCP3008."""

MAX_DELAY_NS = 500_000
"""A transfer that took this much longer than its bits was interrupted, so its sampling time is unknown."""

OUTPUT_MARGIN_V = 0.1
"""The AD8232's output is linear to within this distance of ground and of its supply (datasheet, output swing). Its
supply is assumed to equal the converter's reference, as the shipped boards are wired."""

WAKE_S = 0.01
"""SDN goes low for this long, then high: from any state to a defined one."""

IDENTIFY_CONVERSIONS = 8
"""One valid reply among these shows that a converter is there."""

WIRES = "generally a wiring problem: check MISO (DOUT), CS, CLK, the 3.3 V supply and ground of the converter"


class Reading(NamedTuple):
    """One conversion.

    Attributes:
        ns: time at which the input was sampled, on the monotonic clock; None where the transfer was interrupted.
        counts: the sample; None where the reply was damaged.
        reply: the raw reply.
    """

    ns: int | None
    counts: int | None
    reply: bytes


class LeadOff(NamedTuple):
    """State of the lines LO+ and LO-: high = electrode off."""

    plus: bool
    minus: bool


def open_board(board: Ad8232Board) -> Bus:
    """Open the SPI device and the lines of a board; its AD8232 is shut down.

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
        bus: connects them.
        board: pins, gain and reference.

    Attributes:
        adc: the converter.
        lowest, highest: counts between which the AD8232's output is linear.
    """

    def __init__(self, bus: Bus, board: Ad8232Board) -> None:
        self.adc = ADCS[board.adc]
        margin = OUTPUT_MARGIN_V / board.reference_v * self.adc.full_scale
        self.lowest, self.highest = margin, self.adc.full_scale - margin
        self._bus = bus
        self._board = board
        self._request = self.adc.request(board.adc_channel)
        bit_ns = 1e9 / board.spi_hz
        self._sampled_ns = round(SAMPLED_BITS * bit_ns)
        self._max_transfer_ns = 8 * len(self._request) * bit_ns + MAX_DELAY_NS

    @property
    def name(self) -> str:
        """Display name."""
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
        """Wake the AD8232 from any state; its output then needs more than a second to settle."""
        if self._board.sdn is not None:
            self.shut_down()
            self._bus.clock.sleep(WAKE_S)
            self._bus.pins.set(self._board.sdn, high=True)

    def shut_down(self) -> None:
        """Shut the AD8232 down, where SDN is wired."""
        if self._board.sdn is not None:
            self._bus.pins.set(self._board.sdn, high=False)

    def identify(self) -> None:
        """Check that a converter answers.

        Raises:
            HardwareError: none does; the message says what to check.
        """
        readings = [self.read() for _ in range(IDENTIFY_CONVERSIONS)]
        if all(reading.counts is None for reading in readings):
            raise self.no_converter_error(readings[-1].reply)

    def read(self) -> Reading:
        """Convert once, now."""
        began_ns = self._bus.clock.now_ns()
        reply = self._bus.spi.transfer(self._request)
        in_time = self._bus.clock.now_ns() - began_ns <= self._max_transfer_ns
        return Reading(began_ns + self._sampled_ns if in_time else None, self.adc.decode(reply), reply)

    def lead_off(self) -> LeadOff:
        """The current state of the lead-off comparators."""
        pins = self._bus.pins
        return LeadOff(pins.read(self._board.lo_plus), pins.read(self._board.lo_minus))

    def no_converter_error(self, reply: bytes) -> HardwareError:
        """The error for a reply that this type of converter never gives."""
        if reply.count(0xFF) == len(reply):
            return HardwareError(f"every reply reads 0xFF: MISO stays high, no {self.adc.name} answers; {WIRES}")
        return HardwareError(
            f"the replies are not those of an {self.adc.name}; "
            f"{WIRES}, that the board's adc is the part on it, and its spi_hz",
            detail=f"0x{reply.hex()} was the last",
        )

    def input_at_ground_error(self) -> HardwareError:
        """The error for replies of only zeros."""
        return HardwareError(
            f"every reply reads 0x00: MISO stays low and no {self.adc.name} answers, or its channel "
            f"{self._board.adc_channel} is at ground; {WIRES}, and the AD8232's supply and OUTPUT wire"
        )
