"""Heights: what a file's numbers are worth in mV, and what is done where nobody knows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.formats.units import mv_per_unit
from ecg.samples import runs
from ecg.swing import HIGHEST_MV, LOWEST_MV, spoken_mv

if TYPE_CHECKING:
    from fractions import Fraction

    from ecg.samples import FloatArray

__all__ = ["Scaled", "is_clipped", "is_flat", "scale", "without_stuck"]

USUAL_SWING_MV: Final = 1.0
"""What the median lead swings within 2 s. Leads of an unknown unit are brought to it, so that the monitor's thresholds,
which are in mV, hold for them."""

FLAT_MV: Final = 0.006
"""A lead that swings less within 2 s has no signal: the input noise of a front end is more (ADS1292R: 8 uVpp)."""

_STANDARDISED: Final = 0.02
"""Leads whose standard deviations are 1, to within this, were standardised: their heights are lost."""

_CLIPPED_SAMPLES, _CLIPPED_S, _CLIPPED_TIMES, _CLIPPED_MV = 3, 0.01, 2, 0.5
"""So many samples, and so long, a lead stays at a limit, so often, and so far from its median."""

_STUCK_S: Final = 1.0
"""A lead that keeps one value for so long has lost its signal: noise moves the last bit of any converter."""

_WINDOW_S: Final = 2


class Scaled(NamedTuple):
    """Samples whose heights are known, or known to be unknown.

    Attributes:
        samples_mv: as given; multiplied by `factor` where the unit is not known.
        factor: 1 where heights are in mV.
        is_calibrated: whether they are.
        remark: what is wrong with the heights; empty if nothing is.
    """

    samples_mv: FloatArray
    factor: float
    is_calibrated: bool
    remark: str


def scale(samples_mv: FloatArray, rate_hz: Fraction, *, unit: str | None) -> Scaled:
    """Check the heights of leads, and bring those of unknown leads to the usual height of an ECG.

    Args:
        samples_mv: shape (leads, n), in what the file says is mV.
        rate_hz: their rate.
        unit: that the file, or a person, names; None where nobody does.
    """
    usual = _usual_swing(samples_mv, rate_hz)
    remark = ""
    if unit is None:
        remark = (
            "the unit of its numbers is not known: heights are not measured; give it with --unit, such as uV or 200/mV"
        )
    elif usual and not LOWEST_MV <= usual <= HIGHEST_MV:
        remark = (
            f"its leads swing by {spoken_mv(usual)}, which no ECG does: heights are not measured; "
            f"give the unit with --unit{_likely_unit(usual, unit)}"
        )
    elif _are_standardised(samples_mv):
        remark = "each lead is scaled to a standard deviation of 1: heights are not measured"
    if not remark or not usual:
        return Scaled(samples_mv, 1.0, not remark, remark)
    factor = USUAL_SWING_MV / usual
    return Scaled(samples_mv * factor, factor, False, remark)


def _likely_unit(swing_mv: float, unit: str) -> str:
    """The unit in which such a swing is that of an ECG, as the end of a message."""
    worth = mv_per_unit(unit) or 1.0
    for word in ("V", "mV", "uV", "nV"):
        would_be = swing_mv * (mv_per_unit(word) or 1.0) / worth
        if LOWEST_MV <= would_be <= HIGHEST_MV:
            return f" ({word} would make it {spoken_mv(would_be)})"
    return ", such as 200/mV"


def is_flat(samples_mv: FloatArray, rate_hz: Fraction) -> bool:
    """Whether a lead, shape (n,), has no signal: most of the time it does not move, or its samples are lost."""
    swings = _swings(samples_mv, rate_hz)
    return not len(swings) or float(np.median(swings)) < FLAT_MV


def without_stuck(samples_mv: FloatArray, rate_hz: Fraction) -> FloatArray:
    """A lead, shape (n,), with what stays at one value for a second and more marked as lost (NaN)."""
    edges = np.flatnonzero(np.diff(samples_mv, prepend=np.nan, append=np.nan) != 0)
    freed = samples_mv.copy()
    for start, stop in itertools.pairwise(edges):
        if stop - start >= _STUCK_S * rate_hz:
            freed[start:stop] = np.nan
    return freed


def is_clipped(samples_mv: FloatArray, rate_hz: Fraction) -> bool:
    """Whether a lead, shape (n,), stays at its highest or lowest value again and again: its converter had no more.

    In 8,388 leads of PTB-XL, `ludb` and `cinc2021` none does so twice.
    """
    known = samples_mv[np.isfinite(samples_mv)]
    if not len(known):
        return False
    least = max(_CLIPPED_SAMPLES, float(_CLIPPED_S * rate_hz))
    for limit in (known.max(), known.min()):
        stays = [stop - start for start, stop in runs(known == limit) if stop - start >= least]
        if len(stays) >= _CLIPPED_TIMES and abs(limit - np.median(known)) >= _CLIPPED_MV:
            return True
    return False


def _swings(samples: FloatArray, rate_hz: Fraction) -> FloatArray:
    """How far a lead swings in each 2 s that are not lost; a shorter lead counts as a whole."""
    window = max(2, round(_WINDOW_S * rate_hz))
    whole = len(samples) // window * window
    parts = samples[:whole].reshape(-1, window) if whole else samples[np.newaxis]
    parts = parts[np.isfinite(parts).any(axis=1)]
    swings: FloatArray = np.nanmax(parts, axis=1) - np.nanmin(parts, axis=1) if len(parts) else np.empty(0)
    return swings


def _usual_swing(samples_mv: FloatArray, rate_hz: Fraction) -> float:
    """What the median lead swings in the median of the windows in which it moves; 0 where none does."""
    moving = [swings[swings > 0] for swings in (_swings(row, rate_hz) for row in samples_mv)]
    medians = [float(np.median(swings)) for swings in moving if len(swings)]
    return float(np.median(medians)) if medians else 0.0


def _are_standardised(samples_mv: FloatArray) -> bool:
    """Whether three leads and more have a standard deviation of 1, and all that move do."""
    deviations = np.array([np.std(row[np.isfinite(row)]) for row in samples_mv if np.isfinite(row).any()])
    moving = deviations[deviations > 0]
    return len(moving) >= 3 and bool(np.all(np.abs(moving - 1) < _STANDARDISED))
