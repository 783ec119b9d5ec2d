"""Analysis of samples: known signals give their known values, and unknown values stay unknown."""

from __future__ import annotations

import numpy as np
import pytest

from edge.bench import analysis

RATE_HZ = 500


def wave(height_uv: float, hz: float, seconds: float = 4.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.where((time_s * hz) % 1 < 0.5, height_uv / 2, -height_uv / 2)


def test_a_square_wave_has_its_height_and_frequency_in_noise_with_an_offset_and_soft_edges() -> None:
    noise_uv = np.random.default_rng(1).normal(0, 3, 4 * RATE_HZ)
    soft_uv = np.convolve(wave(2016.7, 1.0), np.ones(5) / 5, mode="same") + 300 + noise_uv
    found = analysis.square_wave(soft_uv, RATE_HZ)
    assert found is not None
    assert found.height_uv == pytest.approx(2016.7, abs=1)
    assert found.hz == pytest.approx(1.0, abs=0.01)


def test_a_signal_without_a_square_wave_has_no_height() -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    assert analysis.square_wave(1000 * np.sin(2 * np.pi * time_s), RATE_HZ) is None
    assert analysis.square_wave(np.random.default_rng(1).normal(0, 3, 4 * RATE_HZ), RATE_HZ) is None
    assert analysis.square_wave(np.array([]), RATE_HZ) is None


def test_clipped_samples_leave_every_figure_unknown() -> None:
    clipped_uv = np.append(wave(2000, 1), np.nan)
    assert analysis.square_wave(clipped_uv, RATE_HZ) is None
    assert analysis.rms_uv(clipped_uv) is None
    assert analysis.peak_to_peak_uv(clipped_uv) is None
    assert analysis.supply_v(clipped_uv, channel=1) is None
    assert analysis.temperature_c(clipped_uv) is None


def test_figures_of_the_datasheet() -> None:
    assert analysis.temperature_c(np.full(10, 145_300.0)) == pytest.approx(25.0)
    assert analysis.temperature_c(np.full(10, 145_300.0 + 4900)) == pytest.approx(35.0)
    assert analysis.supply_v(np.full(10, 1.65e6), channel=1) == pytest.approx(3.3)
    assert analysis.supply_v(np.full(10, 0.825e6), channel=2) == pytest.approx(3.3)
    assert analysis.rms_uv(np.array([1.0, -1.0, 1.0, -1.0]) + 7) == pytest.approx(1.0)
