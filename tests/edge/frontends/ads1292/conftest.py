"""A bench: the real driver and the real acquisition loop against a simulated ADS1292R on a virtual clock."""

from __future__ import annotations

from math import pi, sin
from typing import TYPE_CHECKING

import pytest
from simulated.ads1292r import SimulatedAds1292R
from simulated.bus import SimulatedPins, SimulatedSpi
from simulated.clock import VirtualClock

from edge.config import Ads1292Settings
from edge.frontends.acquisition.handover import Fault, Samples, Started
from edge.frontends.acquisition.process import Acquisition
from edge.frontends.acquisition.stream import Stream
from edge.frontends.ads1292.sampler import Ads1292Sampler, Configuration
from edge.frontends.bus import Bus

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.frontends.acquisition.handover import Message
    from edge.samples import SampleBlock


def sine(time_s: float) -> tuple[float, float]:
    """1 mV at 1 Hz on channel 2, and something else on channel 1."""
    return 0.3, sin(2 * pi * time_s)


class Bench:
    """Runs the acquisition in virtual time.

    Attributes:
        blocks: what came out, in order.
        faults, complaints: what was told, each with the seconds since the start.
        starts: how often the chip was brought up.
    """

    def __init__(self, settings: Ads1292Settings | None = None, **chip: object) -> None:
        self.configuration = Configuration(settings or Ads1292Settings())
        self.clock = VirtualClock()
        self.chip = SimulatedAds1292R(self.clock.now_ns(), **({"electrodes_mv": sine} | chip))  # type: ignore[arg-type]
        board = self.configuration.board
        self.spi = SimulatedSpi(self.chip, self.clock, hz=board.spi_hz)
        self.pins = SimulatedPins(self.chip, self.clock, board)
        self.bus = Bus(self.spi, self.pins, self.clock)
        self.blocks: list[SampleBlock] = []
        self.faults: list[tuple[float, str]] = []
        self.complaints: list[tuple[float, str]] = []
        self.starts = 0
        self.rate_hz = 0.0
        self.dropped = 0
        self.stream = Stream(self.configuration.registers.config1.rate_hz, self.clock.now_ns())
        self._began_ns = self.clock.now_ns()
        self._until_s = 0.0

    @property
    def now_s(self) -> float:
        return (self.clock.now_ns() - self._began_ns) / 1e9

    def sampler(self) -> Ads1292Sampler:
        chosen = self.configuration
        return Ads1292Sampler(self.bus, chosen.board, chosen.registers, chosen.channel)

    def run(self, until_s: float, *script: tuple[float, Callable[[], object]]) -> None:
        """Acquire until then; at each time of the script, do what it says."""
        self._until_s = until_s
        for when_s, what in script:
            self.clock.plan(round(self._began_ns + when_s * 1e9), what)
        with pytest.raises(BrokenPipeError):
            Acquisition(self.sampler, self, self.clock).run()  # type: ignore[arg-type]

    def send(self, message: Message, *, samples: int = 0) -> None:
        """Stand at the far end of the pipe."""
        del samples
        if isinstance(message, Started):
            self.starts += 1
            self.stream.started(message)
        elif isinstance(message, Samples):
            self.rate_hz = message.rate_hz or self.rate_hz
            if message.complaint is not None:
                self.complaints.append((self.now_s, message.complaint))
            block = self.stream.take(message)
            if block is not None:
                self.blocks.append(block)
        elif isinstance(message, Fault):
            self.stream.fault = message.cause
            self.faults.append((self.now_s, message.cause))
        self.blocks += self.stream.lose(self.clock.now_ns())
        if self.now_s >= self._until_s:
            raise BrokenPipeError

    def delivered(self, since_s: float) -> list[SampleBlock]:
        """Blocks with samples that end after a time."""
        return [
            block
            for block in self.blocks
            if block.end_s is not None and block.end_s - self._began_ns / 1e9 > since_s and block.fault is None
        ]


@pytest.fixture
def bench() -> type[Bench]:
    """Give the class; a test makes the bench that it needs."""
    return Bench
