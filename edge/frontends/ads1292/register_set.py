"""Register sets: configurations of the chip, read from `firmware_config/ads129*.toml` and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ecg.errors import InputError
from edge.frontends.ads1292.registers import (
    CHIPS,
    REGISTERS,
    ChannelSettings,
    Config1,
    Config2,
    Gpio,
    LeadOff,
    LeadOffSense,
    LeadOffStatus,
    Resp1,
    Resp2,
    RldSense,
)
from edge.frontends.firmware import read_firmware_file

if TYPE_CHECKING:
    from edge.frontends.ads1292.registers import Mux, Register

__all__ = ["RLD_STATUS", "RegisterSet", "load_register_set"]

FULL_SCALE = 2**23 - 1
"""Counts at an input of reference voltage / gain."""

RLD_STATUS = 0b1_0000
"""Among the lead-off bits: the right-leg drive's output is at its end, as without its electrode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSet:
    """A value for every writable register.

    Attributes:
        name: display name.
        chips: the chips that it is for.
        config1 and the others: the registers, by the datasheet's names.
    """

    name: str
    chips: tuple[str, ...]
    config1: Config1
    config2: Config2
    loff: LeadOff
    ch1set: ChannelSettings
    ch2set: ChannelSettings
    rld_sens: RldSense
    loff_sens: LeadOffSense
    loff_stat: LeadOffStatus
    resp1: Resp1
    resp2: Resp2
    gpio: Gpio

    def register(self, name: str) -> Register:
        """A register by the datasheet's name, such as `CONFIG1`."""
        register: Register = getattr(self, name.lower())
        return register

    def channel(self, number: int) -> ChannelSettings:
        """Settings of channel 1 or 2."""
        return self.ch1set if number == 1 else self.ch2set

    def with_gain(self, channel: int, gain: int) -> RegisterSet:
        """A copy with another gain (1, 2, 3, 4, 6, 8 or 12) of a channel."""
        changed = replace(self.channel(channel), gain=gain)
        return replace(self, ch1set=changed) if channel == 1 else replace(self, ch2set=changed)

    def measuring(self, mux: Mux, gain: int, *, reference_4v: bool = False) -> RegisterSet:
        """A copy in which both channels measure an internal voltage and no electrode is tested.

        The reference of 4.033 V requires an analogue supply of 5 V.
        """
        changed = ChannelSettings(gain=gain, mux=mux)
        config2 = replace(self.config2, lead_off_comparators=False, reference_4v=reference_4v)
        return replace(self, config2=config2, loff_sens=LeadOffSense(), ch1set=changed, ch2set=changed)

    def mv_per_count(self, channel: int) -> float:
        """Voltage of one step: VREF / (gain * (2^23 - 1)), in mV."""
        return 1000 * self.config2.reference_v / (self.channel(channel).gain * FULL_SCALE)

    def lead_off_mask(self, channel: int) -> int:
        """Status bits (RLD 2N 2P 1N 1P) that show the electrodes of a channel; 0 if none does.

        A bit is valid only where its comparator is powered and connected to an input; all others are noise.
        """
        if not self.config2.lead_off_comparators:
            return 0
        mask = self.loff_sens.inputs & (0b0011 if channel == 1 else 0b1100)
        return mask | RLD_STATUS if self.rld_sens.lead_off_sense else mask


def load_register_set(name: str) -> RegisterSet:
    """Read a register set.

    Args:
        name: name of a shipped file, or a path.

    Raises:
        InputError: there is no such file, or a value is not allowed; the message names the register.
    """
    path, content = read_firmware_file(name, prefix="ads129", what="register set")
    values, chips = content.pop("registers", None), content.pop("chips", None)
    if not isinstance(values, dict) or not isinstance(chips, list) or content:
        raise InputError(f"{path}: a register set holds `chips`, a table [registers], and nothing else")
    for chip in chips:
        if chip not in CHIPS.values():
            raise InputError(f"{path}: chips: {chip!r} is not known; use {', '.join(CHIPS.values())}")
    if missing := REGISTERS.keys() - values.keys():
        raise InputError(f"{path}: {', '.join(sorted(missing))}: missing; every register needs a value")
    if unknown := values.keys() - REGISTERS.keys():
        raise InputError(f"{path}: {', '.join(sorted(unknown))}: no such register; they are {', '.join(REGISTERS)}")
    registers: dict[str, Any] = {}
    for register, (_, kind) in REGISTERS.items():
        value = values[register]
        if type(value) is not int:
            raise InputError(f"{path}: {register}: expected an integer such as 0b0000_0010, got {value!r}")
        try:
            registers[register.lower()] = kind.from_byte(value, register)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    checked = RegisterSet(name=path.stem, chips=tuple(chips), **registers)
    _check_combination(checked, str(path))
    return checked


def _check_combination(registers: RegisterSet, path: str) -> None:
    """Refuse values that are each allowed but together give no ECG."""
    if registers.config1.single_shot:
        raise InputError(f"{path}: CONFIG1: SINGLE_SHOT (bit 7) must be 0, samples are read as they come")
    if not registers.config2.reference_buffer:
        raise InputError(f"{path}: CONFIG2: PDB_REFBUF (bit 5) must be 1, without it every sample reads 0x7FFFFF")
    if registers.loff_sens.inputs and not registers.config2.lead_off_comparators:
        raise InputError(
            f"{path}: CONFIG2: PDB_LOFF_COMP (bit 6) must be 1 where LOFF_SENS tests inputs; "
            "without it an electrode that falls off is never reported"
        )
    for chip in registers.chips:
        if chip != "ADS1292R" and not registers.resp2.respiration_64khz:
            raise InputError(f"{path}: RESP2: RESP_FREQ (bit 2) must be 1 on the {chip}")
        if chip != "ADS1292R" and registers.resp1 != Resp1():
            raise InputError(f"{path}: RESP1: must be 0x02 on the {chip}, which has no respiration")
