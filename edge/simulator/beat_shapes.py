"""The waves of a synthetic beat: a sum of Gaussians for P, Q, R, S and T.

After McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating synthetic electrocardiogram signals",
IEEE Trans Biomed Eng 50:289, 2003. Deviations: the Gaussians are added in time instead of driving an oscillator, so
that a beat can be placed anywhere, and QT follows the square root of RR (Bazett 1920) instead of the phase.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from edge.simulator.scenarios import Kind

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.heart import SimulatedBeat

__all__ = ["AFTER_S", "BEFORE_S", "beat_mv"]

BEFORE_S, AFTER_S = 0.35, 0.85
"""Reach of a beat's waves around its R peak."""

# Each wave: amplitude in mV, centre in s after the R peak, standard deviation in s. Lead II of a healthy adult.
_NARROW_QRS = np.array([(-0.09, -0.027, 0.008), (1.15, 0.0, 0.0105), (-0.22, 0.030, 0.010)])
_P = np.array([(0.07, -0.168, 0.018), (0.09, -0.150, 0.016)])
_PREMATURE_P = np.array([(0.10, -0.125, 0.014), (-0.04, -0.100, 0.010)])
# No P wave before it; wide and notched, with ST and T against the direction of the QRS.
_WIDE_QRS = np.array([(1.25, 0.0, 0.030), (0.55, 0.048, 0.028), (-0.30, 0.115, 0.030)])
_DISCORDANT_T = np.array([(-0.28, 0.250, 0.060), (-0.30, 0.330, 0.050)])


def _t_wave(rr_s: float) -> FloatArray:
    """Upright, rising more slowly than it falls, earlier and narrower at higher rates."""
    scale = sqrt(min(max(rr_s, 0.3), 1.4))
    return np.array([(0.16, 0.255 * scale, 0.050 * scale), (0.14, 0.300 * scale, 0.032 * scale)])


def _waves(beat: SimulatedBeat) -> FloatArray:
    """Amplitude, centre and width of each wave, shape (k, 3)."""
    if beat.symbol == "V":
        scale = sqrt(min(max(beat.rr_s, 0.35), 0.8) / 0.8)
        return np.vstack([_WIDE_QRS, _DISCORDANT_T * (1.0, scale, scale)])
    if beat.kind is Kind.AF:
        return np.vstack([_NARROW_QRS, _t_wave(beat.rr_s)])
    p_wave = _PREMATURE_P if beat.symbol == "A" else _P * (1.0, sqrt(min(beat.rr_s, 1.0)), 1.0)
    return np.vstack([p_wave, _NARROW_QRS, _t_wave(beat.rr_s)])


def beat_mv(beat: SimulatedBeat, times_s: FloatArray) -> FloatArray:
    """A beat's voltage.

    Args:
        beat: the beat.
        times_s: shape (n,), stream time.

    Returns:
        Shape (n,), mV.
    """
    waves = _waves(beat)
    z = (times_s[None, :] - beat.time_s - waves[:, 1, None]) / waves[:, 2, None]
    voltage: FloatArray = waves[:, 0] @ np.exp(-0.5 * z * z)
    return voltage
