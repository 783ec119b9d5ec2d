"""The resampler gives exactly 360 Hz, whatever comes in and however it is cut."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from edge.signal.quantisation import STEPS_PER_MV, to_steps
from edge.signal.resampler import Resampler

RATES_HZ = (128, 250, 257, 300, 360, 500, 1000, Fraction(49937, 100))


def resample(samples_mv: np.ndarray, rate_hz: Fraction, cuts: list[int], first_index: int = 0) -> np.ndarray:
    resampler = Resampler(rate_hz=rate_hz, first_index=first_index)
    parts = [resampler.push(part) for part in np.split(to_steps(samples_mv), cuts)]
    return np.concatenate([*parts, resampler.finish()])


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_sine_of_11_hz_stays_itself_at_every_rate(rate_hz: Fraction) -> None:
    rate_hz = Fraction(rate_hz)
    seconds = 20
    samples_mv = np.sin(2 * np.pi * 11 * np.arange(int(seconds * rate_hz)) / float(rate_hz))
    out_mv = resample(samples_mv, rate_hz, []) / STEPS_PER_MV
    expected = np.sin(2 * np.pi * 11 * np.arange(len(out_mv)) / 360)
    assert len(out_mv) == pytest.approx(seconds * 360, abs=1)
    middle = slice(100, -100)
    assert np.abs(out_mv - expected)[middle].max() < 0.001


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_constant_stays_that_constant_to_the_last_bit(rate_hz: Fraction) -> None:
    out = resample(np.full(700, 1.25), Fraction(rate_hz), [])
    assert (out == 1.25 * STEPS_PER_MV).all()


def test_500_hz_gives_18_samples_for_25() -> None:
    assert len(resample(np.zeros(25_000), Fraction(500), [])) == 18_000


def test_what_lies_above_180_hz_does_not_fold_down() -> None:
    samples_mv = np.sin(2 * np.pi * 300 * np.arange(4000) / 1000)  # would appear at 60 Hz
    out_mv = resample(samples_mv, Fraction(1000), []) / STEPS_PER_MV
    assert np.abs(out_mv[50:-50]).max() < 0.001


def test_the_grid_is_anchored_at_source_index_0_also_after_a_gap() -> None:
    resampler = Resampler(rate_hz=Fraction(500), first_index=1001)
    assert resampler.next_index == 721  # 1001 * 18 / 25 = 720.7
    spike = np.zeros(500)
    spike[250 * 25 // 25 - 1] = 1.0  # source index 1250 = 360 Hz index 900
    out = np.concatenate((resampler.push(to_steps(spike)), resampler.finish()))
    assert 721 + int(out.argmax()) == 900


@pytest.mark.parametrize("rate_hz", [0, 10, 30_000])
def test_an_unusable_rate_is_refused_by_its_value(rate_hz: int) -> None:
    with pytest.raises(InputError, match=f"{rate_hz} Hz"):
        Resampler(rate_hz=Fraction(rate_hz))


@settings(max_examples=40, deadline=None)
@given(
    rate_hz=st.sampled_from(RATES_HZ),
    cuts=st.lists(st.integers(0, 600), max_size=20).map(sorted),
    first_index=st.integers(0, 5000),
    seed=st.integers(0, 1000),
)
def test_the_output_is_the_same_for_every_cutting(
    rate_hz: Fraction, cuts: list[int], first_index: int, seed: int
) -> None:
    samples_mv = np.random.default_rng(seed).normal(size=600).cumsum()
    whole = resample(samples_mv, Fraction(rate_hz), [], first_index)
    assert np.array_equal(resample(samples_mv, Fraction(rate_hz), cuts, first_index), whole)
