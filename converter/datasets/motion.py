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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.signal import butter, sosfilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = ["MotionParameters", "add_motion", "motion", "motion_limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionParameters:
    """The numbers of `motion` and `add_motion`; what is marked (log) is drawn even in its logarithm.

    Attributes:
        rise_s, fall_s: (log) how long a disturbance rises, and the time constant of its fall.
        each_s: (log) mean time from one disturbance to the next, drawn anew after a share `changes` of them.
        wander_hz, muscle_hz: bands of the baseline wander and of the muscle noise.
        wander, muscle: RMS of these, where that of the disturbances is 1.
        block_s: the strength is drawn anew for each block of so long.
        snr_db: of a block.
        calm: share of the blocks without noise.
    """

    rise_s: tuple[float, float] = (0.015, 0.15)
    fall_s: tuple[float, float] = (0.03, 0.6)
    each_s: tuple[float, float] = (0.3, 3.0)
    changes: float = 0.05
    wander_hz: tuple[float, float] = (0.05, 0.7)
    muscle_hz: tuple[float, float] = (15.0, 50.0)
    wander: float = 0.5
    muscle: float = 0.05
    block_s: float = 20.0
    snr_db: tuple[float, float] = (0.0, 24.0)
    calm: float = 0.25


_MOTION: Final = MotionParameters()


def motion(count: int, rate_hz: float, rng: np.random.Generator) -> FloatArray:
    """Noise of `count` samples; the RMS of what the disturbances add is 1."""
    own = _MOTION
    noise = np.zeros(count)
    time_s = 0.0
    each_s = _logarithmic(own.each_s, rng)
    while time_s < count / rate_hz:
        if rng.random() < own.changes:
            each_s = _logarithmic(own.each_s, rng)
        time_s += rng.exponential(each_s)
        rise, fall = _logarithmic(own.rise_s, rng), _logarithmic(own.fall_s, rng)
        age_s = np.arange(round((rise + 5 * fall) * rate_hz)) / rate_hz
        bump = np.where(age_s < rise, 0.5 - 0.5 * np.cos(np.pi * age_s / rise), np.exp((rise - age_s) / fall))
        start = round(time_s * rate_hz)
        part = noise[start : start + len(bump)]
        part += rng.laplace() * bump[: len(part)]
    wander = _band(count, rate_hz, own.wander_hz, rng)
    muscle = _band(count, rate_hz, own.muscle_hz, rng)
    return _of_unit_power(noise) + own.wander * wander + own.muscle * muscle


def add_motion(signal_mv: FloatArray, rate_hz: float, height_mv: float, rng: np.random.Generator) -> FloatArray:
    """Mix motion into a signal, its strength drawn anew every 20 s.

    Args:
        signal_mv: shape (n,).
        rate_hz: of it.
        height_mv: of its QRS complexes, peak to peak; the SNR, 0 to 24 dB, is meant as in `converter.datasets.noise`.
        rng: the source of chance.
    """
    own = _MOTION
    blocks = math.ceil(len(signal_mv) / rate_hz / own.block_s)
    gain = 10 ** (-rng.uniform(*own.snr_db, blocks) / 20) * height_mv / math.sqrt(8)
    gain[rng.random(blocks) < own.calm] = 0.0
    middle = (np.arange(blocks) + 0.5) * own.block_s * rate_hz
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
