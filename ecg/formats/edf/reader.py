"""Reads EDF, EDF+ and BDF files a few seconds at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.edf.header import EdfHeader, EdfSignal, read_header
from ecg.formats.packed import open_packed, reading
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose, no_voltage, worth_mv
from ecg.recording import BLOCK_S, Lead, RecordingBlock
from ecg.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.formats.options import ReadOptions

__all__ = ["EdfReader"]

_MOST_BYTES: Final = 4 << 20
_MOST_SAMPLES: Final = 1 << 17
_MOST_RECORDS: Final = 1 << 22
"""Data records of an interrupted file, whose starts are kept: a month in records of a second is 2.7 million."""

_LONGEST_GAP_S: Final = 366 * 86400
_ONSET = re.compile(rb"\s*([-+]\d{1,12}(?:\.\d{0,12})?)")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A signal that is read.

    Attributes:
        signal: what the header says.
        step_mv: worth of a step.
        zero_mv: value of the number 0.
        unit: as written or told.
    """

    signal: EdfSignal
    step_mv: float
    zero_mv: float
    unit: str


class EdfReader(Reader):
    """An EDF, EDF+ or BDF file. Where an EDF+ file was interrupted, its samples have gaps.

    The signals of a file may differ in rate. By default, the leads with the rate of the first lead are read.

    Memory: 4 MiB of the file at a time, and a block.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a file.

        Args:
            path: the `.edf` or `.bdf` file.
            channels: signals by label, with or without the type (`ECG II` or `II`), or by number. None selects every
                lead.
            options: what a person told.

        Raises:
            InputError: the file is missing or damaged; a signal does not exist or is not a voltage; signals have
                different rates.
        """
        self._path = path
        self._header: EdfHeader = read_header(path)
        signals = [signal for signal in self._header.signals if not signal.is_annotations]
        self.channels = tuple(
            Channel(
                signal.name,
                signal.unit,
                signal.rate_hz,
                is_lead=_worth(signal, options) is not None and signal.rate_hz > 0,
            )
            for signal in signals
        )
        chosen = [signals[number] for number in choose(self.channels, channels, path)]
        for signal in chosen:
            if signal.rate_hz != chosen[0].rate_hz:
                raise InputError(
                    f"{path}: {chosen[0].name} has {chosen[0].rate_hz} Hz and {signal.name} {signal.rate_hz} Hz; read "
                    "signals of different rates apart"
                )
        self._chosen = [_chosen(signal, options, path) for signal in chosen]
        self.rate_hz: Fraction = options.rate_hz or chosen[0].rate_hz
        self.rate_from = "--rate" if options.rate_hz else ""
        self.leads = tuple(Lead(each.signal.name, _stored(each, self._header), each.unit) for each in self._chosen)
        self.name = path.stem
        self.start_utc = self._header.start_utc
        self.format = self._header.kind
        self.remarks = []
        promised, present = self._header.promised, self._header.present
        self._records = min(promised, present) if promised >= 0 else present
        if not self._records:
            raise InputError(f"{path}: not a readable EDF+ file (it holds no data); copy it again")
        if 0 <= promised < present:
            self.remarks.append(
                f"its header counts {promised} data records, and {present} are there; the rest is not read"
            )
        if self._header.is_interrupted and self._records > _MOST_RECORDS:
            raise InputError(f"{path}: an interrupted recording of {self._records} data records; split it")
        self._starts = self._interrupted() if self._header.is_interrupted else None
        self.length: int = self._records * chosen[0].samples
        if self._starts is not None:
            self.length = self._starts[-1] + chosen[0].samples

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of at most 10 s.

        Raises:
            InputError: after the last block, if the header promises more samples.
        """
        a_record = self._chosen[0].signal.samples
        most = max(1, min(round(BLOCK_S * self.rate_hz), _MOST_SAMPLES))
        with reading(self._path), open_packed(self._path) as file:
            if a_record > most or self._header.record_bytes > _MOST_BYTES:
                for record in range(self._records):
                    for first in range(0, a_record, most):
                        part = self._part(file, record, first, min(most, a_record - first))
                        yield RecordingBlock(self._first(record) + first, part)
            else:
                together = max(1, min(most // a_record, _MOST_BYTES // self._header.record_bytes))
                for first, end in self._runs(together):
                    yield RecordingBlock(self._first(first), self._whole(file, first, end - first))
        missing = self._header.promised - self._header.present
        if missing > 0:
            raise InputError(f"{self._path}: ends {missing} data records early; copy it again")

    def _first(self, record: int) -> int:
        """Index of the first sample of a data record."""
        return record * self._chosen[0].signal.samples if self._starts is None else self._starts[record]

    def _runs(self, together: int) -> Iterator[tuple[int, int]]:
        """Stretches of at most so many data records without a gap between them."""
        first = 0
        a_record = self._chosen[0].signal.samples
        for record in range(1, self._records + 1):
            if (
                record == self._records
                or record - first == together
                or self._first(record) != self._first(record - 1) + a_record
            ):
                yield first, record
                first = record

    def _whole(self, file: IO[bytes], first: int, count: int) -> NDArray[np.float64]:
        """Samples of whole data records, shape (leads, n), mV."""
        header = self._header
        file.seek(header.data_start + first * header.record_bytes)
        raw = file.read(count * header.record_bytes)
        if len(raw) < count * header.record_bytes:
            raise EOFError("it ended while it was read")
        table = np.frombuffer(raw, dtype=np.uint8).reshape(count, header.record_bytes)
        return self._to_mv(
            [
                table[:, each.signal.offset : each.signal.offset + each.signal.samples * header.bytes_a_sample].reshape(
                    -1
                )
                for each in self._chosen
            ]
        )

    def _part(self, file: IO[bytes], record: int, first: int, count: int) -> NDArray[np.float64]:
        """Samples of a part of a data record, shape (leads, n), mV."""
        header = self._header
        rows = []
        for each in self._chosen:
            offset = each.signal.offset + first * header.bytes_a_sample
            file.seek(header.data_start + record * header.record_bytes + offset)
            raw = file.read(count * header.bytes_a_sample)
            if len(raw) < count * header.bytes_a_sample:
                raise EOFError("it ended while it was read")
            rows.append(np.frombuffer(raw, dtype=np.uint8))
        return self._to_mv(rows)

    def _to_mv(self, rows: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        samples_mv = np.empty((len(rows), len(rows[0]) // self._header.bytes_a_sample))
        for number, (raw, each) in enumerate(zip(rows, self._chosen, strict=True)):
            np.multiply(_numbers(raw, self._header.bytes_a_sample), each.step_mv, out=samples_mv[number])
            samples_mv[number] += each.zero_mv
        return samples_mv

    def _interrupted(self) -> list[int]:
        """Index of the first sample of each data record, by the onset that EDF+ writes into each.

        An onset that is missing, or that lies before the end of the record before, is taken for no gap.
        """
        header = self._header
        place = next((signal for signal in header.signals if signal.is_annotations), None)
        starts: list[int] = []
        origin: Fraction | None = None
        odd = 0
        with reading(self._path), open_packed(self._path) as file:
            for record in range(self._records):
                raw = b""
                if place is not None:
                    file.seek(header.data_start + record * header.record_bytes + place.offset)
                    raw = file.read(min(64, place.samples * header.bytes_a_sample))
                match = _ONSET.match(raw)
                following = starts[-1] + self._chosen[0].signal.samples if starts else 0
                onset_s = Fraction(match[1].decode()) if match else None
                if origin is None and onset_s is not None:
                    origin = onset_s - following / self.rate_hz
                start = following if onset_s is None or origin is None else round((onset_s - origin) * self.rate_hz)
                if start < following or start - following > _LONGEST_GAP_S * self.rate_hz:
                    odd += start != following
                    origin = None
                    start = following
                starts.append(start)
        if odd:
            self.remarks.append(f"{odd} data records begin before the one before has ended; read on without a gap")
        return starts


def _worth(signal: EdfSignal, options: ReadOptions) -> float | None:
    """What one physical unit of a signal is in mV; what one step is where the limits do not tell."""
    if signal.scale is None and not options.unit:
        return None
    return worth_mv(signal.name, signal.unit, options)


def _chosen(signal: EdfSignal, options: ReadOptions, path: Path) -> _Chosen:
    """A signal with its scale in mV.

    Raises:
        InputError: it is no voltage; or its limits do not tell what its numbers are worth, or its rate is none.
    """
    name = signal.name or "unnamed"
    if signal.rate_hz <= 0:
        raise InputError(f"{path}: signal {name} has no sampling rate; choose another with --channel")
    worth = worth_mv(signal.name, signal.unit, options)
    if worth is None:
        raise no_voltage(path, name, signal.unit)
    if signal.scale is not None:
        step, zero = signal.scale
        return _Chosen(signal, step * worth, zero * worth, options.unit or signal.unit)
    if not options.unit:
        low, high, lowest, highest = (limit or "nothing" for limit in signal.limits)
        raise InputError(
            f"{path}: signal {name} has limits that do not tell its scale ({low} to {high} for {lowest} to {highest}); "
            "give the worth of a step with --unit, such as 0.005mV or 200/mV"
        )
    return _Chosen(signal, worth, 0.0, options.unit)


def _stored(chosen: _Chosen, header: EdfHeader) -> Scale | None:
    """The scale with which a writer can store the same numbers again."""
    if not np.isfinite(1 / chosen.step_mv):
        return None
    return Scale(-chosen.zero_mv / chosen.step_mv, 1 / chosen.step_mv, 8 * header.bytes_a_sample)


def _numbers(raw: NDArray[np.uint8], bytes_a_sample: int) -> NDArray[np.int32]:
    if bytes_a_sample == 2:
        return np.ascontiguousarray(raw).view("<i2").astype(np.int32)
    triple = raw.reshape(-1, 3).astype(np.int32)
    numbers: NDArray[np.int32] = triple[:, 0] | triple[:, 1] << 8 | (triple[:, 2] << 24) >> 8
    return numbers
