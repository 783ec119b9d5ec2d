"""Conversions between seconds, milliseconds, beats per minute and 360 Hz samples."""

from __future__ import annotations

from typing import Final

from ecg.samples import SAMPLE_RATE_HZ

__all__ = ["NEVER", "bpm_of_rr", "ms_of", "rr_of_bpm", "samples_of", "seconds_of"]

NEVER: Final = 1 << 62
"""An index that no stream reaches (400 million years at 360 Hz): "nothing is due"."""


def samples_of(seconds: float) -> int:
    """Samples at 360 Hz in a stretch of time in s, rounded."""
    return round(seconds * SAMPLE_RATE_HZ)


def seconds_of(samples: int) -> float:
    """Length in s of a number of samples at 360 Hz, to the millisecond."""
    return round(samples / SAMPLE_RATE_HZ, 3)


def ms_of(samples: int) -> float:
    """Length in ms of a number of samples at 360 Hz, to a tenth."""
    return round(samples * 1000 / SAMPLE_RATE_HZ, 1)


def rr_of_bpm(bpm: float) -> float:
    """RR interval in samples at a rate in bpm."""
    return 60 * SAMPLE_RATE_HZ / bpm


def bpm_of_rr(rr: float) -> float:
    """Rate in bpm, to a tenth, of an RR interval in samples (above 0)."""
    return round(60 * SAMPLE_RATE_HZ / rr, 1)
