"""Signal files of WFDB records: their signals are interleaved, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ecg.errors import InputError
from ecg.formats.packed import is_file, open_packed, reading, size_of
from ecg.formats.reader import no_voltage, worth_mv
from ecg.formats.wfdb.flac import FlacStream
from ecg.formats.wfdb.storage import FLAC_BITS, FORMATS
from ecg.scale import Scale

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from ecg.formats.options import ReadOptions
    from ecg.formats.wfdb.header import Header, Signal
    from ecg.samples import FloatArray

__all__ = ["Column", "Cursor", "SignalFile", "open_column"]

Frames = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A signal file.

    Attributes:
        path: the file.
        number: of the storage format.
        offset: before the first sample: bytes, of a FLAC stream samples.
        per_frame: samples in a frame of each of its signals, in the order of the header.
        initial: value of each signal before its first difference, of format 8.
        present: whole frames that the file contains.
        skew: frames to skip.
    """

    path: Path
    number: int
    offset: int
    per_frame: tuple[int, ...]
    initial: tuple[int, ...]
    present: int
    skew: int

    @property
    def width(self) -> int:
        """Samples of all signals in a frame."""
        return sum(self.per_frame)

    @property
    def missing(self) -> int:
        """The number of a missing sample."""
        return FORMATS[self.number].missing if self.number in FORMATS else -(1 << (FLAC_BITS[self.number] - 1))


class Cursor:
    """Reads the frames of a signal file one after the other.

    Args:
        file: what to read.
        stack: closes it at the end.
    """

    def __init__(self, file: SignalFile, stack: ExitStack) -> None:
        self._file = file
        self._next = 0
        self._sums = np.array(file.initial, dtype=np.int64)
        with reading(file.path):
            self._raw: IO[bytes] = stack.enter_context(open_packed(file.path))
        self._flac = _flac(file, self._raw) if file.number in FLAC_BITS else None
        if file.skew:
            if file.number in FORMATS and FORMATS[file.number].differences:
                for first in range(0, file.skew, 1 << 16):
                    self.read(min(1 << 16, file.skew - first))
            self._next = file.skew

    def read(self, count: int) -> Frames:
        """The next frames, shape (count, width), or fewer at the end of the file."""
        file = self._file
        count = max(0, min(count, file.present - self._next))
        first, self._next = self._next, self._next + count
        with reading(file.path):
            if self._flac is not None:
                return self._flac.read(first, count, file.offset).reshape(-1, file.width)
            layout = FORMATS[file.number]
            skipped = first * file.width % layout.together
            start = first * file.width - skipped
            needed = count * file.width + skipped
            self._raw.seek(file.offset + layout.size(start))
            raw = np.frombuffer(self._raw.read(layout.size(needed)), dtype=np.uint8)
            numbers = layout.decode(raw)[skipped:]
            frames = numbers[: len(numbers) // file.width * file.width].reshape(-1, file.width)
            return self._summed(frames) if layout.differences else frames

    def _summed(self, frames: Frames) -> Frames:
        """Values from differences, each signal by itself."""
        summed = np.empty_like(frames)
        place = 0
        for number, width in enumerate(self._file.per_frame):
            differences = frames[:, place : place + width]
            values = self._sums[number] + np.cumsum(differences.reshape(-1), dtype=np.int64)
            if len(values):
                self._sums[number] = values[-1]
            summed[:, place : place + width] = values.reshape(-1, width)
            place += width
        return summed


@dataclass(frozen=True, slots=True)
class Column:
    """A lead in a signal file.

    Attributes:
        signal: its line in the header.
        file: the file that contains it.
        place: number of its first sample in a frame.
        scale: of its numbers.
        has_missing: whether the lowest number is a missing sample.
    """

    signal: Signal
    file: SignalFile
    place: int
    scale: Scale
    has_missing: bool

    def numbers(self, frames: Frames) -> NDArray[np.int32]:
        """Its samples in frames, shape (n,)."""
        return frames[:, self.place : self.place + self.signal.per_frame].reshape(-1)

    def to_mv(self, adc: NDArray[np.int32], samples_mv: FloatArray) -> None:
        """Convert numbers to mV, into `samples_mv`."""
        samples_mv[:] = adc
        samples_mv -= self.scale.baseline
        samples_mv /= self.scale.gain_per_mv
        if self.has_missing:
            missing = adc == self.scale.missing
            if missing.any():
                samples_mv[missing] = np.nan


def _flac(file: SignalFile, raw: IO[bytes]) -> FlacStream:
    return FlacStream(raw, file.path, file.number, width=len(file.per_frame), per_frame=file.per_frame[0])


def open_column(header: Header, number: int, options: ReadOptions) -> Column:
    """A signal of a record as a lead.

    Raises:
        InputError: its file is missing or empty, or of an unknown format; or the signal is no voltage.
    """
    signal = header.signals[number]
    if signal.format not in FORMATS and signal.format not in FLAC_BITS:
        readable = ", ".join(str(known) for known in sorted([*FORMATS, *FLAC_BITS]))
        raise InputError(
            f"{header.path}: storage format {signal.format} is not read here (only {readable}); "
            "convert the record with WFDB's xform"
        )
    gain_per_mv = signal.gain_per_mv
    if options.unit:
        worth = worth_mv(signal.name, signal.unit, options)
        gain_per_mv = None if worth is None else signal.gain / worth
    if gain_per_mv is None:
        raise no_voltage(header.path, signal.name or str(number), signal.unit)
    if not is_file(signal.file):
        raise InputError(f"{signal.file}: the signal file of {header.path.name} is missing; copy it beside the header")
    beside = [each for each, other in enumerate(header.signals) if other.file == signal.file]
    per_frame = tuple(header.signals[each].per_frame for each in beside)
    file = SignalFile(
        path=signal.file,
        number=signal.format,
        offset=signal.offset,
        per_frame=per_frame,
        initial=tuple(header.signals[each].initial or 0 for each in beside),
        present=0,
        skew=signal.skew,
    )
    present = _present(file)
    if present == 0:
        raise InputError(f"{signal.file}: holds no samples; copy the record again")
    bits = FORMATS[signal.format].bits if signal.format in FORMATS else FLAC_BITS[signal.format]
    return Column(
        signal,
        replace(file, present=present),
        sum(per_frame[: beside.index(number)]),
        Scale(signal.baseline, gain_per_mv, bits),
        has_missing=signal.format not in FORMATS or not FORMATS[signal.format].differences,
    )


def _present(file: SignalFile) -> int:
    """Whole frames in a signal file."""
    if file.number in FORMATS:
        return max(0, FORMATS[file.number].samples(max(0, size_of(file.path) - file.offset)) // file.width)
    if len(set(file.per_frame)) > 1:
        raise InputError(
            f"{file.path}: its signals differ in samples a frame, which FLAC cannot be; copy the record again"
        )
    with reading(file.path), open_packed(file.path) as raw:
        return _flac(file, raw).frames
