"""Encodes samples for a WFDB signal file in format 16 or 32, and sums up what its header needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.formats.wfdb.header import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from ecg.scale import Scale

__all__ = ["SignalEncoder"]

_FILL = 1 << 16  # samples of a gap that are encoded in one piece


class SignalEncoder:
    """Encodes the leads of a record one block after the other.

    Args:
        scales: one for each lead, all of 16 bits or all of 32.

    Attributes:
        scales: may be replaced, by scales of the same bits, while only lost samples have been encoded.
        samples: samples of each lead that have been encoded.
    """

    def __init__(self, scales: Sequence[Scale]) -> None:
        self.scales = tuple(scales)
        self.samples = 0
        self._checksums = [0] * len(self.scales)
        self._initial: list[int] | None = None

    @property
    def format(self) -> int:
        """Number of the storage format, 16 or 32. It equals the bits of a sample."""
        return self.scales[0].bits

    @property
    def bytes_a_sample(self) -> int:
        """Bytes of one sample of every lead."""
        return len(self.scales) * self.format // 8

    def encode(self, samples_mv: FloatArray) -> bytes:
        """Encode samples in mV, shape (leads, n). NaN becomes the number of a missing sample."""
        return self._take(
            np.stack([scale.to_numbers(lead_mv) for scale, lead_mv in zip(self.scales, samples_mv, strict=True)])
        )

    def encode_lost(self, count: int) -> Iterator[bytes]:
        """Encode `count` lost samples, in pieces."""
        missing = np.array([[scale.missing] for scale in self.scales])
        for first in range(0, count, _FILL):
            yield self._take(np.repeat(missing, min(_FILL, count - first), axis=1))

    def signals(self, file: Path, names: Sequence[str]) -> tuple[Signal, ...]:
        """The signal lines of the header.

        Args:
            file: the signal file.
            names: names of the leads.
        """
        initial = self._initial or [0] * len(self.scales)
        return tuple(
            Signal(
                name=name,
                file=file,
                format=self.format,
                offset=0,
                gain_per_mv=scale.gain_per_mv,
                baseline=round(scale.baseline),
                unit="mV",
                checksum=checksum,
                initial=first,
            )
            for name, scale, checksum, first in zip(names, self.scales, self._checksums, initial, strict=True)
        )

    def _take(self, numbers: NDArray[np.int64]) -> bytes:
        """Add numbers, shape (leads, n), to the sums, and interleave them as signal files do."""
        if not numbers.shape[1]:
            return b""
        if self._initial is None:
            self._initial = numbers[:, 0].tolist()
        self.samples += numbers.shape[1]
        self._checksums = [
            known + new for known, new in zip(self._checksums, numbers.sum(axis=1).tolist(), strict=True)
        ]
        return numbers.T.astype(f"<i{self.format // 8}").tobytes()
