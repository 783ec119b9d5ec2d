"""Noise as for the Noise Stress Test Database: where it is, how loud it is, and no step at its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from converter.datasets.annotations import BeatAnnotations
from converter.datasets.noise import add_noise, noise_level_mv, noisy_spans_s, qrs_height_mv
from ecg.errors import InputError

RATE_HZ = 360
BEATS = BeatAnnotations(np.arange(180, 360 * 720, 360), np.array(["N"] * 719 + ["V"]))


def clean(height_mv: float = 2.0) -> np.ndarray:
    """Twelve minutes with a triangle of that height at each beat; the last one, ventricular, is ten times as high."""
    signal_mv = np.zeros(360 * 720)
    for number, index in enumerate(BEATS.index.tolist()):
        triangle = height_mv * np.array([0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25])
        signal_mv[index - 3 : index + 4] = triangle * (10 if number == 719 else 1)
    return signal_mv


def noise(level_mv: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(3)
    drift = 5 * np.sin(np.arange(360 * 400) / 360 * 2 * np.pi / 200)  # slow: not to be counted
    return level_mv * rng.standard_normal(360 * 400) + drift


def test_two_minutes_in_four_have_noise_after_the_first_five() -> None:
    assert noisy_spans_s(1805.5) == (*((start, start + 120) for start in range(300, 1600, 240)), (1740, 1805.5))
    assert noisy_spans_s(299.0) == ()


def test_the_height_is_that_of_the_beats_that_are_not_ventricular() -> None:
    assert qrs_height_mv(clean(), RATE_HZ, BEATS) == pytest.approx(2.0)


def test_the_level_of_the_noise_is_without_its_drift() -> None:
    assert noise_level_mv(noise(0.3), RATE_HZ) == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("snr_db", [24, 6, 0])
def test_the_ratio_is_a_sine_of_the_height_of_the_beats_over_the_noise(snr_db: int) -> None:
    signal_mv = clean()
    added = add_noise(signal_mv, noise(), RATE_HZ, BEATS, snr_db) - signal_mv
    second_by_second = added[300 * 360 : 420 * 360].reshape(-1, 360).std(axis=1).mean()
    assert 10 * math.log10(2.0**2 / 8 / second_by_second**2) == pytest.approx(snr_db, abs=0.3)


def test_clean_stretches_stay_clean_and_nothing_jumps_at_their_edges() -> None:
    signal_mv = clean()
    added = add_noise(signal_mv, noise(), RATE_HZ, BEATS, 12) - signal_mv
    assert (added[: 300 * 360] == 0).all()
    assert np.ptp(added[420 * 360 : 540 * 360]) == pytest.approx(0, abs=1e-9)
    loudest_step = np.abs(np.diff(added[300 * 360 : 420 * 360])).max()
    for edge_s in (300, 420, 540, 660):
        assert abs(added[edge_s * 360] - added[edge_s * 360 - 1]) <= loudest_step


def test_silence_and_a_record_without_beats_cannot_be_scaled() -> None:
    with pytest.raises(InputError, match="no noise in it"):
        noise_level_mv(np.zeros(3600), RATE_HZ)
    with pytest.raises(InputError, match="no normal beat"):
        qrs_height_mv(clean(), RATE_HZ, BeatAnnotations(np.array([400]), np.array(["V"])))
