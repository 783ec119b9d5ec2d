"""Samples from an ADS1292: one frame at each falling edge of DRDY, numbered, checked, and the chip watched."""

from __future__ import annotations

import logging
from math import nan
from typing import TYPE_CHECKING

from ecg.errors import HardwareError, InputError
from edge.frontends.acquisition.sampler import Sample
from edge.frontends.ads1292.chip import Ads1292Chip, open_board
from edge.frontends.ads1292.frame import HIGHEST, LOWEST, Frame
from edge.frontends.ads1292.numbering import Numbering
from edge.frontends.ads1292.register_set import RegisterSet, load_register_set
from edge.frontends.boards import Ads1292Board, load_board

if TYPE_CHECKING:
    from edge.config import Ads1292Settings
    from edge.frontends.bus import Bus, Edge

__all__ = ["Ads1292Sampler", "Configuration"]

SETTLING = 3
"""Settled data arrive on the 4th DRDY after START: the decimation filter must fill."""

FILTER_DELAY = 1.5
"""Periods: a sample is a mean over the three before its DRDY (third-order sinc) and stands for the middle of them."""

SILENCE_S = 0.25
"""No DRDY for so long: the chip has stopped, or its wire is off."""

DAMAGED_IN_A_ROW = 3
"""So many damaged frames in a row are no noise: the chip is asked, and put back in step."""

HOPELESS = 60
"""So many in a row although the chip answers right each time: the wires carry no frames."""

CONSTANT_S = 0.25
"""A converter whose noise is 160 steps wide never gives the same count for so long: the chip is asked."""

REATTACH_S = 0.1
"""An electrode is on again once no comparator has seen it off for so long: they chatter while it is being attached."""

RATE_TOLERANCE = 0.05
"""The oscillator is within 2 %; what is further off is another clock, or half the edges."""

WATCH_S = 2.0
"""How often what was lost, damaged or clipped is looked at."""

FEW = 2
"""So many damaged or lost samples in that time are told."""

_log = logging.getLogger(__name__)


class Configuration:
    """What the settings name, loaded and checked: board, registers, channel.

    Attributes:
        board: pins.
        registers: with the gain of the settings.
        channel: 1 or 2, whose samples are the ECG.

    Raises:
        InputError: a file or a value in it is wrong, or the channel is powered down in this register set.
    """

    def __init__(self, settings: Ads1292Settings) -> None:
        board = load_board(settings.board)
        if not isinstance(board, Ads1292Board):
            raise InputError(f"source.ads1292.board: {settings.board} has no ADS1292 ({board.description})")
        self.board = board
        self.channel: int = settings.channel or board.ecg_channel
        self.registers = load_register_set(settings.registers)
        if settings.gain:
            self.registers = self.registers.with_gain(self.channel, settings.gain)
        if self.registers.channel(self.channel).powered_down:
            raise InputError(
                f"source.ads1292.channel: channel {self.channel} is powered down in the register set "
                f"{self.registers.name}; choose the other channel or another register set"
            )


