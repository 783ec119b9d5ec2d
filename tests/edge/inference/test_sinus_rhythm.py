"""The sinus interval goes along with the sinus node, holds still in a tachycardia and forgets what was noise."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.sinus_rhythm import SinusRhythm


def after(*intervals_s: float) -> SinusRhythm:
    rhythm = SinusRhythm()
    for interval_s in intervals_s:
        rhythm.add(interval_s)
    return rhythm


def sinus_s(rhythm: SinusRhythm) -> float:
    return math.exp(-rhythm.ln_to_sinus(1.0))


def test_nothing_deviates_before_the_first_interval() -> None:
    assert SinusRhythm().ln_to_sinus(0.3) == 0.0
    assert SinusRhythm().premature_share == 0.0


def test_it_goes_along_with_effort() -> None:
    ramp = [0.9 * 0.995**beat for beat in range(120)]  # 67 to 121 bpm
    assert sinus_s(after(*[0.9] * 50, *ramp)) == pytest.approx(ramp[-1], rel=0.06)


def test_it_holds_still_through_a_tachycardia_that_begins_at_once() -> None:
    rhythm = after(*[0.8] * 100, *[0.4] * 700)
    assert rhythm.ln_to_sinus(0.4) < math.log(0.6)
    assert rhythm.run_to_sinus == pytest.approx(math.log(0.5), abs=0.01)
    assert rhythm.run_beats > 600
    rhythm.add(0.8)
    rhythm.add(0.8)
    assert abs(rhythm.run_to_sinus) < 0.1


def test_one_ectopic_beat_does_not_end_a_run() -> None:
    assert after(*[0.8] * 40, *[0.4] * 30, 0.3, *[0.4] * 5).run_beats > 30


@pytest.mark.parametrize(("first_s", "then_s"), [(0.8, 1.2), (1.1, 0.8)])
def test_it_jumps_where_that_is_no_tachycardia(first_s: float, then_s: float) -> None:
    assert sinus_s(after(*[first_s] * 200, *[then_s] * 30)) == pytest.approx(then_s, rel=0.03)


def test_first_intervals_that_were_noise_are_forgotten() -> None:
    assert sinus_s(after(1.9, 1.2, *[0.45] * 60)) == pytest.approx(0.45, rel=0.15)


def test_premature_beats_do_not_shorten_it() -> None:
    bigeminy = after(*[0.8] * 20, *[0.5, 1.0] * 100)
    assert 0.7 < sinus_s(bigeminy) < 1.05
    trigeminy = after(*[0.8] * 20, *[0.8, 0.5, 1.1] * 60)
    assert sinus_s(trigeminy) == pytest.approx(0.8, rel=0.1)


def test_a_pause_does_not_lengthen_it() -> None:
    assert sinus_s(after(*[0.8] * 30, 12.0, 5.0, 0.8)) == pytest.approx(0.8, rel=0.01)


def test_after_chaos_it_gives_in() -> None:
    chaos = [0.5, 0.9, 0.35, 0.7, 1.1, 0.45, 0.62, 0.38, 0.95, 0.55, 0.8] * 30
    assert sinus_s(after(*[0.9] * 300, *chaos, *[0.45] * 200)) == pytest.approx(0.45, rel=0.15)


@given(st.lists(st.floats(0.01, 100.0), max_size=80))
def test_whatever_comes_all_figures_stay_finite(intervals_s: list[float]) -> None:
    rhythm = after(*intervals_s)
    assert math.isfinite(rhythm.ln_to_sinus(0.8))
    assert 0 <= rhythm.premature_share <= 1
    assert math.isfinite(rhythm.run_to_sinus)
