"""From any source rate to exactly 360 Hz, streaming.

A polyphase windowed-sinc interpolator (Smith, "Digital audio resampling", CCRMA): output `m` lies at source position
`m * rate / 360`, computed with whole numbers, so that the grid never drifts. Each phase's taps are whole numbers that
sum to the same scale, so that a constant stays that constant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ, FloatArray

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Resampler"]

_ZERO_CROSSINGS: Final = 10  # on either side: passband to 0.85 of the lower Nyquist frequency
_KAISER_BETA: Final = 7.0  # about -70 dB of aliasing
_CUTOFF: Final = 0.92  # of the lower Nyquist frequency
_MOST_PHASES: Final = 4096  # rates with more take the nearest phase: at most 1/8192 of a source sample off
_SCALE: Final = 2.0**16
_LOWEST_HZ, _HIGHEST_HZ = 50, 20_000


class Resampler:
    """Resamples one gapless stretch; indices on both sides count from the same instant.

    Args:
        rate_hz: rate of the source.
        first_index: source index of the first sample that will be pushed.

    Raises:
        InputError: the rate is outside 50 Hz to 20 kHz.
    """

    def __init__(self, *, rate_hz: Fraction, first_index: int = 0) -> None:
        if not _LOWEST_HZ <= rate_hz <= _HIGHEST_HZ:
            raise InputError(
                f"a sample rate of {float(rate_hz):g} Hz cannot be used: it must lie between "
                f"{_LOWEST_HZ} and {_HIGHEST_HZ} Hz; check the rate in the recording's header or settings"
            )
        ratio = SAMPLE_RATE_HZ / rate_hz
        self._up, self._down = ratio.numerator, ratio.denominator
        self.next_index = -(-first_index * self._up // self._down)
        """360 Hz index of the next output."""
        self._received_until = first_index
        self._identity = ratio == 1
        if not self._identity:
            self._taps = _polyphase_taps(rate_hz, min(self._up, _MOST_PHASES))
            self._reach = self._taps.shape[1] // 2
        self._kept: FloatArray | None = None  # source samples still needed
        self._kept_from = first_index

    def push(self, steps: FloatArray) -> FloatArray:
        """Take the next source samples, return the 360 Hz samples that are complete; both in quantisation steps."""
        self._received_until += len(steps)
        if self._identity:
            self.next_index += len(steps)
            return steps
        if self._kept is None:
            if not len(steps):
                return steps
            self._kept = np.full(self._reach, steps[0])  # before the first sample: that sample, held
            self._kept_from -= self._reach
        self._kept = np.concatenate((self._kept, steps))
        return self._outputs(self._received_until - self._reach)

    def finish(self) -> FloatArray:
        """End of the stretch: the outputs up to its last sample, which is held for the filter's reach."""
        if self._identity or self._kept is None:
            return np.empty(0)
        self._kept = np.concatenate((self._kept, np.full(self._reach, self._kept[-1])))
        return self._outputs(self._received_until)

    def _outputs(self, until: int) -> FloatArray:
        """All outputs whose source position, rounded down, is before `until`."""
        assert self._kept is not None
        last = -(-until * self._up // self._down)  # first output at or after `until`
        count = last - self.next_index
        if count <= 0:
            return np.empty(0)
        positions = np.arange(self.next_index, last, dtype=np.int64) * self._down
        whole, part = np.divmod(positions, self._up)
        phases = part * len(self._taps) // self._up
        starts = whole - (self._reach - 1) - self._kept_from
        windows = np.lib.stride_tricks.sliding_window_view(self._kept, 2 * self._reach)[starts]
        result: FloatArray = np.rint(np.einsum("ij,ij->i", windows, self._taps[phases]) / _SCALE)
        self.next_index = last
        keep_from = (self.next_index * self._down) // self._up - (self._reach - 1)
        if keep_from > self._kept_from:
            self._kept = self._kept[keep_from - self._kept_from :]
            self._kept_from = keep_from
        return result


@lru_cache(maxsize=4)  # each stretch and lead of a recording asks for the same
def _polyphase_taps(rate_hz: Fraction, phases: int) -> FloatArray:
    """Whole-number taps, shape (phases, 2 * reach); row `p` interpolates `p / phases` past sample `reach - 1`."""
    lower = min(1.0, float(SAMPLE_RATE_HZ / rate_hz)) * _CUTOFF
    reach = int(np.ceil(_ZERO_CROSSINGS / lower))
    offsets = np.arange(2 * reach) - (reach - 1) - np.arange(phases)[:, np.newaxis] / phases
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (offsets / reach) ** 2, 0, None)))
    taps: FloatArray = np.sinc(offsets * lower) * window
    taps = np.rint(taps / taps.sum(axis=1, keepdims=True) * _SCALE)
    nearest = reach - 1 + (np.arange(phases) >= phases / 2)
    taps[np.arange(phases), nearest] += _SCALE - taps.sum(axis=1)  # rounding's rest goes to the largest tap
    return taps
