"""The time column of a CSV file: what a cell says, and the sampling rate that the first rows tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["TimeGrid", "learn_grid", "seconds_or_none"]

_HIGHEST_DENOMINATOR = 1000
"""A rate that is no whole number of Hz is rounded to a fraction with at most this denominator."""


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """The regular steps behind printed times.

    Attributes:
        rate_hz: sampling rate.
        step_s: 1 / rate.
        longest_step_s: a longer one is a gap; shorter ones are steps blurred by the rounding of the times.
    """

    rate_hz: Fraction
    step_s: float
    longest_step_s: float


def seconds_or_none(cell: str, seconds_per_unit: float = 1.0) -> float | None:
    """Time in a cell, in s; None for text.

    Numbers, clock times such as `0:01.250`, and ISO 8601 dates with time (UTC where they name no zone) are understood.
    """
    cell = cell.strip(" \t\"'[]\r\n")
    try:
        number = float(cell) * seconds_per_unit
        return number if isfinite(number) else None
    except ValueError:
        pass
    try:
        if "-" not in cell:
            parts = [float(part) for part in cell.split(":")]
            return sum((part * 60.0**power for power, part in enumerate(reversed(parts))), 0.0)
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def learn_grid(times_s: FloatArray, rate_hz: Fraction | None) -> TimeGrid | None:
    """Find the sampling rate in the first times of a file.

    The mean of the ordinary steps is taken, not their median: times are often rounded (360 Hz in ms steps by 2, 3, 3),
    and the mean over many rows undoes that. Within its uncertainty the rate is taken to be a whole number of Hz.

    Args:
        times_s: shape (n,), in s.
        rate_hz: where it is known otherwise; then only the steps' blur is learned.

    Returns:
        None where fewer than two steps go forward.
    """
    steps_s = np.diff(times_s)
    if np.count_nonzero(steps_s > 0) < 2:
        return None
    low_s, high_s = (float(value) for value in np.percentile(steps_s, (5, 95)))
    ordinary_s = steps_s[(steps_s >= 0) & (steps_s <= 1.5 * high_s)]
    blur_s = high_s - low_s
    if rate_hz is None:
        rate = len(ordinary_s) / float(ordinary_s.sum())
        uncertainty = max(1e-6, 2 * blur_s / float(ordinary_s.sum()))
        whole = round(rate)
        if whole and abs(whole - rate) <= uncertainty * rate:
            rate_hz = Fraction(whole)
        else:
            rate_hz = Fraction(rate).limit_denominator(_HIGHEST_DENOMINATOR)
        if rate_hz <= 0:
            return None
    step_s = float(1 / rate_hz)
    return TimeGrid(rate_hz, step_s, max(1.5 * step_s, 1.25 * step_s + blur_s))
