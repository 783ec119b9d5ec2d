"""The base class of readers that decode a file as a whole, because its leads follow one another."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.options import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from ecg.formats.packed import open_packed, reading, size_of
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose, no_voltage, worth_mv
from ecg.recording import BLOCK_S, Lead, RecordingBlock
from ecg.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.formats.options import ReadOptions

__all__ = ["MOST_BYTES", "Contents", "Signal", "WholeFileReader", "read_limited"]

MOST_BYTES: Final = 256 << 20
"""Of a file: a day of three leads at 500 Hz in 16 bits."""

_MOST_BLOCK: Final = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signal:
    """One signal of a file: its numbers, and what they are worth.

    Attributes:
        name: of the lead, in the standard spelling.
        numbers: as stored, shape (n,). NaN marks a lost sample.
        unit: of the voltage, as the file writes it.
        step: of a number, in `unit`; None if the file does not tell.
        zero: what the number 0 stands for, in `unit`.
        first: index of its first sample in the recording, not negative.
        rate_hz: sampling rate; None if the file does not tell.
        missing: the number that marks a lost sample; None if there is none.
        bits: of a number, with its sign.
    """

    name: str
    numbers: NDArray[np.generic]
    unit: str
    step: float | None
    zero: float = 0.0
    first: int = 0
    rate_hz: Fraction | None = None
    missing: int | None = None
    bits: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a file holds.

    Attributes:
        signals: in the order of the file.
        format: what the file is, for people.
        start_utc: time of sample 0; None if unknown.
        remarks: what was assumed or damaged.
        ends_early: what is missing at its end, as a sentence about the file; empty if nothing.
    """

    signals: Sequence[Signal]
    format: str
    start_utc: datetime | None = None
    remarks: list[str] = field(default_factory=list)
    ends_early: str = ""


class WholeFileReader(Reader):
    """A file whose numbers are decoded when it is opened. They become voltages block by block.

    Memory: the numbers of all signals, and a block; while it is opened, the file too.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a file.

        Args:
            path: the file.
            channels: signals by name or number; None selects every lead.
            options: what a person told.

        Raises:
            InputError: the file is missing, damaged or too large; a signal does not exist or is not a voltage; the
                rate is not known.
        """
        self._path = path
        contents = self._decode(path)
        signals = contents.signals
        if not signals:
            raise InputError(f"{path}: no lead is in it; give a recording of an ECG")
        rates_hz = [options.rate_hz or _plausible(signal, path) for signal in signals]
        self.channels = tuple(
            Channel(signal.name, signal.unit, rate_hz, is_lead=_worth_mv(signal, options) is not None)
            for signal, rate_hz in zip(signals, rates_hz, strict=True)
        )
        numbers = choose(self.channels, channels, path)
        self.rate_hz = rates_hz[numbers[0]]
        for number in numbers:
            if rates_hz[number] != self.rate_hz:
                raise InputError(
                    f"{path}: {signals[numbers[0]].name} has {self.rate_hz} Hz and {signals[number].name} "
                    f"{rates_hz[number]} Hz; read signals of different rates apart"
                )
        self._signals = [_calibrated(signals[number], options, path) for number in numbers]
        self.leads = tuple(
            Lead(signal.name, _stored(signal, worth), options.unit or signal.unit) for signal, worth in self._signals
        )
        self.name = path.stem
        self.rate_from = "--rate" if options.rate_hz else ""
        self.start_utc = contents.start_utc
        self.length: int = max(signal.first + len(signal.numbers) for signal, _ in self._signals)
        if not self.length:
            raise InputError(f"{path}: no sample is in it; copy it again")
        self.format = contents.format
        self.remarks = contents.remarks
        self._ends_early = contents.ends_early

    @abstractmethod
    def _decode(self, path: Path) -> Contents:
        """Read and decode a file.

        Raises:
            InputError: it is missing, damaged or unsupported.
        """

    def blocks(self) -> Iterator[RecordingBlock]:
        """The leads in blocks of at most 10 s. What a lead lacks at its begin or end is lost.

        Raises:
            InputError: the file ends early; raised after the last block.
        """
        samples = max(1, min(round(BLOCK_S * self.rate_hz), _MOST_BLOCK))
        for first in range(0, self.length, samples):
            block_mv = np.full((len(self._signals), min(samples, self.length - first)), np.nan)
            for row, (signal, worth) in enumerate(self._signals):
                start, end = max(first, signal.first), min(first + samples, signal.first + len(signal.numbers))
                if start < end:
                    part = signal.numbers[start - signal.first : end - signal.first]
                    block_mv[row, start - first : end - first] = _to_mv(part, signal, worth)
            yield RecordingBlock(first, block_mv)
        if self._ends_early:
            raise InputError(f"{self._path}: {self._ends_early}; copy it again")


def read_limited(path: Path, most: int = MOST_BYTES) -> bytes:
    """The whole of a file, which may be packed.

    Raises:
        InputError: it is missing, damaged or too large.
    """
    if size_of(path) > most:
        raise InputError(f"{path}: more than {most >> 20} MiB; save it as a WFDB record or as EDF+")
    with reading(path), open_packed(path) as file:
        return file.read(most)


def _plausible(signal: Signal, path: Path) -> Fraction:
    if signal.rate_hz is None:
        raise InputError(f"{path}: its sampling rate is not told; give it with --rate")
    if not LOWEST_RATE_HZ <= signal.rate_hz <= HIGHEST_RATE_HZ:
        raise InputError(f"{path}: a sampling rate of {float(signal.rate_hz):.3g} Hz; give the right one with --rate")
    return signal.rate_hz


def _worth_mv(signal: Signal, options: ReadOptions) -> float | None:
    """What one unit of a signal is in mV; None for what is no voltage, and where the worth of a number is not known."""
    if signal.step is None:
        return options.mv_per_unit
    return worth_mv(signal.name, signal.unit, options)


def _calibrated(signal: Signal, options: ReadOptions, path: Path) -> tuple[Signal, float]:
    """A signal, and what its unit is in mV.

    Raises:
        InputError: it is no voltage, or the worth of its numbers is not known.
    """
    worth = _worth_mv(signal, options)
    if worth is None:
        raise no_voltage(path, signal.name or "unnamed", signal.unit)
    return signal, worth


def _to_mv(numbers: NDArray[np.generic], signal: Signal, worth: float) -> NDArray[np.float64]:
    values = numbers.astype(np.float64)
    lost = ~np.isfinite(values) if signal.missing is None else values == signal.missing
    values *= 1.0 if signal.step is None else signal.step
    values += signal.zero
    values *= worth
    values[lost | ~np.isfinite(values)] = np.nan
    return values


def _stored(signal: Signal, worth: float) -> Scale | None:
    """The scale with which a writer can store the same numbers again."""
    step_mv = worth * (1.0 if signal.step is None else signal.step)
    if not step_mv or not np.isfinite(1 / step_mv) or not np.isfinite(signal.zero):
        return None
    return Scale(-signal.zero * worth / step_mv, 1 / step_mv, signal.bits)
