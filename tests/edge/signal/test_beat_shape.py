"""The shapes of beats: likeness to those before, and the P wave that repeats itself."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, FloatArray
from edge.signal.beat_shape import LIKE, Shape, ShapeMeter

SAMPLES = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NOISE = np.random.default_rng(5)


def wave(centre: float, width: float, height_mv: float) -> FloatArray:
    return height_mv * np.exp(-(((SAMPLES - centre) / width) ** 2))


def beat(*, p_mv: float = 0.1, noise_mv: float = 0.02, p_centre: float = -58) -> FloatArray:
    """A beat with its P wave 160 ms before the R peak."""
    noise = np.convolve(NOISE.normal(0, noise_mv, BEAT_SAMPLES + 6), np.ones(7) / np.sqrt(7), "valid")
    return wave(0, 8, 1.0) + wave(14, 7, -0.2) + wave(100, 30, 0.2) + wave(p_centre, 12, p_mv) + noise


def measure(beats: list[FloatArray], rr_s: float = 0.8) -> list[Shape]:
    meter = ShapeMeter()
    return [meter.measure(window_mv, rr_s) for window_mv in beats]


def p_wave(shapes: list[Shape]) -> float:
    return fmean(shape.p_wave for shape in shapes if shape.p_wave is not None)


def test_a_p_wave_before_each_beat_is_seen() -> None:
    assert p_wave(measure([beat() for _ in range(32)])) > 0.6


def test_without_a_p_wave_there_is_about_nothing() -> None:
    assert abs(p_wave(measure([beat(p_mv=0) for _ in range(64)]))) < 0.08


def test_fibrillatory_waves_bound_to_no_beat_are_no_p_wave() -> None:
    beats = [
        beat(p_mv=0) + 0.1 * np.sin(2 * np.pi * 6 * SAMPLES / 360 + NOISE.uniform(0, 2 * np.pi)) for _ in range(128)
    ]
    assert p_wave(measure(beats)) < 0.1


@pytest.mark.parametrize("gain", [-1.0, 0.2, 5.0])
def test_polarity_and_gain_of_the_lead_make_no_difference(gain: float) -> None:
    beats = [beat() for _ in range(16)]
    expected = measure(beats)
    for shape, other in zip(expected, measure([gain * window_mv for window_mv in beats]), strict=True):
        assert other == (pytest.approx(shape.likeness), pytest.approx(shape.p_wave))


def test_a_beat_of_another_shape_is_unlike_and_tells_nothing_of_p_waves() -> None:
    wide = wave(10, 40, -1.5)
    *before, last, after = measure([*(beat() for _ in range(10)), wide, beat()])
    assert last.likeness is not None
    assert last.likeness < LIKE
    assert last.p_wave is None
    assert all(shape.likeness is None or shape.likeness > 0.95 for shape in (*before, after))


def test_after_a_short_interval_a_t_wave_is_not_taken_for_a_p_wave() -> None:
    shapes = measure([beat() for _ in range(4)], rr_s=0.45)
    assert [shape.p_wave for shape in shapes] == [None] * 4


def test_what_cannot_be_measured_is_unknown() -> None:
    meter = ShapeMeter()
    assert meter.measure(None, 0.8) == (None, None)
    assert meter.measure(np.zeros(BEAT_SAMPLES), 0.8) == (None, None)
    assert meter.measure(beat(), None) == (None, None)
