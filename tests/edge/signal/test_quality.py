"""Signal quality names what is wrong, and lets clean ECG and quiet hearts pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.signal.filters import FilterBank
from edge.signal.quality import QualityMeter
from edge.signal.quantisation import to_steps

if TYPE_CHECKING:
    from ecg.samples import Quality

SECONDS = 10
TIME_S = np.arange(SECONDS * 360) / 360
RNG = np.random.default_rng(7)


def ecg_mv() -> np.ndarray:
    """QRS-like deflections of 1.2 mV once a second, with a T wave and the noise of a front end."""
    phase = (TIME_S % 1.0) - 0.4
    waves = 1.2 * np.exp(-((phase / 0.012) ** 2)) + 0.3 * np.exp(-(((phase - 0.25) / 0.05) ** 2))
    return waves + 0.004 * RNG.normal(size=len(TIME_S))


def judge(samples_mv: np.ndarray) -> Quality:
    filters = FilterBank(first_index=0)
    filters.push(to_steps(samples_mv))
    meter = QualityMeter(filters, first_index=0)
    qualities = [meter.judge(index) for index in range(360, len(samples_mv) + 1, 360)]
    return qualities[-1]


def test_clean_ecg_is_good_and_without_fault() -> None:
    quality = judge(ecg_mv())
    assert quality.good
    assert quality.faults == ()


def test_before_two_seconds_nothing_is_claimed() -> None:
    quality = judge(ecg_mv()[:360])
    assert quality.score is None
    assert not quality.good


def test_a_flat_line_is_bad() -> None:
    quality = judge(np.full(len(TIME_S), 0.3))
    assert quality.flat
    assert quality.score == 0.0


def test_a_silent_heart_with_the_noise_of_a_front_end_is_not_bad_signal() -> None:
    assert judge(0.015 * RNG.normal(size=len(TIME_S))).good


def test_an_offset_of_300_mv_changes_nothing() -> None:
    assert judge(ecg_mv() + 300).faults == ()


@pytest.mark.parametrize("rail_mv", [5.0, -5.0])
def test_a_signal_that_stands_at_its_rail_is_clipped(rail_mv: float) -> None:
    wandering = ecg_mv() + 6 * np.sin(2 * np.pi * 0.5 * TIME_S)
    clipped = np.minimum(wandering, rail_mv) if rail_mv > 0 else np.maximum(wandering, rail_mv)
    quality = judge(clipped)
    assert quality.clipped
    assert not quality.good


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_mains_hum_is_named_and_only_much_of_it_is_bad(mains_hz: int) -> None:
    hum = np.sin(2 * np.pi * mains_hz * TIME_S)
    some, much = judge(ecg_mv() + 0.2 * hum), judge(ecg_mv() + 1.5 * hum)
    assert some.mains
    assert some.good
    assert some.faults == ("mains",)
    assert not much.good


def test_muscle_noise_is_named_then_bad() -> None:
    noise = RNG.normal(size=len(TIME_S))
    assert judge(ecg_mv() + 0.05 * noise).muscle
    assert judge(ecg_mv() + 0.05 * noise).good
    assert not judge(ecg_mv() + 0.4 * noise).good


def test_a_drifting_baseline_is_named_then_bad() -> None:
    drift = np.sin(2 * np.pi * 0.2 * TIME_S)
    assert judge(ecg_mv() + 1.5 * drift).baseline
    assert judge(ecg_mv() + 1.5 * drift).good
    assert not judge(ecg_mv() + 12 * drift).good
