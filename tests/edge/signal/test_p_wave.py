"""The P wave that repeats itself before each beat."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, FloatArray
from edge.signal.beat_morphology import BeatMorphology, MeasuredBeat

SAMPLES = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NOISE = np.random.default_rng(5)


def wave(centre: float, width: float, height_mv: float) -> FloatArray:
    return height_mv * np.exp(-(((SAMPLES - centre) / width) ** 2))


def beat(*, p_mv: float = 0.1, noise_mv: float = 0.02, p_centre: float = -58) -> FloatArray:
    """A beat with its P wave 160 ms before the R peak."""
    noise = np.convolve(NOISE.normal(0, noise_mv, BEAT_SAMPLES + 6), np.ones(7) / np.sqrt(7), "valid")
    return wave(0, 8, 1.0) + wave(14, 7, -0.2) + wave(100, 30, 0.2) + wave(p_centre, 12, p_mv) + noise


def measure(beats: list[FloatArray], rr_s: float | None = 0.8) -> list[MeasuredBeat]:
    morphology = BeatMorphology()
    measured = []
    for number, window_mv in enumerate(beats):
        measured.append(morphology.measure(window_mv, rr_s))
        morphology.add(measured[-1], 0.8 * number)
    return measured


def p_wave(beats: list[MeasuredBeat]) -> float:
    return fmean(each.p_wave for each in beats if each.p_wave is not None)


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
    for one, other in zip(expected, measure([gain * window_mv for window_mv in beats]), strict=True):
        assert other.to_usual == pytest.approx(one.to_usual)
        assert other.p_wave == (None if one.p_wave is None else pytest.approx(one.p_wave))


def test_a_beat_of_another_shape_tells_nothing_of_p_waves() -> None:
    wide = wave(10, 40, -1.5)
    *_, last, after = measure([*(beat() for _ in range(10)), wide, beat()])
    assert last.p_wave is None
    assert after.p_wave is not None


@pytest.mark.parametrize("rr_s", [0.45, None])
def test_after_a_short_interval_or_an_unknown_one_a_t_wave_is_not_taken_for_a_p_wave(rr_s: float | None) -> None:
    assert [each.p_wave for each in measure([beat() for _ in range(4)], rr_s)] == [None] * 4


def test_nothing_precedes_a_flat_line() -> None:
    flat = measure([np.zeros(BEAT_SAMPLES)] * 3)
    assert {each.p_wave for each in flat} <= {None, 0.0}
