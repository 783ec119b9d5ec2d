"""A bench with a simulated AD8232 and its converter."""

from __future__ import annotations

import random
from math import pi, sin

import msgspec

from edge.config import Ad8232Settings
from edge.frontends.ad8232.chip import SPI_MODE
from edge.frontends.ad8232.sampler import Ad8232Sampler, configured_board
from edge.frontends.bus import Bus
from simulated.ad8232 import Faults, SimulatedAd8232
from simulated.bench import Bench
from simulated.bus import SimulatedAd8232Pins, SimulatedSpi
from simulated.clock import VirtualClock


def sine(time_s: float) -> tuple[float, float]:
    """0.8 mV at 1 Hz: within the output's range at a gain of 1100."""
    return 0.0, 0.8 * sin(2 * pi * time_s)


class Ad8232Bench(Bench):
    """As its settings say; `true_gain` is what the board in fact has, `jitter_ms` how late a wake-up is at most."""

    def __init__(
        self,
        settings: Ad8232Settings | None = None,
        *,
        true_gain: float = 0.0,
        jitter_ms: float = 0.0,
        seed: int = 1,
        **chip: object,
    ) -> None:
        self.board = configured_board(settings or Ad8232Settings())
        super().__init__(VirtualClock(), 360)
        dice = random.Random(seed)
        self.clock.late_ns = lambda: 60_000 + dice.uniform(0, jitter_ms * 1e6)
        true_board = msgspec.structs.replace(self.board, gain=true_gain or self.board.gain)
        chip = {"electrodes_mv": sine, "seed": seed} | chip
        self.chip = SimulatedAd8232(self.clock.now_ns(), board=true_board, **chip)  # type: ignore[arg-type]
        self.spi = SimulatedSpi(self.chip, self.clock, hz=self.board.spi_hz, mode=SPI_MODE)
        self.bus = Bus(self.spi, SimulatedAd8232Pins(self.chip, self.clock), self.clock)

    def sampler(self) -> Ad8232Sampler:
        return Ad8232Sampler(self.bus, self.board)

    def break_it(self, **faults: object) -> None:
        """Set these faults and clear all others."""
        self.chip.apply(self.clock.now_ns(), Faults(**faults))  # type: ignore[arg-type]
