"""The self-test of an ADS1292: its own test signal, its own noise, its clock, temperature and supplies, with limits.

The register sets are those of `firmware_config/` for the bench. Nothing is put back afterwards: the monitor configures
the chip from the beginning whenever it starts.
"""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge import __version__
from edge.bench import analysis
from edge.bench.analysis import AVDD_V, DVDD_V
from edge.bench.measure import measure
from edge.bench.report import Figure, Report
from edge.errors import InputError
from edge.frontends.ads1292.register_set import load_register_set
from edge.frontends.ads1292.registers import CHIPS, Mux
from edge.frontends.ads1292.sampler import Configuration
from edge.storage.in_use import refuse_if_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.bench.measure import Measurement
    from edge.config import Settings
    from edge.frontends.ads1292.register_set import RegisterSet

__all__ = ["selftest"]

TEST_SIGNAL_SET, NOISE_SET = "ads1292r-test-signal", "ads1292r-shorted-input"

TEST_SIGNAL_S = 3.2  # three rising edges at least
NOISE_S = 5.0
STEADY_S = 0.5

TEST_SIGNAL_PARTS = 2 / 2400
"""From top to bottom, of the reference: +-VREF / 2400 (SBAS502C, "Test Signals")."""

TEST_SIGNAL_TOLERANCE = 0.03
NOISE_UVPP, NOISE_UVRMS = 8.0, 1.2
"""Typical at gain 6 and 150 Hz (SBAS502C, "Features"); RMS is a 6.6th of it ("Noise Measurements")."""

NOISE_MARGIN = 2.0
CLOCK_PPM = 20_000.0

OF_TEST_SIGNAL = "2 VREF / 2400, SBAS502C; +-3 %: 2 % of the signal, 1 % of reference and gain"
OF_TEST_FREQUENCY = "1 Hz, SBAS502C, CONFIG2; +-5 %: made of the oscillator, by a whole power of two"
OF_NOISE = "twice what SBAS502C gives as typical at gain 6, 500 SPS; it gives no maximum"
OF_RATE = "the internal oscillator is off by some tenths of a percent, at most 2 %"
OF_TEMPERATURE = "where the chip may be used, SBAS502C; 490 uV/degC, 145.3 mV at 25 degC"
OF_SUPPLY = "SBAS502C, Recommended Operating Conditions"
OF_LOSS = "every sample arrives"


def selftest(settings: Settings, *, begun: Callable[[str], object]) -> Report:
    """Measure everything.

    Args:
        settings: whose source is an ADS1292.
        begun: told what is measured, before it is.

    Raises:
        InputError: the source is none that can test itself, or its files are wrong.
        HardwareError: a monitor has the chip, or it does not answer as it should; says what to check.
    """
    if settings.source.kind != "ads1292":
        raise InputError(_why_not(settings.source.kind))
    refuse_if_in_use(Path(settings.storage.directory))
    chosen = Configuration(settings.source.ads1292)
    measured: list[Measurement] = []
    figures = list(_figures(chosen, measured, begun))
    lost, damaged = sum(each.lost for each in measured), sum(each.damaged for each in measured)
    figures.append(Figure(name="samples lost", value=lost, unit="", low=0, high=0, source=OF_LOSS))
    figures.append(Figure(name="frames damaged", value=damaged, unit="", low=0, high=0, source=OF_LOSS))
    chip = measured[0].chip
    return Report(
        device=settings.device.id,
        time=datetime.now(UTC),
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        chip=chip,
        chip_id=next(f"0x{identity:02X}" for identity, name in CHIPS.items() if name == chip),
        board=chosen.board.description,
        registers=f"{TEST_SIGNAL_SET}, {NOISE_SET}",
        channel=chosen.channel,
        figures=figures,
    )


def _figures(chosen: Configuration, measured: list[Measurement], begun: Callable[[str], object]) -> Iterator[Figure]:
    """Measure one thing after the other; what was measured is noted."""
    signal_set, noise_set = load_register_set(TEST_SIGNAL_SET), load_register_set(NOISE_SET)

    def look(what: str, registers: RegisterSet, seconds: float, channel: int = chosen.channel) -> Measurement:
        begun(what)
        measured.append(measure(chosen.board, registers, channel, seconds=seconds))
        return measured[-1]

    seen = look("test signal", signal_set, TEST_SIGNAL_S)
    wave = analysis.square_wave(seen.uv, seen.rate_hz or seen.nominal_hz)
    height_uv = TEST_SIGNAL_PARTS * signal_set.config2.reference_v * 1e6
    yield Figure(
        name="test signal",
        value=None if wave is None else wave.height_uv,
        unit="uVpp",
        low=height_uv * (1 - TEST_SIGNAL_TOLERANCE),
        high=height_uv * (1 + TEST_SIGNAL_TOLERANCE),
        source=OF_TEST_SIGNAL,
    )
    hz = None if wave is None else wave.hz
    yield Figure(name="test signal frequency", value=hz, unit="Hz", low=0.95, high=1.05, source=OF_TEST_FREQUENCY)
    noise = look("noise", noise_set, NOISE_S)
    for name, value, unit, typical in (
        ("noise, inputs shorted", analysis.rms_uv(noise.uv), "uV RMS", NOISE_UVRMS),
        ("noise, inputs shorted, top to bottom", analysis.peak_to_peak_uv(noise.uv), "uVpp", NOISE_UVPP),
    ):
        yield Figure(name=name, value=value, unit=unit, low=0.0, high=NOISE_MARGIN * typical, source=OF_NOISE)
    yield Figure(
        name=f"rate of DRDY, error ({noise.nominal_hz} Hz nominal)",
        value=noise.error_ppm,
        unit="ppm",
        low=-CLOCK_PPM,
        high=CLOCK_PPM,
        source=OF_RATE,
    )
    sensor = look("temperature", noise_set.measuring(Mux.TEMPERATURE, gain=1), STEADY_S)
    celsius = analysis.temperature_c(sensor.uv)
    yield Figure(name="temperature", value=celsius, unit="degC", low=-40.0, high=85.0, source=OF_TEMPERATURE)
    for channel, name, (low, high) in ((1, "AVDD", AVDD_V), (2, "DVDD", DVDD_V)):
        uv = look(f"supply {name}", noise_set.measuring(Mux.SUPPLY, gain=1), STEADY_S, channel).uv
        volts = analysis.supply_v(uv, channel=channel)
        yield Figure(name=f"supply {name}", value=volts, unit="V", low=low, high=high, source=OF_SUPPLY)


def _why_not(kind: str) -> str:
    if kind in {"replay", "simulator"}:
        return f'source.kind is "{kind}": there is no front end to test; set it to "ads1292", or give --source ads1292'
    return (
        f'source.kind is "{kind}": an AD8232 has no test signal of its own, so this self-test is for an ADS1292; what '
        "can be tested there (the converter's null bit, rails, LO lines, baseline, noise) comes in a later version"
    )
