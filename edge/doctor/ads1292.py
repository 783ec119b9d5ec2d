"""Checks of an ADS1292: each starts the chip with the real driver, checks one thing, and stops it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.bench.ads1292 import measure_supplies, measure_with_registers
from edge.bench.analysis import AVDD_V, DVDD_V
from edge.doctor.real_time import real_time_priority
from edge.doctor.results import Finding, failed, passed, skipped, warning
from edge.frontends.ads1292.chip import Ads1292Chip, open_board
from edge.frontends.ads1292.registers import REGISTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.frontends.ads1292.sampler import Configuration

__all__ = [
    "chip_id",
    "drdy_rate",
    "electrodes",
    "lost_samples",
    "reference",
    "registers",
]

READS = 100
"""Number of reads of a register: a wire that flips one bit in a thousand shows in the 300 bytes."""

CLOCK_TOLERANCE_PPM = 20_000
"""The oscillator is within 2 %; a larger error means another clock."""

RATE_S = 3.0
LOST_S = 10.0
STOP_AFTER_LOST = 5
"""This many lost samples prove the loss; the check then ends early."""

INPUTS = ("IN1P", "IN1N", "IN2P", "IN2N", "RLD")
"""Input of each bit of LOFF_STAT, from bit 0 on."""


def chip_id(configuration: Configuration) -> Finding:
    """Which chip answers, and does every read give the same ID?"""
    with _chip(configuration) as chip:
        chip.wake()
        seen = Counter(chip.read_registers(0x00, 1)[0] for _ in range(READS))
        if len(seen) > 1:
            text = ", ".join(f"0x{value:02X} {times} times" for value, times in seen.most_common(3))
            return _flips(f"the ID register reads {text}")
        name = chip.identify()
    return passed(f"{name} (ID 0x{next(iter(seen)):02X}), the same in {READS} reads")


def registers(configuration: Configuration) -> Finding:
    """Does every register keep its value, in every read?"""
    with _chip(configuration) as chip:
        chip.configure()
        wrong = Counter(name for _ in range(READS) for name in chip.read_back())
    if wrong:
        text = ", ".join(f"{name} {times} times" for name, times in wrong.most_common(3))
        return _flips(f"in {READS} reads, wrong values in {text}")
    return passed(f"{configuration.registers.name}: {len(REGISTERS)} registers read back {READS} times")


def reference(configuration: Configuration) -> Finding:
    """Does the voltage reference work, and are the supplies right?"""
    if configuration.registers.chips == ("ADS1291",):
        return skipped("an ADS1291 has no second channel to measure its supply")
    volts = measure_supplies(configuration, configuration.registers)
    if volts.dvdd_v is None or volts.avdd_v is None:
        return failed(
            "samples at the end of the range (0x7FFFFF) instead of a part of the supply",
            "the reference is off or shorted: check VREFP and its capacitor, and PDB_REFBUF in CONFIG2",
        )
    text = f"AVDD {volts.avdd_v:.2f} V, DVDD {volts.dvdd_v:.2f} V"
    for name, value, (low, high) in (("AVDD", volts.avdd_v, AVDD_V), ("DVDD", volts.dvdd_v, DVDD_V)):
        if not low <= value <= high:
            return failed(
                f"{text}; {name} should be {low} to {high} V",
                f"the supply of the board, or the reference (VREFP) is wrong: measure {name} at the board",
            )
    return passed(f"{text}, measured against the chip's own reference")


def drdy_rate(configuration: Configuration) -> Finding:
    """Does DRDY fall at the right rate?"""
    with real_time_priority():
        measured = measure_with_registers(
            configuration,
            configuration.registers,
            configuration.channel,
            seconds=RATE_S,
            stop_after_lost=STOP_AFTER_LOST,
        )
    if measured.rate_hz is None or measured.error_ppm is None:
        return warning("too many samples were lost to measure it", 'see "lost samples"')
    text = f"{measured.rate_hz:.2f} Hz of {measured.nominal_hz} ({measured.error_ppm:+.0f} ppm)"
    if abs(measured.error_ppm) > CLOCK_TOLERANCE_PPM:
        return failed(text, "the oscillator should be within 2 %: check the chip's clock (CLKSEL, CLK_DIV)")
    return passed(text)


def lost_samples(configuration: Configuration) -> Finding:
    """Does every sample arrive?"""
    with real_time_priority() as refused:
        measured = measure_with_registers(
            configuration,
            configuration.registers,
            configuration.channel,
            seconds=LOST_S,
            stop_after_lost=STOP_AFTER_LOST,
        )
    total = len(measured.uv) + measured.lost
    missed = measured.lost - measured.damaged
    text = f"{measured.lost} of {total} in {total / measured.nominal_hz:.1f} s"
    if measured.damaged > missed:
        return failed(
            f"{text}: {measured.damaged} frames were damaged",
            "bits flip on the SPI wires: shorten them, check ground, lower the board's spi_hz",
        )
    if measured.lost:
        busy = "; this user has no real-time priority, the service has" if refused else ""
        return failed(
            f"{text}: DRDY was missed",
            f"the machine is too busy (see `top`), or DRDY's wire (GPIO {configuration.board.drdy}) has a bad contact"
            f"{busy}",
        )
    if measured.warning is not None:
        found, _, advice = measured.warning.partition("; ")
        return failed(f"none lost, but {found}", advice)
    return passed(text)


def electrodes(configuration: Configuration) -> Finding:
    """Are the electrodes on?"""
    mask = configuration.registers.lead_off_mask(configuration.channel)
    if not mask:
        return skipped(
            f"the register set {configuration.registers.name} tests no electrode of channel {configuration.channel}"
        )
    with _chip(configuration) as chip:
        chip.start_up()
        off = chip.lead_off() & mask
    tested = [name for bit, name in enumerate(INPUTS) if mask >> bit & 1]
    loose = [name for bit, name in enumerate(INPUTS) if off >> bit & 1]
    if loose:
        return failed(
            f"off: {', '.join(loose)}",
            "put the electrodes on, press the clips and the plug of the cable; renew dry electrodes",
        )
    return passed(f"on ({', '.join(tested)})")


@contextmanager
def _chip(configuration: Configuration) -> Iterator[Ads1292Chip]:
    """The chip; it is stopped at the end."""
    bus = open_board(configuration.board)
    chip = Ads1292Chip(bus, configuration.board, configuration.registers)
    try:
        yield chip
        chip.stop()
    finally:
        bus.close()


def _flips(found: str) -> Finding:
    return failed(
        found, "bits flip on the SPI wires: shorten them, check ground and the 3.3 V supply, lower the board's spi_hz"
    )
