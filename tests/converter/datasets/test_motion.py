"""Simulated motion is noise of the strength and the spectrum that it is told to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.signal import welch

from converter.datasets.motion import add_motion, motion

if TYPE_CHECKING:
    from collections.abc import Callable

RATES_HZ = (128.0, 360.0)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_most_of_its_power_lies_below_and_in_the_band_of_the_qrs_complex(rate_hz: float) -> None:
    noise = motion(round(1800 * rate_hz), rate_hz, np.random.default_rng(1))
    frequency_hz, power = welch(noise, rate_hz, nperseg=4096)
    share = {limit_hz: power[frequency_hz < limit_hz].sum() / power.sum() for limit_hz in (0.5, 1.0, 10.0)}
    assert share[0.5] < 0.7
    assert share[10.0] - share[1.0] > 0.15
    assert share[10.0] > 0.95


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_it_is_as_strong_as_the_ratio_says_and_leaves_calm_stretches(rate_hz: float) -> None:
    signal_mv = np.zeros(round(3600 * rate_hz))
    noise_mv = add_motion(signal_mv, rate_hz, 2.0, np.random.default_rng(2))
    seconds = noise_mv.reshape(3600, -1).std(axis=1)
    loudest_mv = 2.0 / np.sqrt(8)  # 0 dB
    assert 0.1 * loudest_mv < seconds.mean() < 0.6 * loudest_mv
    assert (seconds == 0).sum() > 20
    np.testing.assert_allclose(add_motion(signal_mv, rate_hz, 1.0, np.random.default_rng(2)), noise_mv / 2)


def test_the_same_seed_gives_the_same_noise_and_another_another() -> None:
    one, same, other = (motion(3600, 360.0, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.1


def test_the_same_seed_gives_the_same_motion_in_each_version(rounded_digest: Callable[..., str]) -> None:
    """Models that ship learned from these very draws."""
    mixed = [
        add_motion(np.zeros(round(130 * rate_hz)), rate_hz, 1.5, np.random.default_rng(seed))
        for seed in range(4)
        for rate_hz in RATES_HZ
    ]
    assert rounded_digest(*mixed) == "8c1468a6219cf30f"
