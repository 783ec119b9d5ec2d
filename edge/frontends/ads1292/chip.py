"""Controls an ADS1291, ADS1292 or ADS1292R: start-up, identity, registers, frames.

Command sequence and waiting times: datasheet SBAS502, "Initial Flow at Power-Up" and "SPI Command Definitions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from edge.frontends.ads1292.frame import FRAME_BYTES
from edge.frontends.ads1292.registers import CHIPS, REGISTERS, LeadOffStatus
from edge.frontends.bus import open_bus

if TYPE_CHECKING:
    from edge.frontends.ads1292.register_set import RegisterSet
    from edge.frontends.boards import Ads1292Board
    from edge.frontends.bus import Bus

__all__ = ["Ads1292Chip", "open_board"]

SPI_MODE = 1  # the clock idles low, data are valid on its falling edge

START, STOP, RESET = b"\x08", b"\x0a", b"\x06"
RDATAC, SDATAC = b"\x10", b"\x11"
RREG, WREG = 0x20, 0x40

POWER_UP_S = 1.0  # supplies, oscillator and the chip's own power-on reset settle
RESET_PULSE_S = 50e-6  # at least one clock of 512 kHz (2 us)
AFTER_RESET_S = 100e-6  # at least 18 clocks (35 us) until the registers are at their reset values
DECODE_S = 10e-6  # 4 clocks (7.8 us) for the chip to decode a command before the next one
REFERENCE_S = 0.15  # for the reference buffer to charge its capacitor
LEAD_OFF_S = 0.1  # for the test current to charge the inputs, and for the comparators to see some samples

UNKNOWN_RESET = {"RESP2"}
"""Public sources disagree on its value after a reset."""

IDENTITY_READS = 3
"""So often an unknown ID is read: the values agree where a chip answers, and differ where MISO floats or bits flip."""

RELATIVES = {0x50: "ADS1191", 0x51: "ADS1192"}
CHECK_WIRES = "generally a wiring problem: check"


def open_board(board: Ads1292Board) -> Bus:
    """Open the SPI device and the lines of a board; its chip is awake and does not convert.

    Raises:
        HardwareError: see `open_bus`.
    """
    outputs = {}
    if board.start is not None:
        outputs[board.start] = False
    if board.reset is not None:
        outputs[board.reset] = True
    return open_bus(
        spi_bus=board.spi_bus,
        spi_device=board.spi_device,
        spi_hz=board.spi_hz,
        spi_mode=SPI_MODE,
        edge_line=board.drdy,
        outputs=outputs,
    )


class Ads1292Chip:
    """One chip.

    Args:
        bus: connects it.
        board: its pins.
        registers: its configuration.
    """

    def __init__(self, bus: Bus, board: Ads1292Board, registers: RegisterSet) -> None:
        self._bus = bus
        self._board = board
        self._registers = registers

    def start_up(self) -> str:
        """Bring the chip from any state to converting and sending frames; returns its name.

        Raises:
            HardwareError: there is no chip or another one, or a register does not keep its value; the message says what
                to check.
        """
        name = self.configure()
        if self._board.start is not None:
            self._bus.pins.set(self._board.start, high=True)
        else:
            self._command(START)
        self._command(RDATAC)
        return name

    def configure(self) -> str:
        """Bring the chip from any state to configured, stopped and answering register reads; returns its name.

        Raises:
            HardwareError: as `start_up`.
        """
        self.wake()
        name = self.identify()
        if name not in self._registers.chips:
            raise HardwareError(
                f"the chip is an {name}, the register set {self._registers.name} is for "
                f"{' or '.join(self._registers.chips)}; set source.ads1292.registers to one for the {name}"
            )
        self._write("CONFIG2")  # the reference first: it takes longest
        self._bus.clock.sleep(REFERENCE_S)
        for register in REGISTERS:
            self._write(register)
        for register, (expected, actual) in self.read_back().items():
            raise HardwareError(
                "the registers do not keep what is written to them; "
                f"{CHECK_WIRES} MOSI (DIN), SCLK, the supply, and that the wires are short",
                detail=f"{register} reads back 0x{actual:02X} after 0x{expected:02X} was written",
            )
        return name

    def wake(self) -> None:
        """Bring the chip from any state to stopped and answering register reads, with all registers reset."""
        self._reset()
        self._command(SDATAC)  # after a reset the chip sends frames and ignores register reads

    def identify(self) -> str:
        """Name of the chip by its ID register; the chip must not be sending frames.

        Raises:
            HardwareError: the chip is not supported, or none answers; the message says what it may be.
        """
        identity = self.read_registers(0x00, 1)[0]
        if identity in CHIPS:
            return CHIPS[identity]
        others = [self.read_registers(0x00, 1)[0] for _ in range(IDENTITY_READS - 1)]
        if any(other != identity for other in others):
            raise HardwareError(
                "the ID register reads differently each time; "
                f"{CHECK_WIRES} MISO (DOUT) and CS, MOSI and SCLK, and the board's spi_hz",
                detail=", ".join(f"0x{each:02X}" for each in (identity, *others)),
            )
        if identity in {0x00, 0xFF}:
            level = "low" if identity == 0x00 else "high"
            raise HardwareError(
                f"the ID register reads 0x{identity:02X}: MISO (DOUT) stays {level}, no chip answers; {CHECK_WIRES} "
                f"MISO, CS, the 3.3 V supply and ground, and that PWDN/RESET is high"
            )
        if identity in RELATIVES:
            raise HardwareError(
                f"the chip is an {RELATIVES[identity]} (ID 0x{identity:02X}), a 16-bit relative that is not read here; "
                "an ADS1291, ADS1292 or ADS1292R is"
            )
        raise HardwareError(
            f"the ID register reads 0x{identity:02X}, which no ADS1291 (0x52), ADS1292 (0x53) or ADS1292R (0x73) has; "
            f"{CHECK_WIRES} MISO, MOSI and SCLK, and the board's spi_hz"
        )

    def read_back(self) -> dict[str, tuple[int, int]]:
        """Registers with a wrong value: (expected, actual) by name; empty if there are none."""
        values = self.read_registers(0x01, len(REGISTERS))
        differing = {}
        for (name, (_, kind)), actual in zip(REGISTERS.items(), values, strict=True):
            expected = self._registers.register(name).to_byte()
            if (expected ^ actual) & ~kind.READ_ONLY:
                differing[name] = (expected, actual)
        return differing

    def lead_off(self) -> int:
        """State of the lead-off comparators, RLD 2N 2P 1N 1P, 1 = off; call it between frames, which then continue."""
        self._bus.clock.sleep(LEAD_OFF_S)
        self._command(SDATAC)
        off = self.read_registers(REGISTERS["LOFF_STAT"][0], 1)[0] & LeadOffStatus.READ_ONLY
        self._command(RDATAC)
        return off

    def verify(self) -> None:
        """Check that the chip answers and keeps its configuration; call it between frames, which then continue.

        This also resynchronises a chip that has lost its mode or its place in a frame.

        Raises:
            HardwareError: nothing answers, or a register has changed, for example by a reset after a supply dip.
        """
        self._command(SDATAC)
        self.identify()
        differing = self._confirmed_differences()
        if differing:
            self._refuse_reset(differing)
            raise HardwareError(
                f"{', '.join(differing)} changed by themselves; {CHECK_WIRES} the supply, PWDN/RESET and the SPI wires"
            )
        self._command(RDATAC)

    def restore(self) -> list[str]:
        """Read every register back and write those anew that changed; call it between frames, which then continue.

        It takes three transfers of 15 bytes in all where nothing has changed. A difference counts only where a second
        reading confirms it: a bit that flips on the wires has changed nothing in the chip.

        Returns:
            Names of the registers that had changed.

        Raises:
            HardwareError: the chip has reset itself, or a register does not keep what is written to it.
        """
        self._command(SDATAC)
        changed = self._confirmed_differences()
        if changed:
            self._refuse_reset(changed)
            for register in changed:
                self._write(register)
            if unkept := self._confirmed_differences():
                raise HardwareError(
                    f"{', '.join(unkept)} changed and cannot be written anew; "
                    f"{CHECK_WIRES} the supply, PWDN/RESET and the SPI wires"
                )
        self._command(RDATAC)
        return list(changed)

    def _confirmed_differences(self) -> dict[str, tuple[int, int]]:
        differing = self.read_back()
        if not differing:
            return {}
        again = self.read_back()
        return {name: values for name, values in differing.items() if again.get(name) == values}

    def _refuse_reset(self, differing: dict[str, tuple[int, int]]) -> None:
        """Raise a HardwareError if every register that a reset changes is back at its reset value.

        One register alone at its reset value has lost its bits; a reset takes all.
        """
        by_reset = {
            name
            for name, (_, kind) in REGISTERS.items()
            if name not in UNKNOWN_RESET and (self._registers.register(name).to_byte() ^ kind.RESET) & ~kind.READ_ONLY
        }
        lost = {name for name, (_, actual) in differing.items() if actual == REGISTERS[name][1].RESET}
        if by_reset <= lost and lost:
            raise HardwareError(
                f"the chip has reset itself ({', '.join(differing)} back at the reset value): a brown-out; "
                "check the supply of the board, its wires, and what else draws from it"
            )

    def read_frame(self) -> bytes:
        """The frame of the latest conversion."""
        return self._bus.spi.transfer(bytes(FRAME_BYTES))

    def read_registers(self, address: int, count: int) -> bytes:
        """Values of `count` registers starting at `address`; the chip must not be sending frames."""
        answer = self._bus.spi.transfer(bytes((RREG | address, count - 1)) + bytes(count))
        self._bus.clock.sleep(DECODE_S)
        return answer[2:]

    def stop(self) -> None:
        """Stop conversions and frames."""
        self._command(SDATAC)
        if self._board.start is not None:
            self._bus.pins.set(self._board.start, high=False)
        else:
            self._command(STOP)

    def _reset(self) -> None:
        pins, sleep = self._bus.pins, self._bus.clock.sleep
        if self._board.start is not None:
            pins.set(self._board.start, high=False)  # no conversions while it is configured
        if self._board.reset is None:
            sleep(POWER_UP_S)
            self._command(RESET)
        else:
            pins.set(self._board.reset, high=True)
            sleep(POWER_UP_S)
            pins.set(self._board.reset, high=False)
            sleep(RESET_PULSE_S)
            pins.set(self._board.reset, high=True)
        sleep(AFTER_RESET_S)

    def _command(self, opcode: bytes) -> None:
        self._bus.spi.transfer(opcode)
        self._bus.clock.sleep(DECODE_S)

    def _write(self, register: str) -> None:
        address, _ = REGISTERS[register]
        self._bus.spi.transfer(bytes((WREG | address, 0, self._registers.register(register).to_byte())))
        self._bus.clock.sleep(DECODE_S)
