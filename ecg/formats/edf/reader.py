"""Reads EDF and EDF+ files a few seconds at a time, with edfio (the extra `ecg-edge[edf]`)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg.errors import InputError
from ecg.formats.reader import Channel, Reader, every_lead, no_voltage
from ecg.formats.units import mv_per_unit
from ecg.recording import BLOCK_S, Lead, RecordingBlock, choose_name
from ecg.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["EdfReader"]


class EdfReader(Reader):
    """A continuous EDF or EDF+ file.

    The signals of a file may differ in rate. By default, the leads with the rate of the first lead are read.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None) -> None:
        """Open a file.

        Args:
            path: the `.edf` file.
            channels: signals by label, with or without the type (`ECG II` or `II`), or by number. None selects every
                lead.

        Raises:
            InputError: edfio is not installed; the file is missing, damaged or interrupted; a signal does not exist or
                is not a voltage; signals have different rates.
        """
        file = _open(path)
        self.channels = tuple(signal.channel for signal in file.signals)
        labels = [channel.name for channel in self.channels]
        if channels is None:
            numbers = every_lead(labels, [channel.is_lead for channel in self.channels], path)
            numbers = [each for each in numbers if self.channels[each].rate_hz == self.channels[numbers[0]].rate_hz]
        else:
            numbers = [choose_name(labels, _label(labels, each), str(path)) for each in channels]
        chosen = [file.signals[number] for number in numbers]
        self._mv_per_unit = [_mv_per_unit(signal.channel, path) for signal in chosen]
        self.rate_hz = chosen[0].channel.rate_hz
        for signal in chosen:
            if signal.channel.rate_hz != self.rate_hz:
                raise InputError(
                    f"{path}: {chosen[0].channel.name} has {self.rate_hz} Hz and {signal.channel.name} "
                    f"{signal.channel.rate_hz} Hz; read signals of different rates apart"
                )
        self.leads = tuple(
            Lead(signal.channel.name, _scale(signal.edf, factor, path), signal.channel.unit)
            for signal, factor in zip(chosen, self._mv_per_unit, strict=True)
        )
        self.name = path.stem
        self.length: int = file.records * chosen[0].samples_a_record
        self.start_utc = file.start_utc
        self._path = path
        self._signals = chosen
        self._complaint = file.complaint

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of 10 s.

        Raises:
            InputError: after the last block, if the header promises more samples.
        """
        samples = max(1, round(BLOCK_S * self.rate_hz))
        for first in range(0, self.length, samples):
            end = min(first + samples, self.length)
            samples_mv = np.empty((len(self._signals), end - first))
            for signal, factor, row_mv in zip(self._signals, self._mv_per_unit, samples_mv, strict=True):
                try:
                    part = signal.edf.get_data_slice(float(first / self.rate_hz), float(end / self.rate_hz))
                    np.multiply(part, factor, out=row_mv)
                except Exception as error:  # noqa: BLE001 (edfio raises whatever the damage happens to break)
                    raise _unreadable(self._path, error) from None
            yield RecordingBlock(first, samples_mv)
        if self._complaint:
            raise InputError(self._complaint)


def _label(labels: Sequence[str], channel: str) -> str:
    """Complete the label of a channel that was given without the type."""
    short = [label.removeprefix("ECG ").removeprefix("EKG ") for label in labels]
    return channel if channel in labels or channel not in short else labels[short.index(channel)]


@dataclass(frozen=True, slots=True)
class _Signal:
    """A signal of edfio and what its header says."""

    edf: Any
    channel: Channel
    samples_a_record: int


@dataclass(frozen=True, slots=True)
class _File:
    """The header of a file. `complaint` is about missing data, and empty if there is none."""

    signals: list[_Signal]
    records: int
    start_utc: datetime | None
    is_continuous: bool
    complaint: str


def _open(path: Path) -> _File:
    try:
        import edfio  # noqa: PLC0415 (an extra that only this reader needs)
    except ImportError:
        raise InputError(f"{path}: EDF+ needs the package edfio; pip install 'ecg-edge[edf]'") from None
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing data records are reported by us, after the last that is there
        try:
            file = _read_header(path, edfio.read_edf(path, lazy_load_data=True))
        except Exception as error:  # noqa: BLE001 (edfio raises whatever the damage happens to break)
            raise _unreadable(path, error) from None
    if not file.is_continuous:
        raise InputError(
            f"{path}: an interrupted recording (EDF+D), which is not read here; split it where it was interrupted"
        )
    return file


def _read_header(path: Path, file: Any) -> _File:
    missing = _promised_records(path) - file.num_data_records
    duration_s = Fraction(str(file.data_record_duration))
    return _File(
        signals=[_read_signal(signal, duration_s) for signal in file.signals],
        records=file.num_data_records,
        start_utc=_start_utc(file),
        is_continuous=file.is_continuous,
        complaint=f"{path}: ends {missing} data records early; copy it again" if missing > 0 else "",
    )


def _read_signal(signal: Any, duration_s: Fraction) -> _Signal:
    unit = str(signal.physical_dimension)
    rate_hz = signal.samples_per_data_record / duration_s
    channel = Channel(str(signal.label), unit, rate_hz, is_lead=mv_per_unit(unit) is not None)
    return _Signal(signal, channel, signal.samples_per_data_record)


def _mv_per_unit(channel: Channel, path: Path) -> float:
    factor = mv_per_unit(channel.unit)
    if factor is None:
        raise no_voltage(path, channel.name, channel.unit)
    return factor


def _scale(signal: Any, factor: float, path: Path) -> Scale:
    """The scale of a signal. EDF gives the value of two numbers, the ends of the range."""
    try:
        lowest, highest = signal.digital_range
        low_mv, high_mv = (factor * end for end in signal.physical_range)
        gain_per_mv = (highest - lowest) / (high_mv - low_mv)
    except (ValueError, ZeroDivisionError) as error:
        raise _unreadable(path, error) from None
    return Scale(baseline=lowest - low_mv * gain_per_mv, gain_per_mv=gain_per_mv)


def _promised_records(path: Path) -> int:
    """What the header itself says (edfio puts what it found in its place); -1 where the recorder did not know."""
    with path.open("rb") as file:
        file.seek(236)
        return int(file.read(8))


def _start_utc(file: Any) -> datetime | None:
    """Start of the recording, taken as UTC as the format knows no zone; None where the date was made anonymous."""
    try:
        return datetime.combine(file.startdate, file.starttime, tzinfo=UTC)
    except ValueError:
        return None


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: not a readable EDF+ file ({' '.join(str(error).split())}); copy it again")
