"""How a front end is wired to the Pi: pin maps from `firmware_config/board-NAME.toml`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from ecg.errors import InputError
from ecg.validation import in_words
from edge.frontends.firmware import read_firmware_file

__all__ = ["Ad8232Board", "Ads1292Board", "Board", "load_board"]

Line = Annotated[int, msgspec.Meta(ge=0, le=53)]
"""BCM number of a GPIO line."""


SPI_LINES = {
    0: {8: "CE0", 7: "CE1", 9: "MISO", 10: "MOSI", 11: "SCLK"},
    1: {18: "CE0", 19: "MISO", 20: "MOSI", 21: "SCLK"},
}
"""Lines that the boot lines `dtparam=spi=on` and `dtoverlay=spi1-1cs` give to the SPI buses; both chip selects of the
first bus are taken, whichever the board uses."""


class _Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="front_end"):
    """The fields that all boards share.

    Attributes:
        description: display name.
        spi_bus, spi_device: numbers in `/dev/spidev<bus>.<device>`.
        spi_hz: SPI clock frequency.
    """

    description: str
    spi_bus: Annotated[int, msgspec.Meta(ge=0)]
    spi_device: Annotated[int, msgspec.Meta(ge=0)]

    functions: ClassVar[tuple[str, ...]] = ()

    def lines(self) -> dict[int, str]:
        """Every line that the board and its SPI bus take, by BCM number, and what it is."""
        taken = dict(SPI_LINES.get(self.spi_bus, {}))
        for function in self.functions:
            line = getattr(self, function)
            if line is not None:
                taken[line] = function.upper()
        return taken


class Ads1292Board(_Board, frozen=True, kw_only=True, tag="ads1292"):
    """A board with an ADS1291, ADS1292 or ADS1292R.

    Attributes:
        spi_hz: at most 1.024 MHz: the chip needs 4 clocks of its 512 kHz between the bytes of a command.
        drdy: falls when a sample is ready.
        start: high = convert; None where the board ties it low. A command then starts the conversions.
        reset: PWDN/RESET; None where the board ties it high. A command then resets the chip.
        ecg_channel: the channel wired to the ECG electrodes.
    """

    spi_hz: Annotated[int, msgspec.Meta(ge=10_000, le=1_024_000)]
    drdy: Line
    start: Line | None = None
    reset: Line | None = None
    ecg_channel: Literal[1, 2]

    functions: ClassVar[tuple[str, ...]] = ("drdy", "start", "reset")


class Ad8232Board(_Board, frozen=True, kw_only=True, tag="ad8232"):
    """A board with an AD8232 and an ADC.

    Attributes:
        spi_hz: at most 1 MHz for the MCP3208 at 3.3 V.
        adc: type of the ADC.
        adc_channel: the ADC input wired to the AD8232's output.
        reference_v: reference voltage of the ADC, its full scale.
        lo_plus, lo_minus: high = electrode off.
        sdn: low = shut down; None where it is not wired.
        gain: from the electrodes to the AD8232's output.
    """

    spi_hz: Annotated[int, msgspec.Meta(ge=10_000, le=1_350_000)]
    adc: Literal["mcp3208", "mcp3008"]
    adc_channel: Annotated[int, msgspec.Meta(ge=0, le=7)]
    reference_v: Annotated[float, msgspec.Meta(gt=0, le=5.5)]
    lo_plus: Line
    lo_minus: Line
    sdn: Line | None = None
    gain: Annotated[float, msgspec.Meta(gt=0)]

    functions: ClassVar[tuple[str, ...]] = ("lo_plus", "lo_minus", "sdn")


Board = Ads1292Board | Ad8232Board


def load_board(name: str) -> Board:
    """Read a board's pin map.

    Args:
        name: name of a shipped file, or a path.

    Raises:
        InputError: there is no such file, it has a mistake, or two functions share a pin.
    """
    path, content = read_firmware_file(name, prefix="board-", what="board")
    try:
        board: Board = msgspec.convert(content, Board)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {in_words(str(error))}") from None
    taken = dict(SPI_LINES.get(board.spi_bus, {}))
    for function in board.functions:
        line = getattr(board, function)
        if line is None:
            continue
        if line in taken:
            raise InputError(f"{path}: {function} and {taken[line]} are both on GPIO {line}; each needs its own pin")
        taken[line] = function
    return board
