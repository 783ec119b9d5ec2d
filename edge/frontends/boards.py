"""How a front end is wired to the Pi: pin maps read from `firmware_config/board-NAME.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ecg.errors import InputError
from edge.frontends.firmware import read_firmware_file

__all__ = ["Ad8232Board", "Ads1292Board", "Board", "load_board"]

Line = Annotated[int, msgspec.Meta(ge=0, le=53)]
"""A GPIO by its BCM number."""


class _Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="front_end"):
    """What all boards have.

    Attributes:
        description: for a person.
        spi_bus, spi_device: of `/dev/spidev<bus>.<device>`.
        spi_hz: speed of the SPI clock.
    """

    description: str
    spi_bus: Annotated[int, msgspec.Meta(ge=0)]
    spi_device: Annotated[int, msgspec.Meta(ge=0)]


class Ads1292Board(_Board, frozen=True, kw_only=True, tag="ads1292"):
    """A board with an ADS1291, ADS1292 or ADS1292R.

    Attributes:
        spi_hz: at most 1.024 MHz: the chip needs 4 clocks of its 512 kHz between the bytes of a command.
        drdy: falls when a sample is ready.
        start: high = convert; None where the board ties it low, conversion is then started by command.
        reset: PWDN/RESET; None where the board ties it high, a reset is then a command.
        ecg_channel: the one that the ECG is wired to.
    """

    spi_hz: Annotated[int, msgspec.Meta(ge=10_000, le=1_024_000)]
    drdy: Line
    start: Line | None = None
    reset: Line | None = None
    ecg_channel: Literal[1, 2]


class Ad8232Board(_Board, frozen=True, kw_only=True, tag="ad8232"):
    """A board with an AD8232 beside an ADC.

    Attributes:
        spi_hz: at most 1 MHz for the MCP3208 at 3.3 V.
        adc: the converter.
        adc_channel: its input that the AD8232's output is wired to.
        reference_v: the converter's reference: what its full scale stands for.
        lo_plus, lo_minus: high = electrode off.
        sdn: low = shut down; None where it is not wired.
        gain: from the electrodes to the output.
    """

    spi_hz: Annotated[int, msgspec.Meta(ge=10_000, le=1_350_000)]
    adc: Literal["mcp3208", "mcp3008"]
    adc_channel: Annotated[int, msgspec.Meta(ge=0, le=7)]
    reference_v: Annotated[float, msgspec.Meta(gt=0, le=5.5)]
    lo_plus: Line
    lo_minus: Line
    sdn: Line | None = None
    gain: Annotated[float, msgspec.Meta(gt=0)]


Board = Ads1292Board | Ad8232Board


def load_board(name: str) -> Board:
    """Read a board's pin map.

    Args:
        name: of a file that ships, or a path.

    Raises:
        InputError: no such file, a mistake in it, or two functions on one pin.
    """
    path, content = read_firmware_file(name, prefix="board-", what="board")
    try:
        board: Board = msgspec.convert(content, Board)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {str(error).replace('`', '')}") from None
    lines = [("drdy", "start", "reset"), ("lo_plus", "lo_minus", "sdn")][isinstance(board, Ad8232Board)]
    taken: dict[int, str] = {}
    for function in lines:
        line = getattr(board, function)
        if line is not None and line in taken:
            raise InputError(f"{path}: {function} and {taken[line]} are both on GPIO {line}; each needs its own pin")
        taken[line] = function
    return board
