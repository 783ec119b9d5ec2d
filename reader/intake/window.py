"""A recording in windows of 10 s: each lead judged in each of them, the best one kept, whatever the length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.recording import RecordingStream
    from ecg.samples import FloatArray

__all__ = ["LEAST_S", "MOST_S", "WINDOW_S", "Window", "Windows"]

WINDOW_S: Final = 10
"""Length of the standard ECG at rest (Kligfield et al. 2007, Circulation 115:1306-1324), for which models and measures
are made."""

LEAST_S: Final = 5
"""Three beats at 40 bpm, with the waves around them: a shorter recording can be neither measured nor called regular."""

MOST_S: Final = 3600
"""A longer recording is for the monitor: it takes its time, and tells what changes."""

_EACH_UNTIL_S: Final = 600
_STRIDE: Final = 6
"""After ten minutes one window of each minute is judged."""


class Window(NamedTuple):
    """A part of a recording.

    Attributes:
        first_index: of its first sample in the recording.
        samples_mv: shape (signals, n), mV. NaN marks a lost sample.
    """

    first_index: int
    samples_mv: FloatArray


class Windows:
    """The windows of a recording, read once, a window in memory at a time.

    A recording of up to 10 s is one window. A longer one is cut into windows of 10 s, the last of which ends with it.
    After ten minutes one window of each minute is given.

    Args:
        stream: the recording.
        path: of its file, for messages.

    Attributes:
        length: samples of each signal; final once all windows were given.

    Raises:
        InputError: it is longer than an hour or shorter than 5 s.
    """

    def __init__(self, stream: RecordingStream, path: str) -> None:
        self._stream = stream
        self._path = path
        self._size = round(WINDOW_S * stream.rate_hz)
        self.length = stream.length or 0
        self._refuse_long()

    def __iter__(self) -> Iterator[Window]:
        """Read the recording.

        Raises:
            InputError: as above, or the recording is damaged.
        """
        size, end = self._size, 0
        before, present = self._empty(), self._empty()
        number = 0  # of the present window
        for block in self._stream.blocks():
            first, samples_mv = block.first_index, block.samples_mv
            end = first + samples_mv.shape[1]
            self.length = max(self.length, end)
            self._refuse_long()
            while samples_mv.shape[1]:
                if first // size > number:
                    if self._is_given(number):
                        yield Window(number * size, present)
                    before = present if first // size == number + 1 else self._empty()
                    present, number = self._empty(), first // size
                place = first % size
                part = samples_mv[:, : size - place]
                present[:, place : place + part.shape[1]] = part
                first, samples_mv = first + part.shape[1], samples_mv[:, part.shape[1] :]
        if self.length < LEAST_S * self._stream.rate_hz:
            seconds = float(self.length / self._stream.rate_hz)
            raise InputError(f"{self._path}: {seconds:.3g} s are too short to be measured; give {LEAST_S} s or more")
        yield self._last(number, before, present)

    def _last(self, number: int, before: FloatArray, present: FloatArray) -> Window:
        """The window that ends with the recording."""
        size = self._size
        if self.length <= size:
            return Window(0, present[:, : self.length])
        first = self.length - size
        whole = np.concatenate((before, present, self._empty()), axis=1)
        start = min(max(first - (number - 1) * size, 0), 2 * size)
        return Window(first, whole[:, start : start + size])

    def _empty(self) -> FloatArray:
        return np.full((len(self._stream.leads), self._size), np.nan)

    def _is_given(self, number: int) -> bool:
        return number * WINDOW_S < _EACH_UNTIL_S or number % _STRIDE == 0

    def _refuse_long(self) -> None:
        if self.length > MOST_S * self._stream.rate_hz:
            hours = float(self.length / self._stream.rate_hz / 3600)
            raise InputError(
                f"{self._path}: {hours:.1f} h are too long for one reading (1 h at most); "
                "ecg-edge replay goes through long recordings, or give a part of it"
            )
