"""What networks are shown: the same of an ECG whatever its rate, its length and what it lacks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.classify.heights import HEIGHTS, NAMES
from reader.classify.preparation import SAMPLES, filtered, prepare, windows
from reader.twelve_leads import LEADS, TwelveLeads

SPREAD_S = 0.02


def ecg_mv(rate_hz: float, duration_s: float = 10, scale: float = 1.0) -> np.ndarray:
    """Twelve leads of beats at 75 bpm, each of a height of its own, on a baseline that wanders."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    beats = sum(np.exp(-0.5 * ((time_s - at_s) / SPREAD_S) ** 2) for at_s in np.arange(0.4, duration_s, 0.8))
    tall = np.linspace(-1, 2, len(LEADS)) + 0.01
    return scale * (tall[:, np.newaxis] * beats + 0.5 * np.sin(2 * np.pi * 0.1 * time_s))


@pytest.mark.parametrize("rate_hz", [125, 250, 257, 360, 500, 977.5, 1000])
def test_a_network_is_shown_the_same_at_each_rate(rate_hz: float) -> None:
    own = prepare(ecg_mv(rate_hz), rate_hz, is_calibrated=True)
    other = prepare(ecg_mv(100), 100, is_calibrated=True)
    inside = slice(50, -50)
    assert np.abs(own.leads[inside] - other.leads[inside]).max() < 0.15  # of 5 at the R peaks
    assert np.abs(own.heights - other.heights).max() < 0.06


def test_the_band_is_that_of_the_standardised_part_of_ptbxl() -> None:
    time_s = np.arange(10 * 500) / 500
    for hz, expected in ((0.1, 0), (0.5, 0.5), (5, 1), (20, 1), (40, 0.5), (49, 0)):
        gain = filtered(np.sin(2 * np.pi * hz * time_s), 500)[200:-200].std() * np.sqrt(2)
        assert gain == pytest.approx(expected, abs=0.13), hz


def test_the_scale_shows_in_the_heights_alone() -> None:
    own, tall = (prepare(ecg_mv(500, scale=scale), 500, is_calibrated=True) for scale in (1, 2))
    assert np.allclose(own.leads, tall.leads, atol=1e-5)
    named = dict(zip(NAMES, tall.heights / np.where(own.heights == 0, 1, own.heights), strict=True))
    assert named["V6 highest"] == pytest.approx(2, rel=1e-3)


def test_heights_in_no_known_unit_are_masked() -> None:
    assert not prepare(ecg_mv(500), 500, is_calibrated=False).heights.any()


def test_a_lead_that_is_missing_or_flat_is_zero() -> None:
    samples_mv = ecg_mv(500)
    samples_mv[2] = np.nan
    samples_mv[5] = 0.3
    ready = prepare(samples_mv, 500, is_calibrated=True)
    assert not ready.leads[:, [2, 5]].any()
    assert list(np.flatnonzero(~ready.present)) == [2, 5]
    assert not ready.heights[[1 + 2, 13 + 2, 25 + 5]].any()


def test_lost_samples_are_zero_and_the_rest_is_as_it_was() -> None:
    samples_mv = ecg_mv(500)
    whole = prepare(samples_mv, 500, is_calibrated=True)
    samples_mv[1, 2000:2250] = np.nan
    ready = prepare(samples_mv, 500, is_calibrated=True)
    assert np.abs(ready.leads[400:450, 1]).max() < 0.5
    assert np.corrcoef(ready.leads[500:, 1], whole.leads[500:, 1])[0, 1] > 0.98


def test_a_short_recording_stands_in_the_middle() -> None:
    ready = prepare(ecg_mv(500, 5), 500, is_calibrated=True)
    assert ready.duration_s == 5
    assert not ready.leads[:250].any()
    assert not ready.leads[750:].any()
    assert ready.leads[250:750].any(axis=1).all()


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 700),
    st.floats(50, 1000),
    st.sampled_from([0.0, np.nan, np.inf, 1e300, -1e-300]),
    st.integers(0, 2**16),
)
def test_whatever_comes_is_prepared(length: int, rate_hz: float, odd: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples_mv = rng.standard_normal((len(LEADS), length))
    samples_mv[rng.random(samples_mv.shape) < 0.3] = odd
    ready = prepare(samples_mv, rate_hz, is_calibrated=True)
    assert ready.leads.shape == (SAMPLES, len(LEADS))
    assert ready.heights.shape == (HEIGHTS,)
    assert np.isfinite(ready.leads).all()
    assert np.isfinite(ready.heights).all()


@pytest.mark.parametrize(("duration_s", "starts_s"), [(4, [0]), (10, [0]), (19, [0]), (40, [0, 15, 30]), (26, [0, 16])])
def test_a_long_recording_is_shown_in_parts(duration_s: int, starts_s: list[float]) -> None:
    ecg = TwelveLeads(samples_mv=ecg_mv(100, duration_s), rate_hz=Fraction(100), recorded=LEADS)
    found = list(windows(ecg, most=3))
    assert [start_s for _, start_s in found] == starts_s
    assert all(samples_mv.shape == (12, min(duration_s, 10) * 100) for samples_mv, _ in found)
