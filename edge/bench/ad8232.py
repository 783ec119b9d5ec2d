"""Measurements of an AD8232 behind its converter: resting level, noise, timing, and the gain against a known 1 mV.

The chip has no test signal and no shorted input: the tester connects one to the electrodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edge.bench import analysis
from edge.bench.measure import measure
from edge.bench.report import Figure
from edge.frontends.ad8232.adc import ADCS
from edge.frontends.ad8232.chip import OUTPUT_MARGIN_V, Ad8232Chip, open_board
from edge.frontends.ad8232.sampler import BLANKING_S, CONVERSIONS_HZ, Ad8232Sampler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecg.samples import FloatArray
    from edge.bench.measure import Measurement
    from edge.frontends.boards import Ad8232Board
    from edge.frontends.bus import Clock

__all__ = [
    "ELECTRODE_INPUTS",
    "NO_TEST_SIGNAL",
    "RawReadings",
    "headroom_mv",
    "measure_board",
    "measure_figures",
    "take_readings",
]

ELECTRODE_INPUTS = ("", "shorted", "1mV")
"""What the tester has connected to the electrodes: nothing special, each other, or square pulses of 1 mV."""

NO_TEST_SIGNAL = (
    "An AD8232 has no test signal of its own. The noise test needs the electrode clips connected together "
    "(--input shorted); the gain test needs square pulses of 1 mV from a patient simulator (--input 1mV)."
)

READINGS_S = 3.0
MEASURED_S = 8.0
PULSE_MV = 1.0

MAX_LATENESS_MS, MIN_CONVERSION_SHARE = 3.0, 0.75
"""Lateness of 99 in 100 conversions, and share of them that must be made. Within these limits no sample is lost, and
correction by timestamps leaves an error of some uV (benchmarks/ad8232.py)."""

MIN_HEADROOM_MV = 0.5
"""Distance from the output's resting level to its limits, at the electrodes: the least for a useful ECG."""

NOISE_UVPP = 14.0
"""Typical at the input, 0.5 to 40 Hz (AD8232 datasheet, "Specifications"); RMS is a 6.6th of it."""

NOISE_MARGIN = 2.0
GAIN_TOLERANCE = 0.03

REST_LIMIT_SOURCE = (
    f"the output clips {OUTPUT_MARGIN_V} V from either supply (datasheet, output swing), and "
    f"{MIN_HEADROOM_MV} mV of ECG must fit in between"
)
LEAD_OFF_LIMIT_SOURCE = "with an electrode off nothing else can be tested: attach them, or connect them together"
RATE_LIMIT_SOURCE = "two per sample are wanted; with three in four no sample is lost"
LATENESS_LIMIT_SOURCE = "the timestamps correct this without loss (benchmarks/ad8232.py); a busy host is later"
NOISE_LIMIT_SOURCE = "twice the datasheet's typical value (14 uVpp, 0.5 to 40 Hz), and the converter's steps"
GAIN_LIMIT_SOURCE = "+-3 % of the gain in use; beyond, set source.ad8232.gain to the value"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReadings:
    """Conversions at the sampler's deadlines, not interpolated.

    Attributes:
        volts: shape (n,), V at the AD8232's output, of the undamaged replies.
        late_ms: shape (n,), delay of each conversion after its deadline.
        deadlines: number of deadlines.
        damaged: number of damaged replies.
        plus_off, minus_off: share of the time, 0 to 1, in which LO+ and LO- were high.
    """

    volts: FloatArray
    late_ms: FloatArray
    deadlines: int
    damaged: int
    plus_off: float
    minus_off: float


def take_readings(board: Ad8232Board, *, seconds: float, awake: bool = True) -> RawReadings:
    """Convert for some seconds, with the AD8232 awake and settled, or shut down.

    Raises:
        HardwareError: no converter answers; the message says what to check.
    """
    bus = open_board(board)
    chip = Ad8232Chip(bus, board)
    try:
        if awake:
            chip.wake()
        chip.identify()
        bus.clock.sleep(BLANKING_S if awake else 0.1)
        readings = _take_readings(chip, bus.clock, round(seconds * CONVERSIONS_HZ))
        chip.shut_down()
    finally:
        bus.close()
    return readings


