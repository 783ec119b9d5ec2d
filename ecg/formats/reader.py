"""The base class of all readers of recordings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.leads import is_ecg, is_other, short_name
from ecg.formats.options import ReadOptions
from ecg.formats.units import UNKNOWN_UNITS, mv_per_unit
from ecg.recording import Lead, Recording, RecordingBlock, choose_name, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

__all__ = ["FIRST_ECG", "NO_OPTIONS", "Channel", "Reader", "choose", "no_voltage", "unnamed", "worth_mv"]

FIRST_ECG = ""
"""The channel that stands for the first signal that is an ECG by its name, or may be one."""

NO_OPTIONS = ReadOptions()

_NAMED_AT_MOST = 16


@dataclass(frozen=True, slots=True)
class Channel:
    """One signal of a file.

    Attributes:
        name: as written in the file; empty if it has none.
        unit: as written in the file.
        rate_hz: sampling rate.
        is_lead: True for a voltage. Other signals are listed, but never read.
    """

    name: str
    unit: str
    rate_hz: Fraction
    is_lead: bool


class Reader(ABC):
    """An open file, which is a `RecordingStream`.

    A reader reads the signals that it was opened with, or every lead. Damage to any other signal is no error.
    Every reader passes the tests in `tests/ecg/formats/test_readers.py`.

    Attributes:
        channels: all signals of the file.
        leads: the signals that are read, in the order in which they were chosen.
        name: name of the file, without its suffix.
        rate_hz: sampling rate of the leads.
        start_utc: time of sample 0; None if the file does not contain it.
        length: samples of each lead; None if it is known only after reading.
        device: empty, because these formats have no field for it.
        true_rate_hz: None, because these formats have no field for it.
        route: name of the format, as the registry has it; empty for a reader that it did not open.
        format: what the file is, for people, such as `CSV, semicolons, decimal comma`.
        remarks: what was assumed, and what was damaged but did not stop the reading; grows while blocks are read.
        rate_from: where the rate comes from if it is not the header of the file, such as `its times`.
        assumes_mv: a lead has no unit, and was taken for mV because it swings as an ECG in mV does.
    """

    channels: tuple[Channel, ...]
    leads: tuple[Lead, ...]
    name: str
    rate_hz: Fraction
    start_utc: datetime | None
    length: int | None
    device: str = ""
    true_rate_hz: float | None = None
    route: str = ""
    format: str
    remarks: list[str]
    rate_from: str = ""
    assumes_mv: bool = False

    @abstractmethod
    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a file.

        Args:
            path: the file, which may be packed, see `ecg.formats.packed`.
            channels: signals by name or number, or `FIRST_ECG`; None selects every lead.
            options: what a person told about the file.

        Raises:
            InputError: the file is missing, damaged or unsupported; a signal does not exist or is not a voltage; rate,
                unit or time column can be told in several ways.
        """

    @abstractmethod
    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of at most 10 s.

        Raises:
            InputError: the file is damaged; raised after the last block that could be read.
        """

    @property
    def understood(self) -> str:
        """What was understood of the file, as one line: format, leads, rate, unit; the length once it is known."""
        names = ", ".join(lead.name or "unnamed" for lead in self.leads)
        units = ", ".join(dict.fromkeys(lead.unit or "no unit" for lead in self.leads))
        others = len(self.channels) - len(self.leads)
        among = f" (1 of {len(self.channels)} signals)" if len(self.leads) == 1 and others else ""
        rate = f"{float(self.rate_hz):.6g} Hz{f' by {self.rate_from}' if self.rate_from else ''}"
        length = "" if self.length is None else f", {float(self.length / self.rate_hz):.1f} s"
        return f"{self.name}: {self.format}, {names}{among} in {units}, {rate}{length}"

    def read(self) -> Recording:
        """Read the whole file into memory.

        Raises:
            InputError: the file is damaged.
        """
        return read_whole(self)


def choose(channels: Sequence[Channel], wanted: Sequence[str] | None, path: Path) -> list[int]:
    """Numbers of the signals to read.

    Args:
        channels: all signals of the file.
        wanted: names, numbers or `FIRST_ECG`; None for every lead. A name also fits without the words around it: `II`
            finds `ECG II`.
        path: for messages.

    Raises:
        InputError: there is no such signal, or no lead at all.
    """
    if wanted is None:
        leads = _leads(channels, path)
        return [number for number in leads if channels[number].rate_hz == channels[leads[0]].rate_hz]
    return [_first_ecg(channels, path) if each == FIRST_ECG else _number(channels, each, path) for each in wanted]


def _leads(channels: Sequence[Channel], path: Path) -> list[int]:
    """Numbers of the leads. What is no ECG by its name, such as an EEG, is none where another signal may be one."""
    leads = [number for number, channel in enumerate(channels) if channel.is_lead]
    if not leads:
        raise InputError(
            f"{path}: no signal is a voltage that is read here ({_listed(channels)}); {_way_out(channels)}"
        )
    return [number for number in leads if not is_other(channels[number].name)] or leads


def _first_ecg(channels: Sequence[Channel], path: Path) -> int:
    leads = _leads(channels, path)
    if len(leads) > 1 and all(is_other(channels[number].name) for number in leads):
        raise InputError(f"{path}: no signal is an ECG by its name; choose one with --channel: {_listed(channels)}")
    return next((number for number in leads if is_ecg(channels[number].name)), leads[0])


def unnamed(reader: Reader) -> str:
    """What to say where the first of several signals was taken, and none is an ECG by its name; else empty."""
    candidates = [channel for channel in reader.channels if channel.is_lead and not is_other(channel.name)]
    if len(candidates) < 2 or any(is_ecg(channel.name) for channel in candidates):
        return ""
    taken = reader.leads[0].name or f"signal {reader.channels.index(candidates[0])}"
    return f"no signal is an ECG by its name: took {taken}; --channel takes another one ({_listed(reader.channels)})"


def _number(channels: Sequence[Channel], wanted: str, path: Path) -> int:
    names = [channel.name for channel in channels]
    lowered = [name.casefold() for name in names]
    short = [short_name(name) for name in names]
    if wanted.casefold() not in lowered and not wanted.isdecimal() and short_name(wanted) in short:
        return short.index(short_name(wanted))
    return choose_name(names, wanted, str(path))


def _way_out(channels: Sequence[Channel]) -> str:
    if any(channel.unit in {"", "text"} or is_ecg(channel.name) for channel in channels):
        return "give the unit of an ECG with --channel and --unit, or give another recording"
    return "give a recording of an ECG"


def _listed(channels: Sequence[Channel]) -> str:
    """The signals, for a message."""
    listed = [
        f"{number} = {channel.name or 'unnamed'}{f' in {channel.unit}' if channel.unit else ''}"
        for number, channel in enumerate(channels[:_NAMED_AT_MOST])
    ]
    more = len(channels) - _NAMED_AT_MOST
    return ", ".join(listed + ([f"and {more} more"] if more > 0 else [])) or "none"


def no_voltage(path: Path, name: str, unit: str) -> InputError:
    """The error for a chosen signal that is not a voltage."""
    return InputError(
        f"{path}: signal {name} is in {unit or 'no unit'}, not a voltage; choose an ECG with --channel, or give its "
        "unit with --unit"
    )


def worth_mv(name: str, unit: str, options: ReadOptions) -> float | None:
    """What one unit of a signal is in mV; None for what is no voltage, or is not known.

    The unit that a person told holds for voltages, for what has no known unit, and for what is an ECG by its name.
    """
    known = mv_per_unit(unit)
    if options.unit and (known is not None or unit.strip().casefold() in UNKNOWN_UNITS or is_ecg(name)):
        return options.mv_per_unit
    return known
