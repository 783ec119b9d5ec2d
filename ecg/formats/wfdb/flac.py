"""FLAC streams as WFDB signal files (formats 508, 516 and 524), with soundfile (the extra `flac`)."""

from __future__ import annotations

from io import BufferedReader
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.formats.packed import reading
from ecg.formats.wfdb.storage import FLAC_BITS

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.wfdb.storage import Adc

__all__ = ["FlacStream"]

_CHECKED_BYTES = 1 << 20
_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}


class FlacStream:
    """An open FLAC stream, with a channel for each signal.

    Args:
        file: open for reading.
        path: for messages.
        number: of the storage format.
        width: signals in the file.
        per_frame: samples of each signal in a frame.

    Raises:
        InputError: soundfile is missing, or the stream does not fit the header.
    """

    def __init__(self, file: IO[bytes], path: Path, number: int, *, width: int, per_frame: int) -> None:
        try:
            import soundfile  # noqa: PLC0415 (an extra that only these formats need)
        except (ImportError, OSError):  # OSError: soundfile without its libsndfile
            raise InputError(
                f"{path}: storage format {number} needs the package soundfile: {how_to_install('flac')}"
            ) from None
        if not isinstance(file, BufferedReader):  # packed: its damage would be met inside libsndfile
            with reading(path):
                while file.read(_CHECKED_BYTES):
                    pass
                file.seek(0)
        try:
            self._sound: Any = soundfile.SoundFile(file)
            if self._sound.format != "FLAC":
                raise RuntimeError("no FLAC stream")  # noqa: TRY301 - said as what soundfile itself finds
        except RuntimeError as error:
            raise InputError(
                f"{path}: reading failed ({' '.join(str(error).split()).rpartition(': ')[2]}); copy the record again"
            ) from None
        bits = _BITS.get(self._sound.subtype, 99)
        if bits > FLAC_BITS[number] or self._sound.channels != width:
            raise InputError(
                f"{path}: {self._sound.channels} signals of {bits} bits are in it, not {width} of {FLAC_BITS[number]} "
                "as the header says; copy the record again"
            )
        self._shift = {8: 8, 16: 0, 24: 8}[bits]  # soundfile has no type of 8 or 24 bits and leaves the low 8 empty
        self._type = "int32" if bits == 24 else "int16"
        self._width = width
        self._per_frame = per_frame
        self.frames: int = self._sound.frames // per_frame

    def read(self, first: int, count: int, offset: int) -> Adc:
        """Samples of `count` frames from `first` on, shape (m,), in the order of other signal files."""
        self._sound.seek(first * self._per_frame + offset)
        sound = self._sound.read(count * self._per_frame, dtype=self._type, always_2d=True).astype(np.int32)
        whole = len(sound) // self._per_frame
        frames = sound[: whole * self._per_frame].reshape(whole, self._per_frame, self._width)
        samples: Adc = (frames >> self._shift).transpose(0, 2, 1).reshape(-1)
        return samples
