"""A bench with a simulated ADS1292R."""

from __future__ import annotations

from math import pi, sin

from edge.config import Ads1292Settings
from edge.frontends.ads1292.sampler import Ads1292Sampler, Configuration
from edge.frontends.bus import Bus
from simulated.ads1292r import SimulatedAds1292R
from simulated.bench import Bench
from simulated.bus import SimulatedPins, SimulatedSpi
from simulated.clock import VirtualClock


def sine(time_s: float) -> tuple[float, float]:
    """1 mV at 1 Hz on channel 2, and something else on channel 1."""
    return 0.3, sin(2 * pi * time_s)


class Ads1292Bench(Bench):
    def __init__(self, settings: Ads1292Settings | None = None, **chip: object) -> None:
        self.configuration = Configuration(settings or Ads1292Settings())
        super().__init__(VirtualClock(), self.configuration.registers.config1.rate_hz)
        self.chip = SimulatedAds1292R(self.clock.now_ns(), **({"electrodes_mv": sine} | chip))  # type: ignore[arg-type]
        board = self.configuration.board
        self.spi = SimulatedSpi(self.chip, self.clock, hz=board.spi_hz)
        self.pins = SimulatedPins(self.chip, self.clock, board)
        self.bus = Bus(self.spi, self.pins, self.clock)

    def sampler(self) -> Ads1292Sampler:
        chosen = self.configuration
        return Ads1292Sampler(self.bus, chosen.board, chosen.registers, chosen.channel)
