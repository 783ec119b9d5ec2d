"""Samples from an ADS1292: reads a frame at each falling edge of DRDY, numbers and checks it, and checks the chip."""

from __future__ import annotations

import logging
from math import nan
from typing import TYPE_CHECKING

from ecg.errors import HardwareError, InputError
from edge.frontends.ads1292.chip import Ads1292Chip, open_board
from edge.frontends.ads1292.edge_indexer import EdgeIndexer
from edge.frontends.ads1292.frame import HIGHEST, LOWEST, Frame
from edge.frontends.ads1292.register_set import RLD_STATUS, RegisterSet, load_register_set
from edge.frontends.boards import Ads1292Board, load_board
from edge.frontends.sampler import Sample

if TYPE_CHECKING:
    from edge.config import Ads1292Settings
    from edge.frontends.bus import Bus, Edge

__all__ = ["Ads1292Sampler", "Configuration"]

SETTLING_FRAMES = 3
"""Invalid frames after START: settled data arrive on the 4th DRDY, when the decimation filter is full."""

FILTER_DELAY = 1.5
"""In periods: a sample is a mean over the three before its DRDY (third-order sinc), so its time is their middle."""

DRDY_TIMEOUT_S = 0.25
"""Without DRDY for this long, the chip has stopped or the wire is off."""

VERIFY_AFTER_DAMAGED = 3
"""This many damaged frames in a row are not noise: the chip is checked and resynchronised."""

MAX_DAMAGED = 60
"""This many in a row although the chip passes each check: frames do not get through the wires."""

CONSTANT_S = 0.25
"""A converter whose noise is 160 steps wide never repeats one count for this long: the chip is checked."""

REGISTER_CHECK_S = 30.0
"""How often the registers are read back: a change is told within a minute, also where checks have to wait."""

CHECK_WITHIN = 0.25
"""In periods: the check begins only where the frame was read this soon after its edge, to end before the next one. At
500 samples a second that leaves 1.5 ms; the bus takes 0.2 ms of it, calls of the kernel the rest."""

MAX_CHECK_DELAY_S = 5.0
"""A check that finds no such moment for this long is made all the same, and may cost a sample."""

RESTORED_S = 0.15
"""After a register was written anew these samples are discarded: the filter, the reference buffer's capacitor and the
inputs under the lead-off current settle, and the gap is long enough for the alarm of lost samples, which names it."""

REATTACH_S = 0.1
"""An electrode counts as on again after this time without a lead-off bit: comparators chatter while it is attached."""

RATE_TOLERANCE = 0.05
"""The oscillator is within 2 %; a larger error means another clock, or that half the edges are missed."""

CHECK_INTERVAL_S = 2.0
"""How often the lost, damaged and clipped samples are counted for the warning."""

MIN_REPORTED = 2
"""Smallest number of damaged or lost samples in that time that gives a warning."""

RLD_OFF = "the electrode of the right-leg drive (RL) is off; put it on, press its clip and the plug"

_log = logging.getLogger(__name__)


