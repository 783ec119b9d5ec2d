"""The filters share one time axis, remove what they must, and do not care how the stream is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.signal.coefficients import LOW_PASS_SCALE, LOW_PASS_TAPS
from edge.signal.filters import FilterBank
from edge.signal.quantisation import STEPS_PER_MV, to_steps

TRACKS = ("raw", "low", "baseline", "band", "energy")


def run(samples_mv: np.ndarray, cuts: list[int] | None = None) -> FilterBank:
    filters = FilterBank(first_index=0)
    for part in np.split(to_steps(samples_mv), cuts or []):
        filters.push(part)
    return filters


def values(filters: FilterBank, track: str) -> np.ndarray:
    found = getattr(filters, track)
    return found[found.start : found.end]


def sine(frequency_hz: float, seconds: float = 20) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * 360)) / 360)


def gain(track: str, frequency_hz: float) -> float:
    filters = run(sine(frequency_hz))
    settled = slice(2000, 6000)
    output = getattr(filters, track)[settled]
    if track == "low":
        output = output - filters.baseline[settled]
    return float(np.sqrt(2 * np.mean(output**2))) / STEPS_PER_MV


def test_all_tracks_put_an_impulse_at_its_own_index() -> None:
    spike = np.zeros(3000)
    spike[1000] = 1.0
    filters = run(spike)
    for track, tolerance in (("raw", 0), ("low", 0), ("baseline", 0), ("band", 0), ("energy", 27)):
        found = getattr(filters, track)
        assert found.start + int(np.abs(values(filters, track)).argmax()) == pytest.approx(1000, abs=tolerance), track


def test_a_constant_offset_leaves_no_trace_from_the_first_sample_on() -> None:
    filters = run(np.full(2000, 250.0))
    assert not (filters.low[0:1700] - filters.baseline[0:1700]).any()
    assert not values(filters, "energy").any()


@pytest.mark.parametrize(
    ("frequency_hz", "lowest", "highest"),
    [(0.1, 0, 0.03), (0.3, 0, 0.2), (2, 0.95, 1.1), (10, 0.95, 1.05), (30, 0.95, 1.05), (50, 0, 0.01), (60, 0, 0.01)],
)
def test_the_beat_signal_keeps_the_waves_and_drops_wander_and_mains(
    frequency_hz: float, lowest: float, highest: float
) -> None:
    assert lowest <= gain("low", frequency_hz) <= highest


def test_the_committed_taps_are_those_that_scipy_designs() -> None:
    pytest.importorskip("scipy")
    from converter.training.design_filters import design

    assert list(LOW_PASS_TAPS) == design()
    assert sum(LOW_PASS_TAPS) == LOW_PASS_SCALE


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 900), max_size=30).map(sorted), seed=st.integers(0, 1000))
def test_every_track_is_the_same_for_every_cutting(cuts: list[int], seed: int) -> None:
    samples_mv = np.random.default_rng(seed).normal(size=900).cumsum() / 10
    whole, cut = run(samples_mv), run(samples_mv, cuts)
    for track in TRACKS:
        assert np.array_equal(values(whole, track), values(cut, track)), track


def test_forgetting_keeps_what_was_not_forgotten() -> None:
    filters = run(sine(5))
    kept = filters.low[5000:5100].copy()
    filters.forget(4000)
    assert np.array_equal(filters.low[5000:5100], kept)
    assert filters.low.start == 4000
