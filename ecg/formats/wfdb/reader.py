"""WFDB records as a source: one signal, decoded from disk a few seconds at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.errors import InputError
from ecg.formats.channels import choose_channel
from ecg.formats.wfdb.header import Header, Signal, read_header
from ecg.formats.wfdb.storage import FORMATS
from ecg.samples import FloatArray, SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["WfdbRecord"]

BLOCK_S = 10
"""Long enough that numpy's cost per call does not count, short enough to need little memory."""


class WfdbRecord:
    """One signal of a WFDB record.

    The samples are checked against the header's checksum once all of them have been read.

    Attributes:
        header: the record's header.
        signal: the signal that was chosen.
    """

    def __init__(self, path: Path, channel: str = "0") -> None:
        """Open a record.

        Args:
            path: the record with or without `.hea` (`.dat` will do too).
            channel: signal by name or number.

        Raises:
            InputError: header or signal file missing, damaged or of a kind that is not read here; no such channel.
        """
        path = path.with_name(path.name.removesuffix(".dat").removesuffix(".hea") + ".hea")
        self.header: Header = read_header(path)
        number = choose_channel([signal.name for signal in self.header.signals], channel, str(path))
        self.signal: Signal = self.header.signals[number]
        # Signals that share a file are interleaved in the order of the header.
        group = [n for n, signal in enumerate(self.header.signals) if signal.file == self.signal.file]
        self._width, self._column = len(group), group.index(number)
        if self.signal.format not in FORMATS:
            readable = ", ".join(str(known) for known in sorted(FORMATS))
            raise InputError(
                f"{path}: storage format {self.signal.format} is not read here (only {readable}); "
                "convert the record with WFDB's xform"
            )
        self._format = FORMATS[self.signal.format]
        if self.signal.gain_per_mv is None:
            raise InputError(
                f"{path}: signal {self.signal.name or number} is in {self.signal.unit}, not a voltage; "
                "choose an ECG with --channel"
            )
        try:
            size = self.signal.file.stat().st_size - self.signal.offset
        except OSError as error:
            raise InputError(
                f"{self.signal.file}: the signal file of {path.name} cannot be read ({error.strerror}); "
                "copy it beside the header"
            ) from None
        self._present = max(0, self._format.samples(size) // self._width)
        self._length = self._present if self.header.length is None else self.header.length
        if self._present == 0:
            raise InputError(f"{self.signal.file}: holds no samples; copy the record again")

    @property
    def name(self) -> str:
        """Record and signal."""
        return f"{self.header.name} {self.signal.name}".strip()

    @property
    def rate_hz(self) -> Fraction:
        """Sampling rate."""
        return self.header.rate_hz

    @property
    def start_utc(self) -> datetime | None:
        """Time of sample 0, where the header tells it."""
        return self.header.start_utc

    @property
    def length(self) -> int:
        """Samples that the header promises."""
        return self._length

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in blocks of 10 s; a missing sample is NaN.

        Raises:
            InputError: after the last sample that is there: the file ends early, or the checksum does not match.
        """
        # An even number of frames keeps each block of format 212 on a whole byte.
        frames = max(2, round(BLOCK_S * self.rate_hz / 2) * 2)
        available = min(self._present, self._length)
        read = checksum = 0
        try:
            with self.signal.file.open("rb") as file:
                for first in range(0, available, frames):
                    count = min(frames, available - first)
                    file.seek(self.signal.offset + self._format.size(first * self._width))
                    raw = np.fromfile(file, dtype=np.uint8, count=self._format.size(count * self._width))
                    adc = self._format.decode(raw)[: count * self._width].reshape(-1, self._width)[:, self._column]
                    read += len(adc)
                    checksum += int(adc.sum(dtype=np.int64))
                    yield SampleBlock(first, self._to_mv(adc))
        except (OSError, ValueError) as error:
            raise InputError(f"{self.signal.file}: reading failed ({error}); copy the record again") from None
        if read < self._length:
            raise InputError(
                f"{self.signal.file}: ends after {read} of {self._length} samples "
                f"({float(read / self.rate_hz):.1f} s); copy the record again"
            )
        if self.signal.checksum is not None and checksum % 65536 != self.signal.checksum:
            raise InputError(
                f"{self.signal.file}: damaged: the checksum of signal {self.signal.name or self._column} is "
                f"{checksum % 65536}, the header says {self.signal.checksum}; copy the record again"
            )

    def _to_mv(self, adc: NDArray[np.int32]) -> FloatArray:
        assert self.signal.gain_per_mv is not None
        samples_mv: FloatArray = adc.astype(np.float64)
        samples_mv -= self.signal.baseline
        samples_mv /= self.signal.gain_per_mv
        missing = adc == self._format.missing
        if missing.any():
            samples_mv[missing] = np.nan
        return samples_mv
