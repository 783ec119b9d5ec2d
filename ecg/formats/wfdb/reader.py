"""Reads WFDB records, a few seconds at a time."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ecg.errors import InputError
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose, no_voltage
from ecg.formats.wfdb.header import Header, Signal, read_header
from ecg.formats.wfdb.storage import FORMATS, Format
from ecg.recording import BLOCK_S, Lead, RecordingBlock
from ecg.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.formats.options import ReadOptions
    from ecg.samples import FloatArray

__all__ = ["WfdbReader"]


class WfdbReader(Reader):
    """A WFDB record of one segment.

    After the last block the samples are checked against the checksums in the header.

    Attributes:
        header: the record's header.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a record.

        Args:
            path: the record with or without `.hea` (`.dat` will do too).
            channels: signals by name or number; None selects every lead.
            options: what a person told.

        Raises:
            InputError: the header or a signal file is missing, damaged or unsupported; a signal does not exist or is
                not a voltage.
        """
        path = path.with_name(path.name.removesuffix(".dat").removesuffix(".hea") + ".hea")
        self.header: Header = read_header(path)
        self.channels = tuple(
            Channel(signal.name, signal.unit, self.header.rate_hz, is_lead=signal.gain_per_mv is not None)
            for signal in self.header.signals
        )
        self.remarks = []
        self.format = "WFDB"
        numbers = choose(self.channels, channels, path)
        self._columns = [_column(self.header, number) for number in numbers]
        self._present = max(column.file.present for column in self._columns)
        self.leads = tuple(Lead(each.signal.name, each.scale, each.signal.unit) for each in self._columns)
        self.name = self.header.name
        self.rate_hz = options.rate_hz or self.header.rate_hz
        self.start_utc = self.header.start_utc
        self.length: int = self._present if self.header.length is None else self.header.length

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of 10 s. A missing sample is NaN.

        Raises:
            InputError: after the last block: a file ends early, or a checksum does not match.
        """
        # An even number of frames keeps each block of format 212 on a whole byte.
        frames = max(2, round(BLOCK_S * self.rate_hz / 2) * 2)
        available = min(self._present, self.length)
        read, checksums = [0] * len(self._columns), [0] * len(self._columns)
        with ExitStack() as stack:
            files = {column.file: column.file.open(stack) for column in self._columns}
            for first in range(0, available, frames):
                count = min(frames, available - first)
                numbers = {file: file.read(opened, first, count) for file, opened in files.items()}
                samples_mv = np.empty((len(self._columns), max(map(len, numbers.values()))))
                for row, column in enumerate(self._columns):
                    adc = numbers[column.file][:, column.place]
                    read[row] += len(adc)
                    checksums[row] += int(adc.sum(dtype=np.int64))
                    column.to_mv(adc, samples_mv[row, : len(adc)])
                    samples_mv[row, len(adc) :] = np.nan
                yield RecordingBlock(first, samples_mv)
        for column, samples, checksum in zip(self._columns, read, checksums, strict=True):
            signal = column.signal
            if samples < self.length:
                raise InputError(
                    f"{signal.file}: ends after {samples} of {self.length} samples "
                    f"({float(samples / self.rate_hz):.1f} s); copy the record again"
                )
            if signal.checksum is not None and checksum % 65536 != signal.checksum:
                raise InputError(
                    f"{signal.file}: damaged: the checksum of signal {signal.name or column.place} is "
                    f"{checksum % 65536}, the header says {signal.checksum}; copy the record again"
                )


@dataclass(frozen=True, slots=True)
class _SignalFile:
    """A signal file. Its signals are interleaved in the order of the header.

    Attributes:
        path: the file.
        format: storage format of the samples.
        offset: bytes before the first sample.
        width: number of signals in the file.
        present: samples of each signal that the file contains.
    """

    path: Path
    format: Format
    offset: int
    width: int
    present: int

    def open(self, stack: ExitStack) -> BinaryIO:
        try:
            return stack.enter_context(self.path.open("rb"))
        except OSError as error:
            raise self._failed(error) from None

    def read(self, file: BinaryIO, first: int, count: int) -> NDArray[np.int32]:
        """Read samples from `first` on, shape (count, width), or fewer at the end of the file."""
        count = max(0, min(count, self.present - first))
        try:
            file.seek(self.offset + self.format.size(first * self.width))
            raw = np.fromfile(file, dtype=np.uint8, count=self.format.size(count * self.width))
            return self.format.decode(raw)[: count * self.width].reshape(-1, self.width)
        except (OSError, ValueError) as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> InputError:
        return InputError(f"{self.path}: reading failed ({error}); copy the record again")


@dataclass(frozen=True, slots=True)
class _Column:
    """A lead in a signal file.

    Attributes:
        signal: its line in the header.
        file: the file that contains it.
        place: its number among the signals of the file.
        scale: of its numbers.
    """

    signal: Signal
    file: _SignalFile
    place: int
    scale: Scale

    def to_mv(self, adc: NDArray[np.int32], samples_mv: FloatArray) -> None:
        """Convert numbers to mV, into `samples_mv`."""
        samples_mv[:] = adc
        samples_mv -= self.scale.baseline
        samples_mv /= self.scale.gain_per_mv
        missing = adc == self.scale.missing
        if missing.any():
            samples_mv[missing] = np.nan


def _column(header: Header, number: int) -> _Column:
    signal = header.signals[number]
    if signal.format not in FORMATS:
        readable = ", ".join(str(known) for known in sorted(FORMATS))
        raise InputError(
            f"{header.path}: storage format {signal.format} is not read here (only {readable}); "
            "convert the record with WFDB's xform"
        )
    if signal.gain_per_mv is None:
        raise no_voltage(header.path, signal.name or str(number), signal.unit)
    try:
        size = signal.file.stat().st_size - signal.offset
    except OSError as error:
        raise InputError(
            f"{signal.file}: the signal file of {header.path.name} cannot be read ({error.strerror}); "
            "copy it beside the header"
        ) from None
    layout = FORMATS[signal.format]
    beside = [each for each, other in enumerate(header.signals) if other.file == signal.file]
    present = max(0, layout.samples(size) // len(beside))
    if present == 0:
        raise InputError(f"{signal.file}: holds no samples; copy the record again")
    file = _SignalFile(signal.file, layout, signal.offset, len(beside), present)
    return _Column(signal, file, beside.index(number), Scale(signal.baseline, signal.gain_per_mv, layout.bits))
