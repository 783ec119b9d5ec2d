"""Samples from an AD8232: conversions at absolute deadlines, brought onto the 360 Hz grid, and the board watched."""

from __future__ import annotations

import logging
from math import nan
from typing import TYPE_CHECKING

import msgspec

from ecg.errors import HardwareError, InputError
from edge.frontends.acquisition.sampler import Sample
from edge.frontends.ad8232.baseline import PULL_MV_S, Baseline
from edge.frontends.ad8232.chip import Ad8232Chip, open_board
from edge.frontends.ad8232.grid import GRID_HZ, Conversion, Grid
from edge.frontends.boards import Ad8232Board, load_board

if TYPE_CHECKING:
    from edge.config import Ad8232Settings
    from edge.frontends.ad8232.grid import GridSample
    from edge.frontends.bus import Bus

__all__ = ["Ad8232Sampler", "configure"]

CONVERSIONS_HZ = 2 * GRID_HZ
"""Two for each sample: with wake-ups up to 2 ms late none is lost and the error is 2 uV. Four would gain half a
microvolt for twice the processor time; one would lose every tenth sample."""

SPACING_NS = 1e9 / CONVERSIONS_HZ

CLOSEST = 0.5
"""Of the distance of two deadlines: nearer to the conversion before, a deadline is left out (see `grid`)."""

BLANK_S = 1.5
"""After an electrode was put on, or the chip woken, its fast restore pulls the output about: nothing is believed."""

MEASURED_S = 0.75
"""Of that, at the end, the output is near its rest and tells the baseline."""

HOPELESS_S = 0.1
"""Nothing but damaged replies for so long: there is no converter, or another one."""

ZERO_S = 0.25
"""Nothing but zeros for so long: the output of an AD8232 never comes down to ground."""

WATCH_S = 2.0
"""How often what was lost, damaged or at a rail is looked at."""

FEW = 2
"""So many damaged or lost in that time are told."""

_log = logging.getLogger(__name__)


def configure(settings: Ad8232Settings) -> Ad8232Board:
    """The board that the settings name, with their gain and reference.

    Raises:
        InputError: the file or a value in it is wrong.
    """
    board = load_board(settings.board)
    if not isinstance(board, Ad8232Board):
        raise InputError(f"source.ad8232.board: {settings.board} has no AD8232 ({board.description})")
    return msgspec.structs.replace(
        board, gain=settings.gain or board.gain, reference_v=settings.reference_v or board.reference_v
    )


