"""Every register of the ADS1291, ADS1292 and ADS1292R as typed data (datasheet SBAS502, section "Register Map").

Each class shows its byte as the datasheet does, bit 7 on the left. A bit drawn as 0 or 1 is forced. `from_byte` refuses
a byte with a wrong forced bit or a reserved code, and names it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CHIPS",
    "GAINS",
    "REGISTERS",
    "ChannelSettings",
    "Config1",
    "Config2",
    "Gpio",
    "LeadOff",
    "LeadOffSense",
    "LeadOffStatus",
    "Mux",
    "Register",
    "Resp1",
    "Resp2",
    "RldSense",
]

CHIPS = {0x52: "ADS1291", 0x53: "ADS1292", 0x73: "ADS1292R"}
"""Supported chips by the value of their ID register (address 0x00, read only)."""

RATES_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
GAINS = (6, 1, 2, 3, 4, 8, 12)
THRESHOLDS_PERCENT = (95.0, 92.5, 90.0, 87.5, 85.0, 80.0, 75.0, 70.0)
CURRENTS_NA = (6, 22, 6_000, 22_000)


class Mux(IntEnum):
    """Input of a channel."""

    ELECTRODE = 0
    SHORTED = 1
    RLD_MEASURE = 2
    SUPPLY = 3
    TEMPERATURE = 4
    TEST_SIGNAL = 5
    RLD_POSITIVE = 6
    RLD_NEGATIVE = 7
    RLD_BOTH = 8
    INPUT_3 = 9


@dataclass(frozen=True, slots=True)
class _Bits:
    """Position of a field in its byte, and the values of its codes."""

    low: int
    width: int
    codes: Sequence[Any]  # None marks a reserved code
    what: str


def _bit(position: int) -> Any:
    """A field of one bit, off by default."""
    return field(default=False, metadata={"bits": _Bits(position, 1, (False, True), "")})


def _bits(high: int, low: int, default: Any, codes: Sequence[Any] | None = None, what: str = "") -> Any:
    """A field of the bits `high` to `low`; `codes` are the values of its codes, by default the codes themselves."""
    width = high - low + 1
    return field(default=default, metadata={"bits": _Bits(low, width, codes or range(1 << width), what)})


@dataclass(frozen=True, slots=True)
class Register:
    """Base of the registers: converts a byte to fields and back.

    Attributes:
        RESET: value after a reset.
        ONES: mask of the bits that must be 1. Bits outside this mask and all fields must be 0.
        READ_ONLY: mask of the bits that may read back differently than written.
    """

    RESET: ClassVar[int]
    ONES: ClassVar[int] = 0
    READ_ONLY: ClassVar[int] = 0

    @classmethod
    def from_byte(cls, byte: int, name: str) -> Self:
        """Decode a byte.

        Args:
            byte: value of the register.
            name: of the register, for the error message.

        Raises:
            InputError: it is not a byte, a forced bit is wrong, or a code is reserved; the message names which.
        """
        if not 0 <= byte <= 0xFF:
            raise InputError(f"{name}: {byte} is not a byte; use a value from 0x00 to 0xFF")
        free = 0
        values = {}
        for each in fields(cls):
            bits: _Bits = each.metadata["bits"]
            free |= ((1 << bits.width) - 1) << bits.low
            code = byte >> bits.low & ((1 << bits.width) - 1)
            values[each.name] = bits.codes[code] if code < len(bits.codes) else None
            if values[each.name] is None:
                allowed = ", ".join(f"{n} = {value}" for n, value in enumerate(bits.codes) if value is not None)
                raise InputError(f"{name}: {bits.what} code {code} is reserved by the datasheet; use {allowed}")
        wrong = (byte ^ cls.ONES) & ~free & 0xFF
        if wrong:
            bit = wrong.bit_length() - 1
            must = cls.ONES >> bit & 1
            raise InputError(f"{name}: bit {bit} must be {must} by the datasheet, but the byte is 0x{byte:02X}")
        return cls(**values)

    def to_byte(self) -> int:
        """Encode the fields and the forced bits."""
        byte = self.ONES
        for each in fields(self):
            bits: _Bits = each.metadata["bits"]
            byte |= bits.codes.index(getattr(self, each.name)) << bits.low
        return byte


@dataclass(frozen=True, slots=True)
class Config1(Register):
    """CONFIG1: conversion mode and data rate.

    SINGLE_SHOT | 0 | 0 | 0 | 0 | DR2 | DR1 | DR0
    """

    RESET = 0x02

    single_shot: bool = _bit(7)
    rate_hz: int = _bits(2, 0, 500, RATES_HZ, "data rate")


@dataclass(frozen=True, slots=True)
class Config2(Register):
    """CONFIG2: lead-off comparators, reference, clock output, test signal.

    1 | PDB_LOFF_COMP | PDB_REFBUF | VREF_4V | CLK_EN | 0 | INT_TEST | TEST_FREQ

    PDB is "power down" when 0: after a reset the comparators and the reference buffer are OFF. TEST_FREQ 1 is a 1 Hz
    square wave, 0 a constant.
    """

    RESET = 0x80
    ONES = 0b1000_0000

    lead_off_comparators: bool = _bit(6)
    reference_buffer: bool = _bit(5)
    reference_4v: bool = _bit(4)
    clock_output: bool = _bit(3)
    test_signal: bool = _bit(1)
    test_1hz: bool = _bit(0)

    @property
    def reference_v(self) -> float:
        """Voltage of the internal reference."""
        return 4.033 if self.reference_4v else 2.42


@dataclass(frozen=True, slots=True)
class LeadOff(Register):
    """LOFF: how the electrodes are tested.

    COMP_TH2 | COMP_TH1 | COMP_TH0 | 1 | ILEAD_OFF1 | ILEAD_OFF0 | 0 | FLEAD_OFF

    The threshold is in percent of the supply, for the positive side. FLEAD_OFF 0 tests with direct current, 1 with
    alternating current at a quarter of the data rate.
    """

    RESET = 0x10
    ONES = 0b0001_0000

    threshold_percent: float = _bits(7, 5, 95.0, THRESHOLDS_PERCENT, "threshold")
    current_na: int = _bits(3, 2, 6, CURRENTS_NA, "current")
    alternating: bool = _bit(0)


@dataclass(frozen=True, slots=True)
class ChannelSettings(Register):
    """CH1SET and CH2SET: power, gain and input of a channel.

    PD | GAIN2 | GAIN1 | GAIN0 | MUX3 | MUX2 | MUX1 | MUX0
    """

    RESET = 0x00

    powered_down: bool = _bit(7)
    gain: int = _bits(6, 4, 6, GAINS, "gain")
    mux: Mux = _bits(3, 0, Mux.ELECTRODE, tuple(Mux), "input")  # noqa: RUF009 - a dataclass field like its siblings


@dataclass(frozen=True, slots=True)
class RldSense(Register):
    """RLD_SENS: the right-leg drive and the inputs that it is derived from.

    CHOP1 | CHOP0 | PDB_RLD | RLD_LOFF_SENS | RLD2N | RLD2P | RLD1N | RLD1P

    CHOP: the chopping frequency of the amplifiers is the modulator's frequency divided by this number.
    """

    RESET = 0x00

    chop: int = _bits(7, 6, 16, (16, None, 2, 4), "chop")
    powered: bool = _bit(5)
    lead_off_sense: bool = _bit(4)
    inputs: int = _bits(3, 0, 0)


@dataclass(frozen=True, slots=True)
class LeadOffSense(Register):
    """LOFF_SENS: which inputs are tested, and the direction of the current.

    0 | 0 | FLIP2 | FLIP1 | LOFF2N | LOFF2P | LOFF1N | LOFF1P
    """

    RESET = 0x00

    flip_2: bool = _bit(5)
    flip_1: bool = _bit(4)
    inputs: int = _bits(3, 0, 0)


@dataclass(frozen=True, slots=True)
class LeadOffStatus(Register):
    """LOFF_STAT: divider of an external clock, and the state of the comparators (1 = off, read only).

    0 | CLK_DIV | 0 | RLD_STAT | IN2N_OFF | IN2P_OFF | IN1N_OFF | IN1P_OFF

    CLK_DIV 0 is for an external clock of 512 kHz, 1 for one of 2.048 MHz.
    """

    RESET = 0x00
    READ_ONLY = 0b0001_1111

    clock_2mhz: bool = _bit(6)
    off: int = _bits(4, 0, 0)


@dataclass(frozen=True, slots=True)
class Resp1(Register):
    """RESP1: respiration, on the ADS1292R only; the other chips require 0x02.

    RESP_DEMOD_EN1 | RESP_MOD_EN | RESP_PH3 | RESP_PH2 | RESP_PH1 | RESP_PH0 | 1 | RESP_CTRL
    """

    RESET = 0x02
    ONES = 0b0000_0010

    demodulation: bool = _bit(7)
    modulation: bool = _bit(6)
    phase: int = _bits(5, 2, 0)
    external_clock: bool = _bit(0)


@dataclass(frozen=True, slots=True)
class Resp2(Register):
    """RESP2: offset calibration, respiration frequency, the reference of the right-leg drive.

    CALIB_ON | 0 | 0 | 0 | 0 | RESP_FREQ | RLDREF_INT | 1

    RESP_FREQ 0 is 32 kHz, 1 is 64 kHz, and must be 1 on the chips without respiration. RLDREF_INT 1: half the supply,
    generated internally. Public sources disagree on the value after a reset; no code here depends on it.
    """

    RESET = 0x02
    ONES = 0b0000_0001

    calibration: bool = _bit(7)
    respiration_64khz: bool = _bit(2)
    rld_reference_internal: bool = _bit(1)


@dataclass(frozen=True, slots=True)
class Gpio(Register):
    """GPIO: the chip's own two pins; direction 1 = input. The levels of inputs are read only.

    0 | 0 | 0 | 0 | GPIOC2 | GPIOC1 | GPIOD2 | GPIOD1
    """

    RESET = 0x0C
    READ_ONLY = 0b0000_0011

    inputs: int = _bits(3, 2, 3)
    levels: int = _bits(1, 0, 0)


REGISTERS: dict[str, tuple[int, type[Register]]] = {
    "CONFIG1": (0x01, Config1),
    "CONFIG2": (0x02, Config2),
    "LOFF": (0x03, LeadOff),
    "CH1SET": (0x04, ChannelSettings),
    "CH2SET": (0x05, ChannelSettings),
    "RLD_SENS": (0x06, RldSense),
    "LOFF_SENS": (0x07, LeadOffSense),
    "LOFF_STAT": (0x08, LeadOffStatus),
    "RESP1": (0x09, Resp1),
    "RESP2": (0x0A, Resp2),
    "GPIO": (0x0B, Gpio),
}
"""The writable registers by name: address and class."""
