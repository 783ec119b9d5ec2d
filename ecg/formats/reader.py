"""The base class of all readers of recordings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.recording import Lead, Recording, RecordingBlock, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

__all__ = ["Channel", "Reader", "every_lead", "no_voltage"]


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
    """

    channels: tuple[Channel, ...]
    leads: tuple[Lead, ...]
    name: str
    rate_hz: Fraction
    start_utc: datetime | None
    length: int | None
    device: str = ""
    true_rate_hz: float | None = None

    @abstractmethod
    def __init__(self, path: Path, channels: Sequence[str] | None = None) -> None:
        """Open a file.

        Args:
            path: the file.
            channels: signals by name or number; None selects every lead.

        Raises:
            InputError: the file is missing, damaged or unsupported; a signal does not exist or is not a voltage.
        """

    @abstractmethod
    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of at most 10 s.

        Raises:
            InputError: the file is damaged; raised after the last block that could be read.
        """

    def read(self) -> Recording:
        """Read the whole file into memory.

        Raises:
            InputError: the file is damaged.
        """
        return read_whole(self)


def every_lead(names: Sequence[str], are_leads: Sequence[bool], path: Path) -> list[int]:
    """Numbers of the signals that are leads.

    Raises:
        InputError: there is none.
    """
    leads = [number for number, is_lead in enumerate(are_leads) if is_lead]
    if not leads:
        present = ", ".join(name or "unnamed" for name in names) or "none"
        raise InputError(f"{path}: no signal is a voltage that is read here ({present}); give a recording of an ECG")
    return leads


def no_voltage(path: Path, name: str, unit: str) -> InputError:
    """The error for a chosen signal that is not a voltage."""
    return InputError(f"{path}: signal {name} is in {unit or 'no unit'}, not a voltage; choose an ECG with --channel")
