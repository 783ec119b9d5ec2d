"""What every reader of a file shares: it tells the file's signals, and reads those of them that were chosen."""

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
        name: as the file has it; empty where it has none.
        unit: as the file has it.
        rate_hz: sampling rate.
        is_lead: whether it is a voltage and can be read; else it is told here and left out.
    """

    name: str
    unit: str
    rate_hz: Fraction
    is_lead: bool


class Reader(ABC):
    """A file that is open for reading, a `RecordingStream`.

    A reader is made with a path and the signals that are wanted, each by name or number; with None it reads every
    lead. What is wrong with other signals is no error. `tests/ecg/formats/test_readers.py` holds what each must keep.

    Attributes:
        channels: all signals of the file.
        leads: those that were chosen, in the order of the choice.
        name: the file's own, without its suffix.
        rate_hz: sampling rate of the leads.
        start_utc: time of sample 0; None where the file does not tell it.
        length: samples of each lead; None where that is not known before all is read.
        device: empty; no format here names the device.
        true_rate_hz: None; no format here has a measured rate.
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
            channels: signals by name or number; None: every lead.

        Raises:
            InputError: it is missing, damaged or of a kind that is not read here; no such signal, or no voltage.
        """

    @abstractmethod
    def blocks(self) -> Iterator[RecordingBlock]:
        """The samples of the leads in blocks of at most 10 s.

        Raises:
            InputError: after the last block that could be read, where the file is damaged.
        """

    def read(self) -> Recording:
        """Read all of it into memory.

        Raises:
            InputError: the file is damaged.
        """
        return read_whole(self)


def every_lead(names: Sequence[str], are_leads: Sequence[bool], path: Path) -> list[int]:
    """Numbers of the signals that are leads.

    Raises:
        InputError: none is.
    """
    leads = [number for number, is_lead in enumerate(are_leads) if is_lead]
    if not leads:
        told = ", ".join(name or "unnamed" for name in names) or "none"
        raise InputError(f"{path}: no signal is a voltage that is read here ({told}); give a recording of an ECG")
    return leads


def no_voltage(path: Path, name: str, unit: str) -> InputError:
    """The error of a signal that was chosen and is none."""
    return InputError(f"{path}: signal {name} is in {unit or 'no unit'}, not a voltage; choose an ECG with --channel")
