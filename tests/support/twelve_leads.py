"""A made-up ECG of twelve leads whose waves are known: Gaussian waves with the heights of a normal adult's leads."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import FloatArray

__all__ = ["RATE_HZ", "R_TIMES_S", "noise", "normal_ecg", "normal_samples_mv"]

RATE_HZ: Final = 500
R_TIMES_S: Final = tuple(0.5 + 0.8 * beat for beat in range(12))
"""75 bpm for 10 s."""

_WAVES: Final = ((-0.16, 0.022), (-0.028, 0.008), (0.0, 0.010), (0.028, 0.009), (0.28, 0.045))
"""P, Q, R, S, T: time to the R peak and standard deviation, s."""

_HEIGHTS_MV: Final = {
    "I": (0.08, -0.04, 0.6, -0.10, 0.20),
    "II": (0.15, -0.06, 1.0, -0.15, 0.30),
    "V1": (0.04, 0.0, 0.2, -0.9, -0.05),
    "V2": (0.06, 0.0, 0.4, -1.3, 0.40),
    "V3": (0.07, 0.0, 0.8, -0.9, 0.50),
    "V4": (0.08, -0.05, 1.4, -0.4, 0.50),
    "V5": (0.08, -0.08, 1.3, -0.2, 0.40),
    "V6": (0.08, -0.10, 1.0, -0.1, 0.30),
}


def normal_samples_mv(
    *,
    rate_hz: int = RATE_HZ,
    duration_s: float = 10.0,
    r_times_s: Sequence[float] = R_TIMES_S,
    heights_mv: dict[str, tuple[float, ...]] | None = None,
) -> FloatArray:
    """Samples of the twelve leads, shape (12, n), mV, by `LEADS`, with a little noise.

    Args:
        rate_hz: sampling rate.
        duration_s: length.
        r_times_s: times of the R peaks.
        heights_mv: of P, Q, R, S and T in leads other than normal: of I, II, V1 to V6.
    """
    times_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    own: dict[str, FloatArray] = {}
    for lead, heights in (_HEIGHTS_MV | (heights_mv or {})).items():
        own[lead] = np.zeros(len(times_s))
        for at in r_times_s:
            for height, (shift, width) in zip(heights, _WAVES, strict=True):
                own[lead] += height * np.exp(-0.5 * ((times_s - at - shift) / width) ** 2)
    one, two = own["I"], own["II"]
    own |= {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    clean: FloatArray = np.array([own[lead] for lead in LEADS])
    return clean


def noise(shape: tuple[int, ...], *, sd_mv: float = 0.005, seed: int = 1) -> FloatArray:
    """White noise."""
    return np.random.default_rng(seed).normal(0, sd_mv, shape)


def normal_ecg(**changes: object) -> TwelveLeads:
    """The ECG of a normal heart; `changes` as for `normal_samples_mv`."""
    samples_mv = normal_samples_mv(**changes)  # type: ignore[arg-type]
    samples_mv += noise(samples_mv.shape)
    rate_hz = changes.get("rate_hz", RATE_HZ)
    assert isinstance(rate_hz, int)
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(rate_hz), recorded=LEADS)
