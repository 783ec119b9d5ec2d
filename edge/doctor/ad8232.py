"""Checks of an AD8232 behind its converter: each wakes it with the real driver, checks one thing, shuts it down."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from edge.bench.ad8232 import (
    MAX_LATENESS_MS,
    MIN_CONVERSION_SHARE,
    MIN_HEADROOM_MV,
    headroom_mv,
    measure_board,
    take_readings,
)
from edge.doctor.real_time import real_time_priority
from edge.doctor.results import Finding, failed, passed, skipped, warning
from edge.frontends.ad8232.chip import OUTPUT_MARGIN_V, Ad8232Chip, open_board

if TYPE_CHECKING:
    from edge.frontends.boards import Ad8232Board

__all__ = ["converter", "electrodes", "lost_samples", "output", "sampling", "shutdown"]

READS = 300
"""Number of conversions: a wire that flips one bit in a thousand shows in the 1500 bytes."""

READINGS_S = 2.0
RATE_S = 3.0
LOST_S = 10.0

STOP_AFTER_LOST = 5
"""This many lost samples prove the loss; the check then ends early."""

MIN_CHANGE_V = 0.05
"""Smallest change of the output that shows a working shutdown."""

FLIPS = "bits flip on the SPI wires: shorten them, check ground and the 3.3 V supply, lower the board's spi_hz"
OUTPUT_WIRES = "check the wire from OUTPUT to the converter's channel, the AD8232's 3.3 V supply and ground, and SDN"


def converter(board: Ad8232Board) -> Finding:
    """Does the converter answer, with only valid replies?"""
    bus = open_board(board)
    try:
        chip = Ad8232Chip(bus, board)
        chip.wake()
        chip.identify()
        readings = [chip.read() for _ in range(READS)]
    finally:
        bus.close()
    damaged = [reading.reply for reading in readings if reading.counts is None]
    if damaged:
        reply, times = Counter(damaged).most_common(1)[0]
        return failed(f"{len(damaged)} of {READS} replies were damaged (0x{reply.hex()} {times} times)", FLIPS)
    if not any(reading.counts for reading in readings):
        raise chip.input_at_ground_error()
    if all(reading.counts == chip.adc.full_scale - 1 for reading in readings):
        return failed(
            f"every conversion gives full scale: channel {board.adc_channel} is at VREF or above",
            "generally a wiring problem: check the wire to the converter's channel, and that VREF has its voltage",
        )
    return passed(f"{chip.adc.name}, {READS} undamaged replies, channel {board.adc_channel}")


def shutdown(board: Ad8232Board) -> Finding:
    """Does SDN reach the chip?"""
    if board.sdn is None:
        return skipped("the board file has no sdn")
    asleep, awake = (take_readings(board, seconds=READINGS_S, awake=each) for each in (False, True))
    if not len(asleep.volts) or not len(awake.volts):
        return failed("no whole reply", FLIPS)
    low_v, high_v = float(np.median(asleep.volts)), float(np.median(awake.volts))
    text = f"output at {low_v:.2f} V shut down, {high_v:.2f} V awake"
    if abs(high_v - low_v) < MIN_CHANGE_V:
        return warning(
            f"{text}: SDN (GPIO {board.sdn}) makes no difference",
            "check SDN's wire; where the board ties SDN high, leave sdn out of the board file",
        )
    return passed(text)


def electrodes(board: Ad8232Board) -> Finding:
    """Are the electrodes on, by the chip's own comparators?"""
    readings = take_readings(board, seconds=READINGS_S)
    text = ", ".join(
        f"{name} (GPIO {line}) {'low' if not share else 'high' if share == 1 else f'high {share:.0%} of the time'}"
        for name, line, share in (
            ("LO+", board.lo_plus, readings.plus_off),
            ("LO-", board.lo_minus, readings.minus_off),
        )
    )
    if readings.plus_off == readings.minus_off == 0:
        return passed(f"on: {text}")
    if {readings.plus_off, readings.minus_off} <= {0, 1}:
        return failed(
            f"off: {text}",
            "put the electrodes on, press the clips and the plug of the cable; renew dry electrodes; if they are on, "
            "check the wires of LO+ and LO-",
        )
    return failed(f"loose: {text}", "press the clips and the plug of the cable; renew dry electrodes")


def output(board: Ad8232Board) -> Finding:
    """Does the AD8232's output rest at a level that leaves room for an ECG?"""
    readings = take_readings(board, seconds=READINGS_S)
    if not len(readings.volts):
        return failed("no whole reply", FLIPS)
    rest_v, low_v, high_v = (float(np.percentile(readings.volts, percent)) for percent in (50, 0, 100))
    text = f"rests at {rest_v:.2f} V, from {low_v:.2f} to {high_v:.2f} V in {READINGS_S:g} s"
    if not OUTPUT_MARGIN_V < rest_v < board.reference_v - OUTPUT_MARGIN_V:
        if readings.plus_off or readings.minus_off:
            return skipped(f"{text}: at its limit, as expected with an electrode off")
        return failed(f"{text}: at its limit although the electrodes are reported on", OUTPUT_WIRES)
    if high_v == low_v:
        return failed(f"{text}: it does not move at all, not even with noise", OUTPUT_WIRES)
    room = headroom_mv(board, rest_v)
    if room < MIN_HEADROOM_MV:
        return warning(
            f"{text}: waves above {room:.2f} mV are clipped at a gain of {board.gain:g}",
            "measure the board's REFIN (half the supply on most), and source.ad8232.reference_v and gain",
        )
    return passed(f"{text}, headroom of {room:.1f} mV up and down")


def sampling(board: Ad8232Board) -> Finding:
    """Does this host convert in time?"""
    with real_time_priority() as refused:
        readings = take_readings(board, seconds=RATE_S)
    late_ms = float(np.percentile(readings.late_ms, 99)) if len(readings.late_ms) else float("nan")
    text = (
        f"{len(readings.late_ms)} of {readings.deadlines} conversions made "
        f"({len(readings.late_ms) / RATE_S:.0f} a second), "
        f"99 in 100 at most {late_ms:.2f} ms late"
    )
    if len(readings.late_ms) < MIN_CONVERSION_SHARE * readings.deadlines:
        busy = "; this user has no real-time priority, the service has" if refused else ""
        return failed(f"{text}: the machine is too busy to sample in time", f"see `top` for what else runs{busy}")
    if late_ms > MAX_LATENESS_MS:
        return warning(
            f"{text}: samples are lost where it is later than {MAX_LATENESS_MS:g} ms", "see `top` for what else runs"
        )
    return passed(text)


def lost_samples(board: Ad8232Board) -> Finding:
    """Does every sample arrive?"""
    with real_time_priority() as refused:
        measured = measure_board(board, seconds=LOST_S, stop_after_lost=STOP_AFTER_LOST)
    total = len(measured.uv) + measured.lost
    text = f"{measured.lost} of {total} in {total / measured.nominal_hz:.1f} s"
    if measured.damaged > 1:
        return failed(f"{text}: {measured.damaged} replies were damaged", FLIPS)
    if measured.lost:
        busy = "; this user has no real-time priority, the service has" if refused else ""
        return failed(f"{text}: the machine is too busy to sample in time", f"see `top` for what else runs{busy}")
    if measured.warning is not None:
        found, _, advice = measured.warning.partition("; ")
        return failed(f"none lost, but {found}", advice)
    return passed(text)