class Configuration:
    """The board, registers and channel that the settings name, loaded and checked.

    Attributes:
        board: pins.
        registers: register set with the gain of the settings.
        channel: the ECG channel, 1 or 2.

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
    """One channel of one chip, as a `Sampler`.

    Args:
        bus: connects the chip.
        board: its pins.
        registers: its configuration.
        channel: 1 or 2.
    """

    def __init__(self, bus: Bus, board: Ads1292Board, registers: RegisterSet, channel: int) -> None:
        self.name = "ADS1292"
        self.warning: str | None = None
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
        self._reset_state()

    @classmethod
    def open(cls, settings: Ads1292Settings) -> Ads1292Sampler:
        """Open the front end that the settings name.

        Raises:
            InputError: see `Configuration`.
            HardwareError: see `open_board`.
        """
        configuration = Configuration(settings)
        return cls(open_board(configuration.board), configuration.board, configuration.registers, configuration.channel)

    @property
    def rate_hz(self) -> int:
        """Nominal rate."""
        return self._registers.config1.rate_hz

    @property
    def true_rate_hz(self) -> float | None:
        """Rate by this host's clock; None until it is known."""
        return self._indexer.rate_hz

    @property
    def mv_per_count(self) -> float:
        """Voltage of one step."""
        return self._registers.mv_per_count(self._channel)

    def start(self) -> None:
        """Start the chip; see `Ads1292Chip.start_up`."""
        self.name = self._chip.start_up()
        self._reset_state()

    def read(self) -> list[Sample]:
        """Wait for DRDY and read the frame; a damaged frame gives no sample, and the next number jumps.

        Raises:
            HardwareError: DRDY does not fall, frames stay damaged, the chip has reset itself, a register does not keep
                its value, or the rate is wrong.
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
            if self._pending is not None:  # a conversion ended during the transfer: the frame mixes both
                return []
        frame = Frame.from_bytes(raw)
        if frame is None:
            self._count_damaged()
            return []
        self._damaged_in_a_row = 0
        self._check_registers(edge)
        if self._settling:
            self._settling -= 1
            return []
        return self._number(edge, frame)

    def stop(self) -> None:
        """Stop the chip if it still answers, and release the bus."""
        try:
            self._chip.stop()
        except HardwareError as error:
            _log.debug("The chip was not stopped: %s", error)
        finally:
            self._bus.close()

    def _reset_state(self) -> None:
        self._indexer: EdgeIndexer[Frame] = EdgeIndexer(self.rate_hz)
        self._period_ns = round(1e9 / self.rate_hz)
        self._delay_ns = round(FILTER_DELAY * self._period_ns)
        self._settling = SETTLING_FRAMES
        self._pending = None
        self._damaged_in_a_row = 0
        self._last_counts = None
        self._same = 0
        self._is_constant = False
        self._is_only_rld_off = False  # where one is off
        self._attached_from = 0  # index from which the electrodes count as on
        self._end = 0
        self._check_start = self._clipped = 0
        self._lost_before, self._damaged_before = self.lost, self.damaged
        self.warning = None
        self._restored: str | None = None
        self._check_due_ns = self._bus.clock.now_ns() + round(REGISTER_CHECK_S * 1e9)
        self._bus.pins.edges(0)  # discard edges from before the start

    def _next_edge(self) -> Edge:
        """The latest edge: the chip keeps only its latest frame."""
        if self._pending is not None:
            edge, self._pending = self._pending, None
            return edge
        edges = self._bus.pins.edges(DRDY_TIMEOUT_S)
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
        if self._damaged_in_a_row >= MAX_DAMAGED:
            raise HardwareError(
                f"{MAX_DAMAGED} frames in a row were damaged although the registers read back right; "
                "check the SPI wires, and lower the board's spi_hz"
            )
        if self._damaged_in_a_row % VERIFY_AFTER_DAMAGED == 0:
            self._chip.verify()

    def _number(self, edge: Edge, frame: Frame) -> list[Sample]:
        samples = []
        for index, its_edge, its_frame in self._indexer.add(edge, frame):
            self.lost += index - self._end
            self._end = index + 1
            counts = its_frame.channels[self._channel - 1]
            off = self._electrode_off(index, its_frame)
            clipped = not off and counts in {HIGHEST, LOWEST}
            self._clipped += clipped
            samples.append(Sample(index, its_edge.ns - self._delay_ns, nan if clipped else counts, off))
        self._check_constant(frame.channels[self._channel - 1])
        if self._end - self._check_start >= CHECK_INTERVAL_S * self.rate_hz:
            self._update_warning()
        interval_hz = self._indexer.interval_hz
        if interval_hz is None:  # no samples until the rate is known to be right
            return []
        if abs(interval_hz / self.rate_hz - 1) > RATE_TOLERANCE:
            self._chip.verify()  # CONFIG1 may have changed
            raise HardwareError(
                f"DRDY does not fall {self.rate_hz} times a second; "
                "check the chip's clock (CLKSEL, an external clock and CLK_DIV), and DRDY's wire",
                detail=f"it falls {interval_hz:.0f} times",
            )
        return samples

    def _electrode_off(self, index: int, frame: Frame) -> bool | None:
        if not self._lead_off_mask:
            return None
        off = frame.lead_off & self._lead_off_mask
        if off:
            self._attached_from = index + round(REATTACH_S * self.rate_hz)
            self._is_only_rld_off = off == RLD_STATUS
            if self._is_only_rld_off and self.warning is None:
                self.warning = RLD_OFF  # at once: the alarm's evidence carries it
        return index < self._attached_from

    def _check_constant(self, counts: int) -> None:
        self._same = self._same + 1 if counts == self._last_counts else 0
        self._is_constant &= self._same > 0
        self._last_counts = counts
        if self._same >= CONSTANT_S * self.rate_hz:
            self._same = 1
            self._chip.verify()
            self._is_constant = True

    def _check_registers(self, edge: Edge) -> None:
        """Where it is due, read the registers back between two frames; what changed is told until the next check."""
        now_ns = self._bus.clock.now_ns()
        if now_ns < self._check_due_ns:
            return
        is_quiet = now_ns - edge.ns < CHECK_WITHIN * self._period_ns and self._pending is None
        if not is_quiet and now_ns < self._check_due_ns + MAX_CHECK_DELAY_S * 1e9:
            return
        changed = self._chip.restore()
        self._check_due_ns = self._bus.clock.now_ns() + round(REGISTER_CHECK_S * 1e9)
        self._restored = None
        if changed:
            self._settling = round(RESTORED_S * self.rate_hz)
            were = "was" if len(changed) == 1 else "were"
            self._restored = (
                f"{', '.join(changed)} of the chip changed unbidden and {were} written anew: amplitudes "
                "and the state of the electrodes may have been wrong since the last check; "
                "check the board's supply and its wires, and keep it away from what switches or sparks"
            )
            self.warning = self._restored

    def _update_warning(self) -> None:
        """Set or clear the warning from the last two seconds."""
        total = self._end - self._check_start
        damaged, lost = self.damaged - self._damaged_before, self.lost - self._lost_before
        full_scale_mv = self.mv_per_count * HIGHEST
        if self._restored is not None:
            self.warning = self._restored
        elif self._is_only_rld_off and self._end <= self._attached_from:
            self.warning = RLD_OFF
        elif self._clipped > total // 2:
            self.warning = (
                f"the input is beyond +-{full_scale_mv:.0f} mV (clipped); "
                "check the electrodes and their cable, or lower source.ads1292.gain"
            )
        elif self._is_constant and self._end > self._attached_from:
            self.warning = (
                "the converter repeats one value although its registers are right; "
                "check the chip's analogue supply (AVDD) and reference (VREFP), and the electrodes' cable"
            )
        elif damaged >= MIN_REPORTED:
            self.warning = "frames are damaged on the SPI wires; shorten them, or lower the board's spi_hz"
        elif lost >= MIN_REPORTED:
            self.warning = "samples are lost: DRDY was missed, the machine is too busy"
        else:
            self.warning = None
        self._check_start, self._clipped = self._end, 0
        self._lost_before, self._damaged_before = self.lost, self.damaged
