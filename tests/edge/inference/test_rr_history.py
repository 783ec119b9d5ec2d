"""Where an interval stands among the last minutes: early beats stay early when they are many."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.rr_history import HISTORY_FEATURES, INTERVALS, history_features

Intervals = st.lists(st.floats(0.2, 4.0), max_size=INTERVALS)


def features(intervals_s: list[float], before_s: float, after_s: float = 0.8) -> dict[str, float]:
    return dict(zip(HISTORY_FEATURES, history_features(intervals_s, before_s, after_s), strict=True))


def test_a_beat_of_a_long_run_is_still_early_against_the_minutes_before() -> None:
    found = features([0.8] * 400 + [0.42] * 80, 0.42)
    assert found["ln_rr_before_to_p50_of_64"] == pytest.approx(0)
    assert found["ln_rr_before_to_p50_of_512"] == pytest.approx(math.log(0.42 / 0.8))
    assert found["share_alike_of_64"] == 1.0


def test_where_early_beats_are_the_most_the_late_ones_are_still_seen() -> None:
    found = features([0.7, 0.7, 0.7, 1.4] * 64, 0.7)
    assert found["ln_rr_before_to_p50_of_512"] == pytest.approx(0)
    assert found["ln_rr_before_to_p80_of_64"] == pytest.approx(math.log(0.5))
    assert found["share_longer_of_64"] == 0.25


def test_steady_and_irregular_rhythm_differ() -> None:
    assert features([0.8] * 64, 0.8)["share_steady_of_64"] == 1.0
    assert features([0.8, 1.0] * 32, 0.8)["share_steady_of_64"] == 0.0


def test_with_no_history_nothing_deviates() -> None:
    found = features([], 0.8)
    assert all(found[name] == 0 for name in HISTORY_FEATURES if name.startswith("ln_"))
    assert found["spread_of_64"] == 0


@given(Intervals, st.floats(0.05, 30.0), st.floats(0.05, 30.0))
def test_all_features_are_within_the_range_that_int8_is_calibrated_for(
    intervals_s: list[float], before_s: float, after_s: float
) -> None:
    found = history_features(intervals_s, before_s, after_s)
    assert len(found) == len(HISTORY_FEATURES)
    assert all(-1.5 <= value <= 1.5 for value in found)
