"""Samples from an AD8232: converts at absolute deadlines, interpolates to 360 Hz, and checks the board."""

from __future__ import annotations

import logging
from math import nan
from typing import TYPE_CHECKING

import msgspec

from ecg.errors import HardwareError, InputError
from edge.frontends.ad8232.baseline import SLEW_MV_PER_S, Baseline
from edge.frontends.ad8232.chip import Ad8232Chip, open_board
from edge.frontends.ad8232.interpolation import OUTPUT_RATE_HZ, Conversion, Interpolator
from edge.frontends.boards import Ad8232Board, load_board
from edge.frontends.sampler import Sample

if TYPE_CHECKING:
    from edge.config import Ad8232Settings
    from edge.frontends.ad8232.interpolation import InterpolatedSample
    from edge.frontends.bus import Bus

__all__ = ["Ad8232Sampler", "configured_board"]

CONVERSIONS_HZ = 2 * OUTPUT_RATE_HZ
"""Two per sample: with wake-ups up to 2 ms late no sample is lost and the error is 2 uV. Four would gain 0.5 uV for
twice the processor time; one would lose every tenth sample."""

DEADLINE_SPACING_NS = 1e9 / CONVERSIONS_HZ

MIN_SPACING = 0.5
"""In deadline spacings: a deadline closer than this to the last conversion is skipped (see `interpolation`)."""

BLANKING_S = 1.5
"""After an electrode is attached or the chip wakes, its fast restore disturbs the output; these samples are invalid."""

BASELINE_S = 0.75
"""The last part of the blanking: the output is near its resting level, so it gives the first baseline."""

MAX_DAMAGED_S = 0.1
"""Only damaged replies for this long: there is no converter, or one of another type."""

MAX_ZERO_S = 0.25
"""Only zeros for this long: a fault, because the output of an AD8232 never reaches ground."""

FLAT_S = 3.0
"""An output that does not move for this long carries no ECG: it is told, and the samples go on."""

FLAT_UV, FLAT_COUNTS = 4.0, 2
"""Not moving: within the larger of both. The AD8232's own noise is 14 uV peak to peak (datasheet, 0.5 to 40 Hz); the
converter's is less than two steps."""

CHECK_INTERVAL_S = 2.0
"""How often the lost, damaged and railed samples are counted for the warning."""

MIN_REPORTED = 2
"""Smallest number of damaged or lost samples in that time that gives a warning."""

_log = logging.getLogger(__name__)


