"""A bench: a real driver and the real acquisition loop against a simulated chip, on a virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.frontends.acquisition.block_builder import BlockBuilder
from edge.frontends.acquisition.messages import Fault, Samples, Started
from edge.frontends.acquisition.process import Acquisition

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import SampleBlock
    from edge.frontends.acquisition.messages import Message
    from edge.frontends.sampler import Sampler
    from simulated.clock import VirtualClock


class Bench:
    """Runs the acquisition in virtual time and receives its messages.

    Attributes:
        blocks: the output, in order.
        faults, warnings: the reported ones, each with the seconds since the start.
        details: of the faults.
        starts: number of starts of the front end.
    """

    def __init__(self, clock: VirtualClock, rate_hz: int) -> None:
        self.clock = clock
        self.nominal_hz = rate_hz
        self.blocks: list[SampleBlock] = []
        self.faults: list[tuple[float, str]] = []
        self.details: list[str] = []
        self.warnings: list[tuple[float, str]] = []
        self.starts = 0
        self.rate_hz = 0.0
        self.builder = BlockBuilder(rate_hz, clock.now_ns())
        self.began_ns = clock.now_ns()
        self._until_s = 0.0

    @property
    def now_s(self) -> float:
        return (self.clock.now_ns() - self.began_ns) / 1e9

    def sampler(self) -> Sampler:
        raise NotImplementedError

    def run(self, until_s: float, *script: tuple[float, Callable[[], object]]) -> None:
        """Acquire until a time, and run the actions of the script at their times."""
        self._until_s = until_s
        for when_s, what in script:
            self.clock.plan(round(self.began_ns + when_s * 1e9), what)
        with pytest.raises(BrokenPipeError):
            Acquisition(self.sampler, self, self.clock).run()  # type: ignore[arg-type]

    @property
    def dropped(self) -> int:
        return 0

    def send(self, message: Message, *, samples: int = 0) -> None:
        del samples
        if isinstance(message, Started):
            self.starts += 1
            self.builder.restart(message)
        elif isinstance(message, Samples):
            self.rate_hz = message.rate_hz or self.rate_hz
            if message.warning is not None:
                self.warnings.append((self.now_s, message.warning))
            block = self.builder.add(message)
            if block is not None:
                self.blocks.append(block)
        elif isinstance(message, Fault):
            self.builder.fault = message.cause
            self.faults.append((self.now_s, message.cause))
            self.details.append(message.detail)
        self.blocks += self.builder.lost_blocks(self.clock.now_ns())
        if self.now_s >= self._until_s:
            raise BrokenPipeError

    def delivered(self, since_s: float) -> list[SampleBlock]:
        """Blocks without a fault that end after a time."""
        return [
            block
            for block in self.blocks
            if block.end_s is not None and block.end_s - self.began_ns / 1e9 > since_s and block.fault is None
        ]
