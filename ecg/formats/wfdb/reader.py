"""Reads WFDB records, a few seconds at a time."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.packed import is_file
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose, worth_mv
from ecg.formats.wfdb.header import Header, Signal, read_header
from ecg.formats.wfdb.signal_file import Column, Cursor, open_column
from ecg.recording import BLOCK_S, Lead, RecordingBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.formats.options import ReadOptions

__all__ = ["WfdbReader"]

_MOST_SAMPLES: Final = 1 << 20
_SUFFIXES: Final = (".hea", ".dat", ".mat")


class WfdbReader(Reader):
    """A WFDB record, of one segment or of several, whose signals may change from one to the next.

    A lead that a segment does not have, and a segment whose files are missing, are lost samples; `remarks` tell of the
    latter. The signals of a record may differ in rate. By default, the leads with the rate of the first lead are read.
    After the last block of a record of one segment the samples are checked against the checksums in the header.

    Memory: a header of at most 4 MiB, and blocks of at most a million samples of all signals.

    Attributes:
        header: the record's header.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a record.

        Args:
            path: the record with or without `.hea` (`.dat` or `.mat` will do too).
            channels: signals by name or number; None selects every lead.
            options: what a person told.

        Raises:
            InputError: the header or a signal file is missing, damaged or unsupported; a signal does not exist or is
                not a voltage; signals have different rates.
        """
        path = path.with_name(_stem(path.name) + ".hea")
        self.header: Header = read_header(path)
        self._options = options
        self.remarks = [f"its date is not understood ({self.header.odd_date})"] if self.header.odd_date else []
        self._segments = self._read_segments() if self.header.segments else [(0, self.header)]
        signals = self._told_signals()
        self._by_name = bool(self.header.segments) and self.header.segments[0][1] == 0
        self.channels = tuple(
            Channel(
                signal.name,
                signal.unit,
                self.header.rate_hz * signal.per_frame,
                is_lead=worth_mv(signal.name, signal.unit, options) is not None,
            )
            for signal in signals
        )
        self._numbers = choose(self.channels, channels, path)
        self._signals = [signals[number] for number in self._numbers]
        self._per_frame = self._signals[0].per_frame
        for number in self._numbers:
            if signals[number].per_frame != self._per_frame:
                first, other = self.channels[self._numbers[0]], self.channels[number]
                raise InputError(
                    f"{path}: {first.name} has {first.rate_hz} Hz and {other.name} {other.rate_hz} Hz; read signals of "
                    "different rates apart"
                )
        self.name = self.header.name
        self.rate_hz = options.rate_hz or self.header.rate_hz * self._per_frame
        self.rate_from = "--rate" if options.rate_hz else ""
        self.start_utc = self.header.start_utc
        frames = self.header.length
        if self.header.segments:
            self.leads = tuple(Lead(signal.name, None, options.unit or signal.unit) for signal in self._signals)
            frames = sum(length for _, length in self.header.segments)
            self.format = f"WFDB ({len(self.header.segments)} segments)"
        else:
            columns = [open_column(self.header, number, options) for number in self._numbers]
            self.leads = tuple(Lead(each.signal.name, each.scale, options.unit or each.signal.unit) for each in columns)
            formats = ", ".join(str(each) for each in sorted({signal.format for signal in self._signals}))
            self.format = f"WFDB (format {formats})"
            frames = max(each.file.present for each in columns) if frames is None else frames
        self._frames = frames or 0
        self.length: int = self._frames * self._per_frame

    def _read_segments(self) -> list[tuple[int, Header | None]]:
        """The first frame and the header of each segment; None for a gap and for a header that is missing."""
        segments: list[tuple[int, Header | None]] = []
        first = 0
        for name, length in self.header.segments:
            path = self.header.path.with_name(f"{name}.hea")
            header = None
            if name != "~":
                if is_file(path):
                    header = read_header(path)
                    if header.segments:
                        raise InputError(f"{path}: a segment that has segments itself; copy the record again")
                    header = replace(header, length=length)
                else:
                    self.remarks.append(f"segment {name} is missing, and its samples are lost")
            segments.append((first, header))
            first += length
        return segments

    def _told_signals(self) -> tuple[Signal, ...]:
        """The signals of the record: those of its first segment."""
        header = next((header for _, header in self._segments if header is not None), None)
        if header is None:
            raise InputError(f"{self.header.path}: none of its segments is there; copy them beside the header")
        return header.signals

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of 10 s. A missing sample is NaN.

        Raises:
            InputError: after the last block: a file ends early, or a checksum does not match.
        """
        if not self.header.segments:
            columns = [open_column(self.header, number, self._options) for number in self._numbers]
            yield from self._segment(0, columns, self._frames, check=True)
            return
        for (first, header), (name, length) in zip(self._segments, self.header.segments, strict=True):
            if header is None or not length:
                continue
            try:
                found = [self._column(header, number) for number in self._numbers]
            except InputError as error:
                remark = f"segment {name} cannot be read, and its samples are lost ({error})"
                if remark not in self.remarks:
                    self.remarks.append(remark)
                continue
            yield from self._segment(first, found, length, check=False)

    def _column(self, header: Header, number: int) -> Column | None:
        """A lead in a segment; None if the segment does not have it.

        Raises:
            InputError: its file is missing or damaged, or it has another rate there.
        """
        place: int | None = number if number < len(header.signals) else None
        if self._by_name:
            name = self._told_signals()[number].name
            place = next((place for place, signal in enumerate(header.signals) if signal.name == name), None)
        if place is None:
            return None
        if header.signals[place].per_frame != self._per_frame or header.rate_hz != self.header.rate_hz:
            raise InputError(f"{header.path}: signal {place} has another rate than in the record")
        return open_column(header, place, self._options)

    def _segment(
        self, first_frame: int, columns: Sequence[Column | None], length: int, *, check: bool
    ) -> Iterator[RecordingBlock]:
        """Read a segment of so many frames."""
        present = [column for column in columns if column is not None]
        if not present:
            return
        width = max(column.file.width for column in present)
        frames = max(1, min(round(BLOCK_S * self.header.rate_hz), _MOST_SAMPLES // width))
        available = min(max(column.file.present for column in present), length)
        sums = {id(column): [0, 0] for column in present}
        with ExitStack() as stack:
            cursors = {column.file: Cursor(column.file, stack) for column in present}
            for first in range(0, available, frames):
                count = min(frames, available - first)
                read = {file: cursor.read(count) for file, cursor in cursors.items()}
                # A skewed signal ends early: the record goes on, and its last samples are lost.
                longest = count if any(file.skew for file in read) else max(map(len, read.values()))
                samples_mv = np.full((len(columns), longest * self._per_frame), np.nan)
                for row, column in enumerate(columns):
                    if column is None:
                        continue
                    adc = column.numbers(read[column.file])
                    sums[id(column)][0] += len(adc)
                    sums[id(column)][1] += int(adc.sum(dtype=np.int64))
                    column.to_mv(adc, samples_mv[row, : len(adc)])
                yield RecordingBlock((first_frame + first) * self._per_frame, samples_mv)
        for column in present:
            self._check(column, *sums[id(column)], length=length, strict=check)

    def _check(self, column: Column, samples: int, checksum: int, *, length: int, strict: bool) -> None:
        """Compare a lead with what the header says of it."""
        signal, wanted = column.signal, (length - column.file.skew) * self._per_frame
        complaint = ""
        if samples < wanted:
            complaint = (
                f"{signal.file}: ends after {samples} of {length * self._per_frame} samples "
                f"({float(samples / self.rate_hz):.1f} s); copy the record again"
            )
        elif signal.checksum is not None and not signal.skew and checksum % 65536 != signal.checksum:
            complaint = (
                f"{signal.file}: damaged: the checksum of signal {signal.name or column.place} is "
                f"{checksum % 65536}, the header says {signal.checksum}; copy the record again"
            )
        if complaint and strict:
            raise InputError(complaint)
        if complaint and complaint not in self.remarks:
            self.remarks.append(complaint)


def _stem(name: str) -> str:
    """The name of a record without the suffix of one of its files."""
    for suffix in _SUFFIXES:
        if name.casefold().endswith(suffix):
            return name[: -len(suffix)]
    return name