def measure_board(board: Ad8232Board, *, seconds: float, stop_after_lost: int = 0) -> Measurement:
    """Measure with the monitor's own sampler; see `measure`."""
    return measure(Ad8232Sampler(open_board(board), board), seconds=seconds, stop_after_lost=stop_after_lost)


def headroom_mv(board: Ad8232Board, rest_v: float) -> float:
    """The largest wave at the electrodes, up or down from the output's resting level, that is not clipped."""
    return 1000 * (min(rest_v, board.reference_v - rest_v) - OUTPUT_MARGIN_V) / board.gain


def measure_figures(
    board: Ad8232Board, electrode_input: str, measured: list[Measurement], on_start: Callable[[str], object]
) -> Iterator[Figure]:
    """Measure one figure after the other, and append each measurement to `measured`.

    Raises:
        HardwareError: the converter does not answer as it should; the message says what to check.
    """
    on_start("output and timing")
    readings = take_readings(board, seconds=READINGS_S)
    least_v = OUTPUT_MARGIN_V + MIN_HEADROOM_MV * board.gain / 1000
    yield Figure(
        name="output at rest",
        value=float(np.median(readings.volts)) if len(readings.volts) else None,
        unit="V",
        low=least_v,
        high=board.reference_v - least_v,
        source=REST_LIMIT_SOURCE,
    )
    for name, share in (("LO+", readings.plus_off), ("LO-", readings.minus_off)):
        yield Figure(
            name=f"{name} high, share of the time", value=share, unit="", low=0, high=0, source=LEAD_OFF_LIMIT_SOURCE
        )
    yield Figure(
        name=f"conversions a second ({CONVERSIONS_HZ} wanted)",
        value=len(readings.late_ms) / READINGS_S,
        unit="Hz",
        low=MIN_CONVERSION_SHARE * CONVERSIONS_HZ,
        high=None,
        source=RATE_LIMIT_SOURCE,
    )
    late_ms = float(np.percentile(readings.late_ms, 99)) if len(readings.late_ms) else None
    yield Figure(
        name="lateness of 99 in 100 conversions",
        value=late_ms,
        unit="ms",
        low=None,
        high=MAX_LATENESS_MS,
        source=LATENESS_LIMIT_SOURCE,
    )
    on_start("noise" if electrode_input == "shorted" else "samples")
    samples = measure_board(board, seconds=MEASURED_S)
    measured.append(samples)
    if electrode_input == "shorted":
        step_uv = 1e6 * board.reference_v / (ADCS[board.adc].full_scale * board.gain)
        yield Figure(
            name="noise, electrodes shorted",
            value=analysis.rms_uv(samples.uv),
            unit="uV RMS",
            low=0.0,
            high=NOISE_MARGIN * NOISE_UVPP / 6.6 + step_uv,
            source=NOISE_LIMIT_SOURCE,
        )
    elif electrode_input == "1mV":
        height_uv = analysis.step_uv(samples.uv, samples.nominal_hz)
        yield Figure(
            name=f"gain ({board.gain:g} in use)",
            value=None if height_uv is None else board.gain * height_uv / (1000 * PULSE_MV),
            unit="",
            low=board.gain * (1 - GAIN_TOLERANCE),
            high=board.gain * (1 + GAIN_TOLERANCE),
            source=GAIN_LIMIT_SOURCE,
        )


def _take_readings(chip: Ad8232Chip, clock: Clock, deadlines: int) -> RawReadings:
    """Convert at deadlines; skip one that has passed by more than the deadline spacing."""
    spacing_ns = 1e9 / CONVERSIONS_HZ
    volts, late_ms = [], []
    damaged = plus = minus = 0
    began_ns = clock.now_ns()
    for number in range(1, deadlines + 1):
        deadline_ns = began_ns + number * spacing_ns
        if clock.now_ns() > deadline_ns + spacing_ns:
            continue
        clock.sleep_until(deadline_ns)
        late_ms.append((clock.now_ns() - deadline_ns) / 1e6)
        reading = chip.read()
        if reading.counts is None:
            damaged += 1
        else:
            volts.append(reading.counts * chip.v_per_count)
        off = chip.lead_off()
        plus, minus = plus + off.plus, minus + off.minus
    made = max(len(late_ms), 1)
    return RawReadings(
        volts=np.array(volts),
        late_ms=np.array(late_ms),
        deadlines=deadlines,
        damaged=damaged,
        plus_off=plus / made,
        minus_off=minus / made,
    )
