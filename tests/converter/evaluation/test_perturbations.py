"""A varied record is still the same heartbeats, and the reference goes with it."""

from __future__ import annotations

import numpy as np
import pytest

from converter.datasets.annotations import BeatAnnotations
from converter.evaluation.perturbations import VARIATIONS, vary
from converter.evaluation.stream import r_peaks_of

BEATS_S = np.arange(0.7, 59.0, 0.8)


@pytest.fixture(scope="module")
def signal_mv() -> np.ndarray:
    time_s = np.arange(60 * 360) / 360
    rng = np.random.default_rng(7)
    return sum(np.exp(-0.5 * ((time_s - at) / 0.012) ** 2) for at in BEATS_S) + 0.01 * rng.standard_normal(len(time_s))


@pytest.fixture
def reference() -> BeatAnnotations:
    index = np.rint(BEATS_S * 360).astype(np.int64)
    return BeatAnnotations(index, np.full(len(index), "N"), ventricular_flutter=((3600, 7200),))


@pytest.mark.parametrize("name", VARIATIONS)
def test_the_moved_reference_is_where_the_monitor_finds_the_beats(
    name: str, signal_mv: np.ndarray, reference: BeatAnnotations
) -> None:
    varied_mv, said_hz, moved = vary(name, signal_mv, 360, reference)
    found = r_peaks_of(varied_mv, said_hz)
    nearest = np.abs(found[:, np.newaxis] - moved.index).min(axis=1)
    assert len(found) == len(BEATS_S)
    assert nearest.max() <= 4


def test_heights_are_those_that_are_named(signal_mv: np.ndarray, reference: BeatAnnotations) -> None:
    weak_mv, _, _ = vary("QRS complexes of 0.2 mV", signal_mv, 360, reference)
    strong_mv, _, _ = vary("QRS complexes of 5 mV", signal_mv, 360, reference)
    assert np.ptp(weak_mv) == pytest.approx(0.2, rel=0.05)
    assert np.ptp(strong_mv) == pytest.approx(5.0, rel=0.05)


def test_a_fast_clock_makes_intervals_longer(signal_mv: np.ndarray, reference: BeatAnnotations) -> None:
    _, said_hz, moved = vary("clock 1 % too fast", signal_mv, 360, reference)
    assert said_hz == pytest.approx(356.44, abs=0.01)
    assert moved.index[-1] == round(reference.index[-1] * 1.01)
    assert moved.ventricular_flutter == ((3636, 7272),)
