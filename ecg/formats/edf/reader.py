"""EDF and EDF+ files as a source, read with edfio (the extra `ecg-edge[edf]`), a few seconds at a time."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg.errors import InputError
from ecg.formats.channels import choose_channel, mv_per_unit
from ecg.samples import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["EdfFile"]

BLOCK_S = 10


def _read(path: Path) -> tuple[Any, str]:
    """The file as edfio sees it, and its complaint about missing data, empty without."""
    try:
        import edfio  # noqa: PLC0415 (an extra that only this reader needs)
    except ImportError:
        raise InputError(f"{path}: EDF+ needs the package edfio; pip install 'ecg-edge[edf]'") from None
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing data records are reported by us, after the last that is there
        try:
            file = edfio.read_edf(path, lazy_load_data=True)
            promised = _promised_records(path)
            continuous = file.is_continuous
        except Exception as error:  # noqa: BLE001 (edfio raises whatever the damage happens to break)
            raise InputError(
                f"{path}: not a readable EDF+ file ({' '.join(str(error).split())}); copy it again"
            ) from None
    if not continuous:
        raise InputError(
            f"{path}: an interrupted recording (EDF+D), which is not read here; split it where it was interrupted"
        )
    missing = promised - file.num_data_records
    complaint = f"{path}: ends {missing} data records early; copy it again" if missing > 0 else ""
    return file, complaint


def _promised_records(path: Path) -> int:
    """What the header itself says (edfio puts what it found in its place); -1 where the recorder did not know."""
    with path.open("rb") as file:
        file.seek(236)
        return int(file.read(8))


class EdfFile:
    """One signal of a continuous EDF or EDF+ file."""

    def __init__(self, path: Path, channel: str = "0") -> None:
        """Open a file.

        Args:
            path: the `.edf` file.
            channel: signal by label or number; a label's leading type (`ECG II`) may be left out.

        Raises:
            InputError: edfio is not installed; the file is missing, damaged or interrupted; no such channel.
        """
        file, self._complaint = _read(path)
        signals = file.signals
        labels = [str(signal.label) for signal in signals]
        short = [label.removeprefix("ECG ").removeprefix("EKG ") for label in labels]
        wanted = channel if channel in labels or channel not in short else labels[short.index(channel)]
        self._signal = signals[choose_channel(labels, wanted, str(path))]
        scale = mv_per_unit(self._signal.physical_dimension)
        if scale is None:
            raise InputError(
                f"{path}: signal {self._signal.label} is in {self._signal.physical_dimension or 'no unit'}, "
                "not a voltage; choose an ECG with --channel"
            )
        self._mv_per_unit = scale
        self._path = path
        self.name: str = f"{path.stem} {self._signal.label}"
        duration = Fraction(str(file.data_record_duration))
        self.rate_hz: Fraction = Fraction(self._signal.samples_per_data_record) / duration
        self.length: int = file.num_data_records * self._signal.samples_per_data_record
        self.start_utc: datetime | None = _start_utc(file)

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in blocks of 10 s.

        Raises:
            InputError: after the last sample that is there, where the header promises more.
        """
        samples = max(1, round(BLOCK_S * self.rate_hz))
        for first in range(0, self.length, samples):
            end = min(first + samples, self.length)
            part = self._signal.get_data_slice(float(first / self.rate_hz), float(end / self.rate_hz))
            yield SampleBlock(first, np.asarray(part, dtype=np.float64) * self._mv_per_unit)
        if self._complaint:
            raise InputError(self._complaint)


def _start_utc(file: Any) -> datetime | None:
    """Start of the recording, taken as UTC as the format knows no zone; None where the date was made anonymous."""
    from datetime import UTC, datetime  # noqa: PLC0415 (beside their only use)

    try:
        return datetime.combine(file.startdate, file.starttime, tzinfo=UTC)
    except ValueError:
        return None
