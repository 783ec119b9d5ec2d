"""A simulated chip behind the driver's own bus calls, on a virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.frontends.bus import Bus, Edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.frontends.boards import Ads1292Board
    from simulated.ad8232 import SimulatedAd8232
    from simulated.ads1292r import SimulatedAds1292R
    from simulated.button import SimulatedButton
    from simulated.clock import VirtualClock


class SpiChip(Protocol):
    def transfer(self, now_ns: int, data: bytes, *, hz: int, mode: int, hold_ns: float) -> bytes: ...


class SimulatedSpi:
    def __init__(self, chip: SpiChip, clock: VirtualClock, *, hz: int, mode: int = 1, hold_us: float = 8) -> None:
        self.tamper: Callable[[bytes], bytes] = lambda answer: answer
        self._chip = chip
        self._clock = clock
        self._hz = hz
        self._mode = mode
        self._hold_ns = hold_us * 1000

    def transfer(self, data: bytes) -> bytes:
        answer = self._chip.transfer(self._clock.now_ns(), data, hz=self._hz, mode=self._mode, hold_ns=self._hold_ns)
        self._clock.sleep(len(data) * 8 / self._hz + self._hold_ns / 1e9)
        return self.tamper(answer)

    def close(self) -> None:
        pass


class SimulatedPins:
    """The lines of an ADS1292's board; `late_ns` is how long after an edge the driver gets to run."""

    def __init__(self, chip: SimulatedAds1292R, clock: VirtualClock, board: Ads1292Board) -> None:
        self.late_ns: Callable[[], float] = lambda: 20_000
        self._chip = chip
        self._clock = clock
        self._board = board

    def edges(self, timeout_s: float) -> list[Edge]:
        deadline_ns = self._clock.now_ns() + timeout_s * 1e9
        edges = self._chip.take_edges(self._clock.now_ns())
        while not edges and self._clock.now_ns() < deadline_ns:
            next_ns = self._chip.next_edge_ns()
            if next_ns is None or next_ns > deadline_ns:
                self._clock.sleep_until(deadline_ns)
            else:
                self._clock.sleep_until(next_ns + self.late_ns())
            edges = self._chip.take_edges(self._clock.now_ns())
        return [Edge(number, ns) for number, ns in edges]

    def set(self, line: int, *, high: bool) -> None:
        if line == self._board.start:
            self._chip.set_start(self._clock.now_ns(), high=high)
        elif line == self._board.reset:
            self._chip.set_reset(self._clock.now_ns(), high=high)

    def read(self, line: int) -> bool:
        raise NotImplementedError(f"nothing is read from GPIO {line}")

    def close(self) -> None:
        pass


class SimulatedAd8232Pins:
    """The lines of an AD8232's board."""

    def __init__(self, chip: SimulatedAd8232, clock: VirtualClock) -> None:
        self._chip = chip
        self._clock = clock

    def edges(self, timeout_s: float) -> list[Edge]:
        raise NotImplementedError(f"no edges are waited for, here for {timeout_s} s")

    def set(self, line: int, *, high: bool) -> None:
        self._chip.set_line(self._clock.now_ns(), line, high=high)

    def read(self, line: int) -> bool:
        return self._chip.line_is_high(line)

    def close(self) -> None:
        pass


class SimulatedButtonPins:
    """The line of a button."""

    def __init__(self, button: SimulatedButton, clock: VirtualClock) -> None:
        self._button = button
        self._clock = clock

    def edges(self, timeout_s: float) -> list[Edge]:
        deadline_ns = self._clock.now_ns() + timeout_s * 1e9
        while not (edges := self._button.take_edges(self._clock.now_ns())) and self._clock.now_ns() < deadline_ns:
            self._clock.sleep(0.0002)
        return [Edge(number, ns) for number, ns in edges]

    def set(self, line: int, *, high: bool) -> None:
        raise NotImplementedError(f"nothing drives GPIO {line}, here {high}")

    def read(self, line: int) -> bool:
        del line
        self._button.advance(self._clock.now_ns())
        return self._button.is_high

    def close(self) -> None:
        pass


def simulated_bus(chip: SimulatedAds1292R, clock: VirtualClock, board: Ads1292Board) -> Bus:
    return Bus(SimulatedSpi(chip, clock, hz=board.spi_hz), SimulatedPins(chip, clock, board), clock)