class Ads1292Sampler:
    """One channel of one chip.

    Args:
        bus: the way to the chip.
        board: its pins.
        registers: what it is configured with.
        channel: 1 or 2.

    Attributes:
        name: the chip that was found.
        complaint: what is wrong although samples come, as a sentence; None while all is well.
        damaged: frames damaged since the beginning.
        lost: samples lost since the beginning, the damaged ones among them.
    """

    def __init__(self, bus: Bus, board: Ads1292Board, registers: RegisterSet, channel: int) -> None:
        self.name = "ADS1292"
        self.complaint: str | None = None
        self.damaged = 0
        self.lost = 0
        self._bus = bus
        self._board = board
        self._registers = registers
        self._channel = channel
        self._lead_off_mask = registers.lead_off_mask(channel)
        self._chip = Ads1292Chip(bus, board, registers)
        self._pending: Edge | None = None
        self._last_counts: int | None = None
        self._begin()

    @classmethod
    def open(cls, settings: Ads1292Settings) -> Ads1292Sampler:
        """The front end that the settings name.

        Raises:
            InputError: see `Configuration`.
            HardwareError: see `open_board`.
        """
        chosen = Configuration(settings)
        return cls(open_board(chosen.board), chosen.board, chosen.registers, chosen.channel)

    @property
    def rate_hz(self) -> int:
        """Nominal rate."""
        return self._registers.config1.rate_hz

    @property
    def true_rate_hz(self) -> float | None:
        """Rate by this machine's clock; None until it is known."""
        return self._numbering.rate_hz

    @property
    def mv_per_count(self) -> float:
        """Voltage of one step."""
        return self._registers.mv_per_count(self._channel)

    def start(self) -> None:
        """Bring the chip up; see `Ads1292Chip.start_up`."""
        self.name = self._chip.start_up()
        self._begin()

    def read(self) -> list[Sample]:
        """Wait for DRDY and read the frame; a damaged one gives nothing, and the next index jumps.

        Raises:
            HardwareError: no DRDY, frames that stay damaged, a chip that has reset itself, or a wrong rate.
        """
        edge = self._next_edge()
        began_ns = self._bus.clock.now_ns()
        raw = self._chip.read_frame()
        if self._bus.clock.now_ns() - edge.ns > self._period_ns * 3 // 4:  # the next conversion may have come
            for newer in self._bus.pins.edges(0):
                if newer.ns > began_ns:
                    self._pending = newer
                else:
                    edge = newer
            if self._pending is not None:  # it came while the frame was being sent: the frame is torn
                return []
        frame = Frame.from_bytes(raw)
        if frame is None:
            self._count_damaged()
            return []
        self._damaged_in_a_row = 0
        if self._settling:
            self._settling -= 1
            return []
        return self._number(edge, frame)

    def stop(self) -> None:
        """Put the chip to rest, if it still answers, and release the bus."""
        try:
            self._chip.stop()
        except HardwareError as error:
            _log.debug("The chip was not put to rest: %s", error)
        finally:
            self._bus.close()

    def _begin(self) -> None:
        self._numbering: Numbering[Frame] = Numbering(self.rate_hz)
        self._period_ns = round(1e9 / self.rate_hz)
        self._delay_ns = round(FILTER_DELAY * self._period_ns)
        self._settling = SETTLING
        self._pending = None
        self._damaged_in_a_row = 0
        self._last_counts = None
        self._same = 0
        self._attached_from = 0  # index from which the electrodes count as on
        self._end = 0
        self._watch_from = self._watch_clipped = 0
        self._watch_lost, self._watch_damaged = self.lost, self.damaged
        self.complaint = None
        self._bus.pins.edges(0)  # those from before the start

    def _next_edge(self) -> Edge:
        """The newest edge: the chip holds no frame but the newest."""
        if self._pending is not None:
            edge, self._pending = self._pending, None
            return edge
        edges = self._bus.pins.edges(SILENCE_S)
        if not edges:
            self._chip.verify()
            raise HardwareError(
                f"DRDY (GPIO {self._board.drdy}) does not fall although the chip answers; "
                "check the wires of DRDY and START, and that START is high"
            )
        return edges[-1]

    def _count_damaged(self) -> None:
        self.damaged += 1
        self._damaged_in_a_row += 1
        if self._damaged_in_a_row >= HOPELESS:
            raise HardwareError(
                f"{HOPELESS} frames in a row were damaged although the registers read back right; "
                "check the SPI wires, and lower the board's spi_hz"
            )
        if self._damaged_in_a_row % DAMAGED_IN_A_ROW == 0:
            self._chip.verify()

    def _number(self, edge: Edge, frame: Frame) -> list[Sample]:
        samples = []
        for index, its_edge, its_frame in self._numbering.add(edge, frame):
            self.lost += index - self._end
            self._end = index + 1
            counts = its_frame.channels[self._channel - 1]
            off = self._electrode_off(index, its_frame)
            clipped = not off and counts in {HIGHEST, LOWEST}
            self._watch_clipped += clipped
            samples.append(Sample(index, its_edge.ns - self._delay_ns, nan if clipped else counts, off))
        self._check_constant(frame.channels[self._channel - 1])
        if self._end - self._watch_from >= WATCH_S * self.rate_hz:
            self._look_back()
        interval_hz = self._numbering.interval_hz
        if interval_hz is None:  # nothing is believed before the rate is
            return []
        if abs(interval_hz / self.rate_hz - 1) > RATE_TOLERANCE:
            raise HardwareError(
                f"DRDY falls {interval_hz:.0f} times a second instead of {self.rate_hz}; "
                "check the chip's clock (CLKSEL, an external clock and CLK_DIV), and DRDY's wire"
            )
        return samples

    def _electrode_off(self, index: int, frame: Frame) -> bool | None:
        if not self._lead_off_mask:
            return None
        if frame.lead_off & self._lead_off_mask:
            self._attached_from = index + round(REATTACH_S * self.rate_hz)
        return index < self._attached_from

    def _check_constant(self, counts: int) -> None:
        self._same = self._same + 1 if counts == self._last_counts else 0
        self._last_counts = counts
        if self._same >= CONSTANT_S * self.rate_hz:
            self._same = 0
            self._chip.verify()

    def _look_back(self) -> None:
        """Complain about the last two seconds, or stop complaining."""
        total = self._end - self._watch_from
        damaged, lost = self.damaged - self._watch_damaged, self.lost - self._watch_lost
        full_scale_mv = self.mv_per_count * HIGHEST
        if self._watch_clipped > total // 2:
            self.complaint = (
                f"the input is beyond +-{full_scale_mv:.0f} mV (clipped); "
                "check the electrodes and their cable, or lower source.ads1292.gain"
            )
        elif damaged >= FEW:
            self.complaint = (
                f"{damaged} of {total} frames were damaged on the SPI wires; shorten them, or lower the board's spi_hz"
            )
        elif lost >= FEW:
            self.complaint = f"{lost} of {total} samples were lost: DRDY was missed, the machine is too busy"
        else:
            self.complaint = None
        self._watch_from, self._watch_clipped = self._end, 0
        self._watch_lost, self._watch_damaged = self.lost, self.damaged