def configured_board(settings: Ad8232Settings) -> Ad8232Board:
    """The board that the settings name, with the gain and reference of the settings.

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
    """One AD8232 and its converter, as a `Sampler`.

    An electrode counts as off while LO+ or LO- is high and for `BLANKING_S` after.

    Args:
        bus: connects them.
        board: pins, gain and reference.
    """

    def __init__(self, bus: Bus, board: Ad8232Board) -> None:
        self.warning: str | None = None
        self.damaged = 0
        self.lost = 0
        self._bus = bus
        self._chip = Ad8232Chip(bus, board)
        self.name = self._chip.name
        self._reset_state()

    @classmethod
    def open(cls, settings: Ad8232Settings) -> Ad8232Sampler:
        """Open the front end that the settings name.

        Raises:
            InputError: see `configured_board`.
            HardwareError: see `open_board`.
        """
        board = configured_board(settings)
        return cls(open_board(board), board)

    @property
    def rate_hz(self) -> int:
        """Output rate."""
        return OUTPUT_RATE_HZ

    @property
    def true_rate_hz(self) -> float | None:
        """The same: this host's clock defines the output rate."""
        return float(OUTPUT_RATE_HZ)

    @property
    def mv_per_count(self) -> float:
        """Voltage of one step at the electrodes."""
        return self._chip.mv_per_count

    def start(self) -> None:
        """Wake the AD8232 and check that a converter answers.

        Raises:
            HardwareError: none does; the message says what to check.
        """
        self._chip.wake()
        self._reset_state()
        self._chip.identify()

    def read(self) -> list[Sample]:
        """Wait for the next deadline and convert; returns the samples that are now complete.

        Raises:
            HardwareError: the converter or a line does not answer as it should.
        """
        self._bus.clock.sleep_until(self._next_deadline())
        conversion = self._convert()
        if conversion is None:
            return []
        interpolated = self._interpolator.add(conversion)
        if not interpolated:
            return []
        off = any(self._chip.lead_off())
        samples = [sample for each in interpolated if (sample := self._sample(each, lead_off=off))]
        if self._end - self._check_start >= CHECK_INTERVAL_S * OUTPUT_RATE_HZ:
            self._update_warning()
        return samples

    def stop(self) -> None:
        """Shut the AD8232 down and release the bus."""
        try:
            self._chip.shut_down()
        except HardwareError as error:
            _log.debug("The AD8232 was not shut down: %s", error)
        finally:
            self._bus.close()

    def _reset_state(self) -> None:
        self._interpolator = Interpolator()
        self._baseline = Baseline(SLEW_MV_PER_S / OUTPUT_RATE_HZ / self.mv_per_count)
        self._origin_ns: int | None = None
        self._deadline = 0
        self._damaged_in_a_row = self._zeros_in_a_row = 0
        self._attached_from = self._first_valid = round(BLANKING_S * OUTPUT_RATE_HZ)
        self._end = 0
        self._flat_counts = max(FLAT_COUNTS, FLAT_UV / 1000 / self.mv_per_count)
        self._moved_at = 0  # number of the sample at which the output last moved
        self._lowest = self._highest = nan  # counts since then
        self._check_start = self._railed = self._railed_high = 0
        self._lost_before, self._damaged_before = self.lost, self.damaged
        self.warning = None

    def _next_deadline(self) -> float:
        """The time of the next deadline that is not too close; skips those that have passed."""
        now_ns = self._bus.clock.now_ns()
        if self._origin_ns is None:
            self._origin_ns = now_ns
        nearest = int((now_ns - self._origin_ns) / DEADLINE_SPACING_NS + MIN_SPACING) + 1
        self._deadline = max(self._deadline + 1, nearest)
        return self._origin_ns + self._deadline * DEADLINE_SPACING_NS

    def _convert(self) -> Conversion | None:
        """One conversion; None if it is damaged or its time is unknown."""
        reading = self._chip.read()
        if reading.counts is None:
            self._count_damaged(reading.reply)
            return None
        self._damaged_in_a_row = 0
        self._count_zeros(reading.counts)
        if reading.ns is None:
            return None
        return Conversion(reading.ns, reading.counts, not self._chip.lowest < reading.counts < self._chip.highest)

    def _sample(self, interpolated: InterpolatedSample, *, lead_off: bool) -> Sample | None:
        """A sample with the electrode state and the baseline removed; None while the chip wakes up."""
        number = interpolated.number
        if self._end:  # before the first one nothing is lost
            self.lost += number - self._end
        self._end = number + 1
        if lead_off:
            self._attached_from = number + 1 + round(BLANKING_S * OUTPUT_RATE_HZ)
        off = number < self._attached_from
        self._watch_movement(number, interpolated.counts, off=off)
        if not off:
            self._railed += interpolated.railed
            self._railed_high += interpolated.railed and interpolated.counts > self._chip.highest / 2
            if not interpolated.railed:
                self._baseline.add_ecg(interpolated.counts)
        elif self._attached_from - number <= BASELINE_S * OUTPUT_RATE_HZ:
            self._baseline.add_settling(interpolated.counts)
        if number < self._first_valid:
            return None
        baseline = self._baseline.counts
        counts = interpolated.counts - (self._chip.adc.full_scale / 2 if baseline is None else baseline)
        return Sample(number, interpolated.ns, nan if interpolated.railed and not off else counts, off)

    def _watch_movement(self, number: int, counts: float, *, off: bool) -> None:
        lowest, highest = min(counts, self._lowest), max(counts, self._highest)
        if off or not highest - lowest <= self._flat_counts:
            self._moved_at, lowest, highest = number, counts, counts
        self._lowest, self._highest = lowest, highest

    def _count_damaged(self, reply: bytes) -> None:
        self.damaged += 1
        self._damaged_in_a_row += 1
        if self._damaged_in_a_row >= MAX_DAMAGED_S * CONVERSIONS_HZ:
            raise self._chip.no_converter_error(reply)

    def _count_zeros(self, counts: int) -> None:
        self._zeros_in_a_row = 0 if counts else self._zeros_in_a_row + 1
        if self._zeros_in_a_row >= MAX_ZERO_S * CONVERSIONS_HZ:
            raise self._chip.input_at_ground_error()

    def _update_warning(self) -> None:
        """Set or clear the warning from the last two seconds."""
        total = self._end - self._check_start
        damaged, lost = self.damaged - self._damaged_before, self.lost - self._lost_before
        if self._railed > total // 2:
            limit = "upper" if self._railed_high > self._railed // 2 else "lower"
            self.warning = (
                f"the AD8232's output is at its {limit} limit (clipped); check the electrodes and their cable, "
                "the board's supply and SDN, and the OUTPUT wire"
            )
        elif self._end - self._moved_at > FLAT_S * OUTPUT_RATE_HZ:
            self.warning = (
                "the AD8232's output does not move at all, not even with noise, and no electrode is reported off; "
                "check the electrodes' cable and plug, the OUTPUT wire, SDN and the board's supply"
            )
        elif damaged >= MIN_REPORTED:
            self.warning = (
                f"replies of the {self._chip.adc.name} are damaged on the SPI wires; "
                "shorten the SPI wires, or lower the board's spi_hz"
            )
        elif lost >= MIN_REPORTED:
            self.warning = "samples are lost: the machine is too busy to sample in time"
        else:
            self.warning = None
        self._check_start, self._railed, self._railed_high = self._end, 0, 0
        self._lost_before, self._damaged_before = self.lost, self.damaged
