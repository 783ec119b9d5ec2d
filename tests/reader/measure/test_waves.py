"""Waves from probabilities."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reader.measure.delineation import beat_waves
from reader.measure.waves import FoundWave, LeadWaves, find_waves

if TYPE_CHECKING:
    from ecg.samples import FloatArray

PERIOD_MS = 4.0


def probabilities(length: int, *waves: tuple[int, float, float]) -> FloatArray:
    """Probability 1 inside each wave (column, begin, end), a half at its very ends."""
    found = np.zeros((length, 4))
    places = np.arange(length)
    for column, begin, end in waves:
        found[:, column] += np.clip(places - begin + 0.5, 0, 1) * np.clip(end - places + 0.5, 0, 1)
    found[:, 3] = 1 - found[:, :3].sum(axis=1)
    return found


def test_begins_and_ends_lie_between_samples() -> None:
    likely = probabilities(500, (0, 100.3, 125.7), (1, 140.25, 162.5), (2, 200.9, 249.1))
    found = find_waves(likely, np.zeros(500), PERIOD_MS)
    for waves, begin, end in ((found.p, 100.3, 125.7), (found.qrs, 140.25, 162.5), (found.t, 200.9, 249.1)):
        assert [(wave.begin, wave.end) for wave in waves] == [pytest.approx((begin, end), abs=0.1)]


def test_what_is_too_short_is_none() -> None:
    assert find_waves(probabilities(500, (0, 100, 104)), np.zeros(500), PERIOD_MS) == LeadWaves((), (), ())


def test_a_doubtful_moment_does_not_cut_a_wave_in_two() -> None:
    found = find_waves(probabilities(500, (1, 100, 112), (1, 117, 130)), np.zeros(500), PERIOD_MS)
    assert [(wave.begin, wave.end) for wave in found.qrs] == [(100, 130)]


def test_of_two_complexes_at_once_the_larger_stands() -> None:
    found = find_waves(probabilities(500, (1, 100, 112), (1, 130, 160)), np.zeros(500), PERIOD_MS)
    assert [(wave.begin, wave.end) for wave in found.qrs] == [(130, 160)]


def test_between_two_complexes_there_is_one_t_wave() -> None:
    likely = probabilities(700, (1, 100, 120), (2, 150, 165), (2, 200, 250), (1, 400, 420), (2, 470, 520))
    found = find_waves(likely, np.zeros(700), PERIOD_MS)
    assert [wave.begin for wave in found.t] == [200, 470]


def test_the_peak_is_where_a_wave_is_farthest_from_the_line_between_its_ends() -> None:
    samples = np.linspace(0, 5, 500)
    samples[190:211] -= np.hanning(21)
    found = find_waves(probabilities(500, (2, 180, 220)), samples, PERIOD_MS)
    assert found.t[0].peak == pytest.approx(200, abs=0.5)


@given(arrays(np.float64, st.tuples(st.integers(1, 400), st.just(4)), elements=st.floats(0, 1)))
def test_any_probabilities_give_waves_in_order(likely: FloatArray) -> None:
    found = find_waves(likely, np.zeros(len(likely)), PERIOD_MS)
    for waves in (found.p, found.qrs, found.t):
        for wave in waves:
            assert 0 <= wave.begin <= wave.peak <= wave.end <= len(likely) - 1
        assert all(one.end <= other.begin for one, other in pairwise(waves))


def test_a_p_wave_that_no_complex_follows_stands_by_itself() -> None:
    blocked, conducted = FoundWave(10, 15, 20, 10), FoundWave(110, 115, 120, 10)
    waves = LeadWaves(p=(blocked, conducted), qrs=(FoundWave(140, 150, 160, 20),), t=(FoundWave(200, 220, 240, 40),))
    alone, beat = beat_waves(waves, PERIOD_MS)
    assert (alone.p and alone.p.peak_ms, alone.qrs, alone.t) == (60, None, None)
    assert beat.p is not None
    assert beat.t is not None
    assert (beat.p.onset_ms, beat.t.end_ms) == (440, 960)
