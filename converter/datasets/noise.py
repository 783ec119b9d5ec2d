"""Noise mixed into clean records as for the MIT-BIH Noise Stress Test Database.

Method: `nst` and `sigamp` of the WFDB Software Package (WFDB Applications Guide, nst(1) and sigamp(1)); Moody, Muldrow
and Mark, A noise stress test for arrhythmia detectors, Computers in Cardiology 11:381-384, 1984. Five clean minutes,
then two minutes with noise and two without, in turn, to the end.

Signal power is a sine's with the peak-to-peak height of the QRS complexes: height squared over 8. The height is a
trimmed mean over the first 300 beats that are not ventricular, each within 50 ms of its annotation. Noise power is the
square of the RMS over windows of 1 s, each about its own mean (so that slow drift, which troubles no detector, hardly
counts), again a trimmed mean over the first 300.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import of_classes
from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from converter.datasets.annotations import BeatAnnotations
    from converter.datasets.matching import Span
    from ecg.samples import FloatArray

__all__ = ["add_noise", "noise_level_mv", "noisy_spans_s", "qrs_height_mv"]

LEARNING_S = 300
BLOCK_S = 120
MEASURED = 300
"""Beats, and seconds of noise, that the powers are measured on."""
TRIMMED = 20
"""One in so many measurements is left out at either end."""
QRS_HALF_S = 0.05


def noisy_spans_s(duration_s: float) -> tuple[Span, ...]:
    """The stretches of a record that get noise, in s."""
    starts = np.arange(LEARNING_S, duration_s, 2 * BLOCK_S)
    return tuple((float(start), float(min(start + BLOCK_S, duration_s))) for start in starts)


def qrs_height_mv(signal_mv: FloatArray, rate_hz: float, beats: BeatAnnotations) -> float:
    """Peak-to-peak height of the QRS complexes of a record.

    Raises:
        InputError: it has no beat to measure.
    """
    normal = of_classes(beats.symbol, "NS")
    middles = np.rint(beats.index[normal][:MEASURED] * rate_hz / SAMPLE_RATE_HZ).astype(np.int64)
    half = round(QRS_HALF_S * rate_hz)
    heights = [float(np.ptp(signal_mv[max(middle - half, 0) : middle + half])) for middle in middles.tolist()]
    if not heights:
        raise InputError("no normal beat to measure the QRS complexes by: noise can be scaled to annotated ECGs only")
    return _trimmed_mean(heights)


def noise_level_mv(noise_mv: FloatArray, rate_hz: float) -> float:
    """RMS of a noise recording.

    Raises:
        InputError: it is shorter than a second, or silent.
    """
    width = round(rate_hz)
    windows = noise_mv[: len(noise_mv) // width * width].reshape(-1, width)[:MEASURED]
    level = _trimmed_mean(windows.std(axis=1).tolist()) if len(windows) else 0.0
    if not level:
        raise InputError("the noise recording has no noise in it")
    return level


def add_noise(
    signal_mv: FloatArray, noise_mv: FloatArray, rate_hz: float, beats: BeatAnnotations, snr_db: float
) -> FloatArray:
    """Mix noise into the noisy stretches of a record, without a step where they begin or end.

    Args:
        signal_mv: shape (n,), the clean record.
        noise_mv: shape (m,), at the same rate; played again from its start where it ends too early.
        rate_hz: of both.
        beats: the record's reference beats.
        snr_db: signal to noise ratio within the noisy stretches.

    Raises:
        InputError: there is no beat or no noise to scale by.
    """
    height_mv = qrs_height_mv(signal_mv, rate_hz, beats)
    gain = 10 ** (-snr_db / 20) * height_mv / math.sqrt(8) / noise_level_mv(noise_mv, rate_hz)
    noise_mv = np.resize(noise_mv, len(signal_mv))
    mixed = signal_mv.copy()
    offset_mv = 0.0
    end = 0
    for start_s, end_s in noisy_spans_s(len(signal_mv) / rate_hz):
        start = round(start_s * rate_hz)
        mixed[end:start] += offset_mv
        end = round(end_s * rate_hz)
        added = gain * noise_mv[start - 1 : end]
        mixed[start:end] += offset_mv + added[1:] - added[0]
        offset_mv += float(added[-1] - added[0])
    mixed[end:] += offset_mv
    return mixed


def _trimmed_mean(values: list[float]) -> float:
    cut = len(values) // TRIMMED
    return float(np.mean(np.sort(values)[cut : len(values) - cut]))