class Ad8232Sampler:
    """One AD8232 and its converter.

    A sample counts as taken with an electrode off while LO+ or LO- is high and for `BLANK_S` after.

    Args:
        bus: the way to them.
        board: pins, gain and reference.

    Attributes:
        name: for a person.
        complaint: what is wrong although samples come, as a sentence; None while all is well.
        damaged: replies damaged since the beginning.
        lost: samples lost since the beginning.
    """

    def __init__(self, bus: Bus, board: Ad8232Board) -> None:
        self.complaint: str | None = None
        self.damaged = 0
        self.lost = 0
        self._bus = bus
        self._chip = Ad8232Chip(bus, board)
        self.name = self._chip.name
        self._begin()

    @classmethod
    def open(cls, settings: Ad8232Settings) -> Ad8232Sampler:
        """Find the board's bus.

        Raises:
            InputError: see `configure`.
            HardwareError: see `open_board`.
        """
        board = configure(settings)
        return cls(open_board(board), board)

    @property
    def rate_hz(self) -> int:
        """Rate of the grid."""
        return GRID_HZ

    @property
    def true_rate_hz(self) -> float | None:
        """The same: the grid is this machine's clock."""
        return float(GRID_HZ)

    @property
    def mv_per_count(self) -> float:
        """Voltage of one step at the electrodes."""
        return self._chip.mv_per_count

    def start(self) -> None:
        """Wake the AD8232 and see that a converter answers.

        Raises:
            HardwareError: none does; says what to check.
        """
        self._chip.wake()
        self._begin()
        self._chip.identify()

    def read(self) -> list[Sample]:
        """Wait for the next deadline and convert; returns the samples that are now known.

        Raises:
            HardwareError: the converter, or a line, does not answer as it should.
        """
        self._bus.clock.sleep_until(self._next_deadline())
        conversion = self._convert()
        if conversion is None:
            return []
        placed = self._grid.add(conversion)
        if not placed:
            return []
        off = any(self._chip.lead_off())
        samples = [sample for each in placed if (sample := self._sample(each, lines_off=off))]
        if self._end - self._watch_from >= WATCH_S * GRID_HZ:
            self._look_back()
        return samples

    def stop(self) -> None:
        """Shut the AD8232 down and release the bus."""
        try:
            self._chip.shut_down()
        except HardwareError as error:
            _log.debug("The AD8232 was not shut down: %s", error)
        finally:
            self._bus.close()

    def _begin(self) -> None:
        self._grid = Grid()
        self._baseline = Baseline(PULL_MV_S / GRID_HZ / self.mv_per_count)
        self._origin_ns: int | None = None
        self._deadline = 0
        self._damaged_in_a_row = self._zeros_in_a_row = 0
        self._attached_from = self._first_told = round(BLANK_S * GRID_HZ)
        self._end = 0
        self._watch_from = self._watch_railed = self._watch_high = 0
        self._watch_lost, self._watch_damaged = self.lost, self.damaged
        self.complaint = None

    def _next_deadline(self) -> float:
        """The next one that is not too near; those that have passed are left out."""
        now_ns = self._bus.clock.now_ns()
        if self._origin_ns is None:
            self._origin_ns = now_ns
        nearest = int((now_ns - self._origin_ns) / SPACING_NS + CLOSEST) + 1
        self._deadline = max(self._deadline + 1, nearest)
        return self._origin_ns + self._deadline * SPACING_NS

    def _convert(self) -> Conversion | None:
        """One conversion; None if it is damaged, or its moment unknown."""
        reading = self._chip.read()
        if reading.counts is None:
            self._count_damaged(reading.reply)
            return None
        self._damaged_in_a_row = 0
        self._count_zeros(reading.counts)
        if reading.ns is None:
            return None
        return Conversion(reading.ns, reading.counts, not self._chip.lowest < reading.counts < self._chip.highest)

    def _sample(self, placed: GridSample, *, lines_off: bool) -> Sample | None:
        """A grid point with the state of the electrodes; None while the chip wakes up."""
        number = placed.number
        if self._end:  # before the first one nothing is lost
            self.lost += number - self._end
        self._end = number + 1
        if lines_off:
            self._attached_from = number + 1 + round(BLANK_S * GRID_HZ)
        off = number < self._attached_from
        if not off:
            self._watch_railed += placed.railed
            self._watch_high += placed.railed and placed.counts > self._chip.highest / 2
            if not placed.railed:
                self._baseline.follow(placed.counts)
        elif self._attached_from - number <= MEASURED_S * GRID_HZ:
            self._baseline.gather(placed.counts)
        if number < self._first_told:
            return None
        rest = self._baseline.counts
        counts = placed.counts - (self._chip.adc.full_scale / 2 if rest is None else rest)
        return Sample(number, placed.ns, nan if placed.railed and not off else counts, off)

    def _count_damaged(self, reply: bytes) -> None:
        self.damaged += 1
        self._damaged_in_a_row += 1
        if self._damaged_in_a_row >= HOPELESS_S * CONVERSIONS_HZ:
            raise self._chip.no_converter(reply)

    def _count_zeros(self, counts: int) -> None:
        self._zeros_in_a_row = 0 if counts else self._zeros_in_a_row + 1
        if self._zeros_in_a_row >= ZERO_S * CONVERSIONS_HZ:
            raise self._chip.at_ground()

    def _look_back(self) -> None:
        """Complain about the last two seconds, or stop complaining."""
        total = self._end - self._watch_from
        damaged, lost = self.damaged - self._watch_damaged, self.lost - self._watch_lost
        if self._watch_railed > total // 2:
            limit = "upper" if self._watch_high > self._watch_railed // 2 else "lower"
            self.complaint = (
                f"the AD8232's output is at its {limit} limit (clipped); check the electrodes and their cable, "
                "the board's supply and SDN, and the OUTPUT wire"
            )
        elif damaged >= FEW:
            self.complaint = (
                f"{damaged} replies of the {self._chip.adc.name} were damaged within {WATCH_S:.0f} s; "
                "shorten the SPI wires, or lower the board's spi_hz"
            )
        elif lost >= FEW:
            self.complaint = f"{lost} of {total} samples were lost: the machine is too busy to sample in time"
        else:
            self.complaint = None
        self._watch_from, self._watch_railed, self._watch_high = self._end, 0, 0
        self._watch_lost, self._watch_damaged = self.lost, self.damaged
