"""What a page says about its own digitisation: leads that other leads give, and a lead that is printed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["decibel_of_error", "self_check"]

_LEAST_SAMPLES: Final = 500
"""1 s at 500 Hz that the leads must have in common."""


def self_check(samples_mv: FloatArray, twice: tuple[str, FloatArray] | None) -> dict[str, float | None]:
    """Ratios of variances in dB; None where the page has not both sides.

    Einthoven: II over I + III - II. Goldberger: aVR over aVR + aVL + aVF. Twice: a lead over the difference of its two
    printed copies.

    Args:
        samples_mv: shape (12, n), mV, 500 Hz.
        twice: a lead that is printed twice, and its second copy, shape (n,).
    """
    lead = dict(zip(LEADS, samples_mv, strict=True))
    return {
        "einthoven_db": decibel_of_error(lead["II"], lead["I"] + lead["III"] - lead["II"]),
        "goldberger_db": decibel_of_error(lead["aVR"], lead["aVR"] + lead["aVL"] + lead["aVF"]),
        "twice_db": None if twice is None else decibel_of_error(lead[twice[0]], lead[twice[0]] - twice[1]),
    }


def decibel_of_error(signal_mv: FloatArray, error_mv: FloatArray) -> float | None:
    """10 log10 of the variance of a signal over that of its error, where both are known."""
    known = np.isfinite(signal_mv) & np.isfinite(error_mv)
    if np.count_nonzero(known) < _LEAST_SAMPLES:
        return None
    signal, error = float(signal_mv[known].var()), float(error_mv[known].var())
    return round(10 * float(np.log10(max(signal, 1e-9) / max(error, 1e-9))), 2)
