"""What is done in numpy is what scipy does."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.measure.filters import monotone_curve, resampled, without_wander
from tests.support.twelve_leads import noise, normal_samples_mv

signal = pytest.importorskip("scipy.signal", reason="scipy comes with the extra [converter]")
interpolate = pytest.importorskip("scipy.interpolate", reason="scipy comes with the extra [converter]")

RATIOS = ["1/2", "1/4", "5/2", "25/36", "250/257", "5/6", "125/128", "2/1"]


def lead(rate_hz: int = 250) -> np.ndarray:
    rows = normal_samples_mv(rate_hz=rate_hz)
    wander = 0.4 * np.sin(2 * np.pi * 0.15 * np.arange(rows.shape[1]) / rate_hz)
    return np.asarray(rows[1] + wander + 0.7 + noise((rows.shape[1],)))


@pytest.mark.parametrize("ratio", [Fraction(ratio) for ratio in RATIOS])
@pytest.mark.parametrize("length", [1, 2, 30, 2500])
def test_resampling_is_that_of_scipy(ratio: Fraction, length: int) -> None:
    samples = lead()[:length]
    if length == 1:
        assert len(resampled(samples, ratio)) == -(-ratio.numerator // ratio.denominator)
        return
    expected = signal.resample_poly(samples, ratio.numerator, ratio.denominator, padtype="line")
    np.testing.assert_allclose(resampled(samples, ratio), expected, atol=1e-9)


def test_a_long_signal_is_resampled_in_parts_that_fit() -> None:
    samples = np.tile(lead(), 30)
    expected = signal.resample_poly(samples, 1, 2, padtype="line")
    np.testing.assert_allclose(resampled(samples, Fraction(1, 2)), expected, atol=1e-9)


@pytest.mark.parametrize("seconds", [5, 10, 30])
def test_the_filter_is_that_of_scipy_where_its_ends_do_not_matter(seconds: int) -> None:
    samples = np.tile(lead(), 3)[: seconds * 250]
    sections = signal.butter(2, 0.3, "highpass", fs=250, output="sos")
    expected = signal.sosfiltfilt(sections, samples, padlen=len(samples) - 1)
    found = without_wander(samples, 0.3, 250)
    np.testing.assert_allclose(found, expected, atol=0.02)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=0.005)


@given(
    st.lists(st.floats(0.5, 300), min_size=2, max_size=12),
    st.lists(st.floats(-2, 2).map(lambda level: round(level, 3)), min_size=12, max_size=12),
)
def test_the_curve_is_that_of_scipy(widths: list[float], levels: list[float]) -> None:
    at = np.cumsum(widths)
    chosen = np.array(levels[: len(at)])
    places = np.linspace(at[0], at[-1], 200)
    expected = interpolate.PchipInterpolator(at, chosen)(places)
    np.testing.assert_allclose(monotone_curve(at, chosen, places), expected, atol=1e-9)
