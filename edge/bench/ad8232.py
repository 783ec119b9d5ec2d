"""What can be measured of an AD8232 behind its converter: rest, noise, timing, and the gain against a known 1 mV.

The chip has no test signal and no shorted input of its own: whoever tests it puts one on the electrodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edge.bench import analysis
from edge.bench.measure import measure
from edge.bench.report import Figure
from edge.frontends.ad8232.adc import ADCS
from edge.frontends.ad8232.chip import SWING_V, Ad8232Chip, open_board
from edge.frontends.ad8232.sampler import BLANK_S, CONVERSIONS_HZ, Ad8232Sampler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecg.samples import FloatArray
    from edge.bench.measure import Measurement
    from edge.frontends.boards import Ad8232Board
    from edge.frontends.bus import Clock

__all__ = ["GIVEN", "NO_TEST_SIGNAL", "Look", "figures", "look", "measure_board", "room_mv"]

GIVEN = ("", "shorted", "1mV")
"""What whoever tests has put on the electrodes: nothing in particular, each other, or square pulses of 1 mV."""

NO_TEST_SIGNAL = (
    "An AD8232 has no test signal of its own. Its noise is tested only with the electrodes' clips on one another "
    "(--input shorted), its gain only against square pulses of 1 mV from a patient simulator (--input 1mV)."
)

LOOK_S = 3.0
MEASURED_S = 8.0
PULSE_MV = 1.0

LATE_MS, ENOUGH = 3.0, 0.75
"""Lateness of 99 in 100 conversions, and share of them that must be made: so far no sample is lost, and the timestamps
leave an error of some uV (benchmarks/ad8232.py)."""

ROOM_MV = 0.5
"""Between the output's rest and its limits: the least in which an ECG is of use."""

NOISE_UVPP = 14.0
"""Typical at the input, 0.5 to 40 Hz (AD8232 datasheet, "Specifications"); RMS is a 6.6th of it."""

NOISE_MARGIN = 2.0
GAIN_TOLERANCE = 0.03

OF_REST = f"{SWING_V} V to either supply is lost (datasheet, output swing), and {ROOM_MV} mV of ECG must fit in beside"
OF_LEAD_OFF = "with an electrode off nothing else can be tested: put them on, or join them"
OF_RATE = "two for each sample are wanted; with three in four none is lost"
OF_LATENESS = "what the timestamps correct without loss (benchmarks/ad8232.py); a busy machine is later"
OF_NOISE = "twice what the datasheet gives as typical (14 uVpp, 0.5 to 40 Hz), and the converter's steps"
OF_GAIN = "+-3 % of the gain in use; beyond, set source.ad8232.gain to the value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Conversions at their deadlines, as they came.

    Attributes:
        volts: shape (n,), V at the AD8232's output, of the replies that were whole.
        late_ms: shape (n,), of all conversions: how long after its deadline each one began.
        asked: deadlines that there were.
        damaged: replies that were not whole.
        plus_off, minus_off: share of the time, 0 to 1, for which LO+ and LO- were high.
    """

    volts: FloatArray
    late_ms: FloatArray
    asked: int
    damaged: int
    plus_off: float
    minus_off: float


def look(board: Ad8232Board, *, seconds: float, awake: bool = True) -> Look:
    """Convert for some seconds, with the AD8232 awake and settled, or shut down.

    Raises:
        HardwareError: no converter answers; says what to check.
    """
    bus = open_board(board)
    chip = Ad8232Chip(bus, board)
    try:
        if awake:
            chip.wake()
        chip.identify()
        bus.clock.sleep(BLANK_S if awake else 0.1)
        seen = _look(chip, bus.clock, round(seconds * CONVERSIONS_HZ))
        chip.shut_down()
    finally:
        bus.close()
    return seen


def measure_board(board: Ad8232Board, *, seconds: float, enough_lost: int = 0) -> Measurement:
    """Measure as the monitor samples; see `measure`."""
    return measure(Ad8232Sampler(open_board(board), board), seconds=seconds, enough_lost=enough_lost)


def room_mv(board: Ad8232Board, rest_v: float) -> float:
    """How high a wave at the electrodes may be, up or down from the output's rest, before it is cut off."""
    return 1000 * (min(rest_v, board.reference_v - rest_v) - SWING_V) / board.gain


def figures(
    board: Ad8232Board, given: str, measured: list[Measurement], begun: Callable[[str], object]
) -> Iterator[Figure]:
    """Measure one thing after the other; what was measured is noted in `measured`.

    Raises:
        HardwareError: the converter does not answer as it should; says what to check.
    """
    begun("output and timing")
    seen = look(board, seconds=LOOK_S)
    least_v = SWING_V + ROOM_MV * board.gain / 1000
    yield Figure(
        name="output at rest",
        value=float(np.median(seen.volts)) if len(seen.volts) else None,
        unit="V",
        low=least_v,
        high=board.reference_v - least_v,
        source=OF_REST,
    )
    for name, share in (("LO+", seen.plus_off), ("LO-", seen.minus_off)):
        yield Figure(name=f"{name} high, share of the time", value=share, unit="", low=0, high=0, source=OF_LEAD_OFF)
    yield Figure(
        name=f"conversions a second ({CONVERSIONS_HZ} wanted)",
        value=len(seen.late_ms) / LOOK_S,
        unit="Hz",
        low=ENOUGH * CONVERSIONS_HZ,
        high=None,
        source=OF_RATE,
    )
    late_ms = float(np.percentile(seen.late_ms, 99)) if len(seen.late_ms) else None
    yield Figure(
        name="lateness of 99 in 100 conversions", value=late_ms, unit="ms", low=None, high=LATE_MS, source=OF_LATENESS
    )
    begun("noise" if given == "shorted" else "samples")
    samples = measure_board(board, seconds=MEASURED_S)
    measured.append(samples)
    if given == "shorted":
        step_uv = 1e6 * board.reference_v / (ADCS[board.adc].full_scale * board.gain)
        yield Figure(
            name="noise, electrodes shorted",
            value=analysis.rms_uv(samples.uv),
            unit="uV RMS",
            low=0.0,
            high=NOISE_MARGIN * NOISE_UVPP / 6.6 + step_uv,
            source=OF_NOISE,
        )
    elif given == "1mV":
        height_uv = analysis.step_uv(samples.uv, samples.nominal_hz)
        yield Figure(
            name=f"gain ({board.gain:g} in use)",
            value=None if height_uv is None else board.gain * height_uv / (1000 * PULSE_MV),
            unit="",
            low=board.gain * (1 - GAIN_TOLERANCE),
            high=board.gain * (1 + GAIN_TOLERANCE),
            source=OF_GAIN,
        )


def _look(chip: Ad8232Chip, clock: Clock, asked: int) -> Look:
    """Convert at deadlines; one that has passed by more than the distance of two is left out."""
    spacing_ns = 1e9 / CONVERSIONS_HZ
    volts, late_ms = [], []
    damaged = plus = minus = 0
    began_ns = clock.now_ns()
    for number in range(1, asked + 1):
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
    return Look(
        volts=np.array(volts),
        late_ms=np.array(late_ms),
        asked=asked,
        damaged=damaged,
        plus_off=plus / made,
        minus_off=minus / made,
    )
