"""Self-measurements of an ADS1292 with limits: test signal, noise, clock, temperature and supplies.

They use the bench register sets of `firmware_config/`, and leave the chip configured so: the monitor configures it anew
at each start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from edge.bench import analysis
from edge.bench.analysis import AVDD_V, DVDD_V
from edge.bench.measure import measure
from edge.bench.report import Figure
from edge.frontends.ads1292.chip import open_board
from edge.frontends.ads1292.register_set import load_register_set
from edge.frontends.ads1292.registers import Mux
from edge.frontends.ads1292.sampler import Ads1292Sampler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.bench.measure import Measurement
    from edge.frontends.ads1292.register_set import RegisterSet
    from edge.frontends.ads1292.sampler import Configuration

__all__ = ["NOISE_SET", "TEST_SIGNAL_SET", "Supplies", "measure_figures", "measure_supplies", "measure_with_registers"]

TEST_SIGNAL_SET, NOISE_SET = "ads1292r-test-signal", "ads1292r-shorted-input"

TEST_SIGNAL_S = 3.2  # three rising edges at least
NOISE_S = 5.0
STEADY_S = 0.5

TEST_SIGNAL_PARTS = 2 / 2400
"""Peak to peak, as a share of the reference: +-VREF / 2400 (SBAS502C, "Test Signals")."""

TEST_SIGNAL_TOLERANCE = 0.03
NOISE_UVPP, NOISE_UVRMS = 8.0, 1.2
"""Typical at gain 6 and 150 Hz (SBAS502C, "Features"); RMS is a 6.6th of it ("Noise Measurements")."""

NOISE_MARGIN = 2.0
CLOCK_PPM = 20_000.0

TEST_SIGNAL_LIMIT_SOURCE = "2 VREF / 2400, SBAS502C; +-3 %: 2 % of the signal, 1 % of reference and gain"
TEST_FREQUENCY_LIMIT_SOURCE = "1 Hz, SBAS502C, CONFIG2; +-5 %: the oscillator divided by a power of two"
NOISE_LIMIT_SOURCE = "twice the typical value of SBAS502C at gain 6, 500 SPS; it gives no maximum"
RATE_LIMIT_SOURCE = "the internal oscillator is off by some tenths of a percent, at most 2 %"
TEMPERATURE_LIMIT_SOURCE = "operating range, SBAS502C; 490 uV/degC, 145.3 mV at 25 degC"
SUPPLY_LIMIT_SOURCE = "SBAS502C, Recommended Operating Conditions"


class Supplies(NamedTuple):
    """Supply voltages; None where one is out of range or the reference is wrong."""

    avdd_v: float | None
    dvdd_v: float | None


def measure_with_registers(
    configuration: Configuration, registers: RegisterSet, channel: int, *, seconds: float, stop_after_lost: int = 0
) -> Measurement:
    """Measure a channel with the given registers; see `measure`."""
    sampler = Ads1292Sampler(open_board(configuration.board), configuration.board, registers, channel)
    return measure(sampler, seconds=seconds, stop_after_lost=stop_after_lost)


def measure_supplies(configuration: Configuration, registers: RegisterSet) -> Supplies:
    """The supplies as the chip measures them.

    Half of a 5 V AVDD, which some boards have, exceeds the reference of 2.42 V and is measured with that of 4.033 V.
    """
    small, large = (registers.measuring(Mux.SUPPLY, gain=1, reference_4v=each) for each in (False, True))
    dvdd_v = analysis.supply_v(measure_with_registers(configuration, small, 2, seconds=STEADY_S).uv, channel=2)
    if dvdd_v is None:
        return Supplies(None, None)  # the reference itself is wrong
    avdd_v = analysis.supply_v(measure_with_registers(configuration, small, 1, seconds=STEADY_S).uv, channel=1)
    if avdd_v is None:
        avdd_v = analysis.supply_v(measure_with_registers(configuration, large, 1, seconds=STEADY_S).uv, channel=1)
    return Supplies(avdd_v, dvdd_v)


def measure_figures(
    configuration: Configuration, measured: list[Measurement], on_start: Callable[[str], object]
) -> Iterator[Figure]:
    """Measure one figure after the other, and append each measurement to `measured`.

    Raises:
        HardwareError: the chip does not answer as it should; the message says what to check.
    """
    signal_set, noise_set = load_register_set(TEST_SIGNAL_SET), load_register_set(NOISE_SET)

    def measure_registers(
        what: str, registers: RegisterSet, seconds: float, channel: int = configuration.channel
    ) -> Measurement:
        on_start(what)
        measured.append(measure_with_registers(configuration, registers, channel, seconds=seconds))
        return measured[-1]

    seen = measure_registers("test signal", signal_set, TEST_SIGNAL_S)
    wave = analysis.square_wave(seen.uv, seen.rate_hz or seen.nominal_hz)
    height_uv = TEST_SIGNAL_PARTS * signal_set.config2.reference_v * 1e6
    yield Figure(
        name="test signal",
        value=None if wave is None else wave.height_uv,
        unit="uVpp",
        low=height_uv * (1 - TEST_SIGNAL_TOLERANCE),
        high=height_uv * (1 + TEST_SIGNAL_TOLERANCE),
        source=TEST_SIGNAL_LIMIT_SOURCE,
    )
    hz = None if wave is None else wave.hz
    yield Figure(
        name="test signal frequency", value=hz, unit="Hz", low=0.95, high=1.05, source=TEST_FREQUENCY_LIMIT_SOURCE
    )
    noise = measure_registers("noise", noise_set, NOISE_S)
    for name, value, unit, typical in (
        ("noise, inputs shorted", analysis.rms_uv(noise.uv), "uV RMS", NOISE_UVRMS),
        ("noise, inputs shorted, top to bottom", analysis.peak_to_peak_uv(noise.uv), "uVpp", NOISE_UVPP),
    ):
        yield Figure(name=name, value=value, unit=unit, low=0.0, high=NOISE_MARGIN * typical, source=NOISE_LIMIT_SOURCE)
    yield Figure(
        name=f"rate of DRDY, error ({noise.nominal_hz} Hz nominal)",
        value=noise.error_ppm,
        unit="ppm",
        low=-CLOCK_PPM,
        high=CLOCK_PPM,
        source=RATE_LIMIT_SOURCE,
    )
    sensor = measure_registers("temperature", noise_set.measuring(Mux.TEMPERATURE, gain=1), STEADY_S)
    celsius = analysis.temperature_c(sensor.uv)
    yield Figure(name="temperature", value=celsius, unit="degC", low=-40.0, high=85.0, source=TEMPERATURE_LIMIT_SOURCE)
    on_start("supplies")
    volts = measure_supplies(configuration, noise_set)
    for name, value, (low, high) in (("AVDD", volts.avdd_v, AVDD_V), ("DVDD", volts.dvdd_v, DVDD_V)):
        yield Figure(name=f"supply {name}", value=value, unit="V", low=low, high=high, source=SUPPLY_LIMIT_SOURCE)
