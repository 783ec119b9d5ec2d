"""Simulated motion: what a moving patient's electrodes add to an ECG, mixed into a record at changing strength.

An electrode that is pushed or whose skin is stretched answers with a step of voltage that dies away, or with a bump;
its spectrum, 1 to 10 Hz, is that of the QRS complex, and it may look like an ectopic beat (Moody, Muldrow and Mark, A
noise stress test for arrhythmia detectors, Computers in Cardiology 11:381-384, 1984; Webster, Reducing motion artifacts
and interference in biopotential recording, IEEE Trans Biomed Eng 31:823-826, 1984). Here each such disturbance rises
within 15 to 150 ms, as half a cosine, and falls exponentially; they come singly and in flurries, over baseline wander
and a little muscle noise. No noise recording takes part, so that all of them remain to measure by.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.signal import butter, sosfilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = ["add_motion", "motion", "motion_limit"]

_RISE_S: Final = (0.015, 0.15)
_FALL_S: Final = (0.03, 0.6)
_EACH_S: Final = (0.3, 3.0)
"""Mean time from one disturbance to the next ..."""
_CHANGES: Final = 0.05
"""... drawn anew after so many of them."""
_BLOCK_S: Final = 20.0
_SNR_DB: Final = (0.0, 24.0)
"""Of a block ..."""
_CALM: Final = 0.25
"""... of which so many have no noise."""
_WANDER_HZ: Final = (0.05, 0.7)
_MUSCLE_HZ: Final = (15.0, 50.0)


def motion(count: int, rate_hz: float, rng: np.random.Generator) -> FloatArray:
    """Noise of `count` samples; the RMS of what the disturbances add is 1."""
    noise = np.zeros(count)
    time_s = 0.0
    each_s = _logarithmic(_EACH_S, rng)
    while time_s < count / rate_hz:
        if rng.random() < _CHANGES:
            each_s = _logarithmic(_EACH_S, rng)
        time_s += rng.exponential(each_s)
        rise, fall = _logarithmic(_RISE_S, rng), _logarithmic(_FALL_S, rng)
        age_s = np.arange(round((rise + 5 * fall) * rate_hz)) / rate_hz
        bump = np.where(age_s < rise, 0.5 - 0.5 * np.cos(np.pi * age_s / rise), np.exp((rise - age_s) / fall))
        start = round(time_s * rate_hz)
        part = noise[start : start + len(bump)]
        part += rng.laplace() * bump[: len(part)]
    wander = _band(count, rate_hz, _WANDER_HZ, rng)
    muscle = _band(count, rate_hz, _MUSCLE_HZ, rng)
    return _of_unit_power(noise) + 0.5 * wander + 0.05 * muscle


def add_motion(signal_mv: FloatArray, rate_hz: float, height_mv: float, rng: np.random.Generator) -> FloatArray:
    """Mix motion into a signal, its strength drawn anew every 20 s.

    Args:
        signal_mv: shape (n,).
        rate_hz: of it.
        height_mv: of its QRS complexes, peak to peak; the SNR, 0 to 24 dB, is meant as in `converter.datasets.noise`.
        rng: the source of chance.
    """
    blocks = math.ceil(len(signal_mv) / rate_hz / _BLOCK_S)
    gain = 10 ** (-rng.uniform(*_SNR_DB, blocks) / 20) * height_mv / math.sqrt(8)
    gain[rng.random(blocks) < _CALM] = 0.0
    middle = (np.arange(blocks) + 0.5) * _BLOCK_S * rate_hz
    gains = np.interp(np.arange(len(signal_mv)), middle, gain)
    return signal_mv + gains * motion(len(signal_mv), rate_hz, rng)


def motion_limit(datasets: Sequence[str]) -> str:
    """What the figures of a model do not tell that learned from records of these data sets with motion, a sentence."""
    return (
        f"The first signal of each training record of {' and '.join(datasets)} is learned from once more with "
        "simulated motion mixed in (`converter/datasets/motion.py`): real electrodes may move otherwise."
    )


def _logarithmic(between: tuple[float, float], rng: np.random.Generator) -> float:
    return math.exp(rng.uniform(math.log(between[0]), math.log(between[1])))


def _of_unit_power(noise: FloatArray) -> FloatArray:
    return np.asarray(noise / max(float(noise.std()), np.finfo(float).tiny))


def _band(count: int, rate_hz: float, between_hz: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    filtered = sosfilt(butter(2, between_hz, "band", fs=rate_hz, output="sos"), rng.standard_normal(count))
    return _of_unit_power(np.asarray(filtered))
