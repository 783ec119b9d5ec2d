"""Reads a lone MATLAB file: the signals are the rows, or the columns, of its largest matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.errors import InputError
from ecg.formats.mat.matrix import MOST_BYTES, Matrix, find_matrices
from ecg.formats.packed import open_packed, reading
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose
from ecg.recording import BLOCK_S, Lead, RecordingBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from pathlib import Path

    from ecg.formats.options import ReadOptions

__all__ = ["MatReader"]


class MatReader(Reader):
    """A MATLAB file that names neither rate nor unit, so that both are asked for.

    Memory: the file, at most 256 MiB, and its largest matrix, at most as much.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a file.

        Args:
            path: the `.mat` file.
            channels: signals by number; None selects all.
            options: the rate and the unit.

        Raises:
            InputError: the file is missing, damaged or too large; rate or unit were not told.
        """
        with reading(path), open_packed(path) as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(f"{path}: more than {MOST_BYTES >> 20} MiB; save it as a WFDB record")
        try:
            matrices = find_matrices(content)
        except ValueError as error:
            raise InputError(f"{path}: not a MATLAB file that is read here ({error})") from None
        largest = max(matrices, key=lambda each: each.values.size, default=None)
        if largest is None or largest.values.size < 2:
            raise InputError(f"{path}: no matrix of samples is in it; give a recording of an ECG")
        rate_hz, worth = options.rate_hz, options.mv_per_unit
        if rate_hz is None or worth is None:
            told = (("rate with --rate", rate_hz), ("unit with --unit, such as 1000/mV", worth))
            wanted = " and ".join(name for name, value in told if value is None)
            raise InputError(f"{path}: a MATLAB file without a header beside it (.hea); give its {wanted}")
        self._samples = _by_row(largest)
        self._mv_per_unit: float = worth
        names = [str(number) for number in range(len(self._samples))]
        self.channels = tuple(Channel(name, options.unit, rate_hz, is_lead=True) for name in names)
        self._numbers = choose(self.channels, channels, path)
        self.leads = tuple(Lead(names[number], unit=options.unit) for number in self._numbers)
        self.name = path.stem
        self.rate_hz: Fraction = rate_hz
        self.rate_from = "--rate"
        self.start_utc = None
        self.length: int = self._samples.shape[1]
        self.format = f"MATLAB (matrix {largest.name})"
        self.remarks = []

    def blocks(self) -> Iterator[RecordingBlock]:
        """The leads in blocks of at most 10 s."""
        samples = max(1, round(BLOCK_S * self.rate_hz))
        for first in range(0, self.length, samples):
            part = self._samples[self._numbers, first : first + samples].astype(np.float64) * self._mv_per_unit
            part[~np.isfinite(part)] = np.nan
            yield RecordingBlock(first, part)


def _by_row(matrix: Matrix) -> np.ndarray:
    """The matrix with a signal in each row: there are more samples than signals."""
    values = matrix.values
    return values if values.shape[0] <= values.shape[1] else values.T
