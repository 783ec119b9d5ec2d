"""WFDB records written without the code under test."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["pack_samples", "write_record"]


def pack_212(samples: Sequence[int]) -> bytes:
    """Pack 12-bit samples pair by pair, as signal(5) draws them; an odd last one takes two bytes."""
    content = bytearray()
    for position in range(0, len(samples), 2):
        first = samples[position] & 0xFFF
        if position + 1 == len(samples):
            content += bytes([first & 0xFF, first >> 8])
        else:
            second = samples[position + 1] & 0xFFF
            content += bytes([first & 0xFF, (second >> 8) << 4 | first >> 8, second & 0xFF])
    return bytes(content)


def pack_ten_bits(number: int, samples: Sequence[int]) -> bytes:
    """Pack 10-bit samples, three in four bytes, as signal(5) draws them; only the bytes that are needed at the end."""
    content = bytearray()
    for position in range(0, len(samples), 3):
        group = [value & 0x3FF for value in samples[position : position + 3]]
        first, second, third = [*group, 0, 0][:3]
        if number == 310:
            low, high = first << 1 | (third & 0x1F) << 11, second << 1 | (third >> 5) << 11
            word, needed = low | high << 16, (2, 4, 4)[len(group) - 1]
        else:
            word, needed = first | second << 10 | third << 20, (2, 3, 4)[len(group) - 1]
        content += word.to_bytes(4, "little")[:needed]
    return bytes(content)


def pack_samples(number: int, samples: Sequence[int]) -> bytes:  # noqa: PLR0911
    """Pack samples in the storage format of that number."""
    if number == 212:
        return pack_212(samples)
    if number in {310, 311}:
        return pack_ten_bits(number, samples)
    if number == 8:
        return bytes((value - before) & 0xFF for before, value in pairwise([0, *samples]))
    if number == 160:
        return np.array([value + 32768 for value in samples]).astype("<u2").tobytes()
    if number == 24:
        return b"".join(value.to_bytes(3, "little", signed=True) for value in samples)
    if number == 80:
        return bytes(value + 128 for value in samples)
    return np.array(samples).astype({16: "<i2", 61: ">i2", 32: "<i4"}[number]).tobytes()


def write_record(
    folder: Path,
    adc: NDArray[np.int64],
    *,
    number: int = 212,
    gain: str = "200",
    first_line: str | None = None,
    checksum_error: int = 0,
) -> Path:
    """Write a record `r`, all signals in one file.

    Args:
        folder: where to.
        adc: shape (n, signals).
        number: of the storage format.
        gain: of each signal, as the header has it.
        first_line: of the header; None: one that fits.
        checksum_error: is added to each checksum.
    """
    path = folder / "r"
    path.with_suffix(".dat").write_bytes(pack_samples(number, adc.reshape(-1).tolist()))
    lines = [f"r {adc.shape[1]} 360 {len(adc)}" if first_line is None else first_line]
    for name, column in zip(("MLII", "V5", "V1"), adc.T, strict=False):
        checksum = (int(column.sum()) + checksum_error + 32768) % 65536 - 32768
        lines.append(f"r.dat {number} {gain} 12 0 {column[0]} {checksum} 0 {name}")
    path.with_suffix(".hea").write_text("\n".join(lines) + "\n")
    return path
